"""The bundled CT models on knees that their generator did not make: short thrombi are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepvein.evaluation.lesions import match
from deepvein.findings.screening import Verdict
from deepvein.laboratory.second_opinion.knees import KneeSettings, knees
from deepvein.screening.screen import screen
from deepvein.studies.study import Format, Identity, Modality, Origin, Study

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


NUMBERS = {"healthy": 30000, "acute": 30001, "chronic": 30003}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_short_thrombi_are_reported_and_healthy_knees_left_alone(number: int) -> None:
    """A healthy pair, one with an acute and one with a chronic thrombus of 30 to 60 mm. Beside the acute one
    a false finding stands, less probable than the true one."""
    shown = knees(number, FAINT)
    origin = Origin(Path(shown.name), Format.NIFTI, ())
    study = Study(shown.name, Modality.CT, shown.image, Identity(), origin, synthetic=True)
    result = screen(study, device="cpu")
    matching = match(result.findings, shown.thrombi.array)
    assert (result.verdict is Verdict.SUSPECTED) == (shown.acute is not None)
    assert all(lesion.probability is not None for lesion in matching.lesions)
    assert len(matching.false_positives) <= (number == NUMBERS["acute"])
    if matching.lesions:
        true = [one.probability or 0.0 for one in matching.lesions]
        assert max(true) > max(matching.false_positives, default=0.0)
