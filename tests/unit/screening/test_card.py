from dataclasses import replace

from deepvein.findings.calibration import Calibration
from deepvein.findings.screening import OperatingPoint
from deepvein.screening.card import card
from deepvein.screening.models import Bundle, Measurement, Metric
from deepvein.studies.study import Modality
from unit.screening.outcomes import outcome

BUNDLE = Bundle(
    name="ct",
    version="1.2.3",
    modality=Modality.CT,
    summary="Veins.",
    training_data="Nine synthetic legs.",
    calibration=Calibration(),
    operating_point=OperatingPoint("sensitivity 95%", 0.25, 0.96, None, "5 studies"),
    measured=(Measurement("4 studies", 4, 2, (Metric("study AUROC", 0.9, 0.8, 1.0),)),),
)


def test_a_card_says_what_it_is_for_and_what_was_measured():
    text = card(BUNDLE, [outcome(0, has_dvt=True)], "deepvein bundle ct")
    assert "Research use only. Not a medical device." in text
    assert "synthetic legs only" in text
    assert "| study AUROC | 0.900 | 0.80 to 1.00 |" in text
    assert "deepvein bundle ct" in text
    assert "sensitivity 0.96, specificity not known" in text


def test_failures_are_named_the_largest_first():
    missed = replace(outcome(3, has_dvt=True, found=False), voxel_ml=0.02)
    false = outcome(4, has_dvt=False, false=1)
    text = card(BUNDLE, [outcome(0, has_dvt=True), missed, false], "")
    assert "Missed altogether: 1 of 2 thrombi" in text
    assert "- case case3, thrombus 1: 2.00 ml" in text
    assert "False findings: 1 in 3 studies" in text
    assert "- case case4: left popliteal vein, 2.00 ml, probability 0.30" in text
