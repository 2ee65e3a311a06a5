import pytest

from deepvein.findings.screening import OperatingPoint
from deepvein.laboratory.cards.aims import AIMS, aim_of
from deepvein.laboratory.trials.measurement import measure
from deepvein.screening.bundle import Metric
from deepvein.studies.study import Modality
from unit.laboratory.trials.outcomes import outcome


def test_every_aim_is_a_figure_that_is_measured():
    outcomes = [outcome(0, has_dvt=True), outcome(1, has_dvt=False)]
    point = OperatingPoint("even odds", 0.5, None, None, "nothing")
    names = {metric.name for metric in measure(outcomes, "made up", point, draws=2).metrics}
    assert {aim.metric for aim in AIMS} <= names


@pytest.mark.parametrize(("modality", "least"), [(Modality.CT, 0.75), (Modality.MR, 0.85)])
def test_modalities_may_have_aims_of_their_own(modality, least):
    assert aim_of("thrombus Dice", modality).least == least
    assert aim_of("deep-vein Dice", modality).least == 0.85
    assert aim_of("slice AUROC", modality) is None


def test_an_aim_is_reached_from_its_value_on():
    aim = aim_of("study AUROC", Modality.CT)
    assert aim.is_reached(Metric("study AUROC", 0.97, 0.9, 1.0))
    assert not aim.is_reached(Metric("study AUROC", 0.969, 0.96, 1.0))
