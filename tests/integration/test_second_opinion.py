"""The bundled CT models on knees that their generator did not make: short thrombi are reported."""

import pytest

from deepvein.laboratory.second_opinion.knees import KneeSettings
from deepvein.laboratory.second_opinion.trial import ask, summed
from deepvein.screening.bundle import bundle_for
from deepvein.studies.study import Modality

pytestmark = pytest.mark.slow

FAINT = KneeSettings(
    slices=(40, 44),
    spacing_mm=(3.0, 1.1, 1.1),
    rows=150,
    columns=300,
    vein=(95.0, 115.0),
    noise=13.0,
    length_mm=(30.0, 60.0),
)


def test_short_thrombi_are_reported_and_nothing_else():
    """A healthy pair, one with an acute and one with a chronic thrombus of 30 to 60 mm."""
    answers = ask(bundle_for(Modality.CT), (30000, 30001, 30003), FAINT, "cpu")
    found = summed(answers)
    assert (found.thrombi, found.reported, found.false_findings) == (2, 2, 0)
    assert found.auroc == 1.0
