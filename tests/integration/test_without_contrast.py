"""Without contrast medium there is no answer, whatever the networks take for veins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from deepvein.findings.screening import Screening, Verdict
from deepvein.phantoms.phantom import PhantomSettings, Scenario, render, sample
from deepvein.screening.screen import screen
from deepvein.studies.study import Format, Identity, Modality, Origin, Study

pytestmark = pytest.mark.slow

REAL = Path(__file__).parents[3] / "shared" / "data" / "mr_whole_leg"
SETTINGS = PhantomSettings()
SETTINGS = replace(
    SETTINGS,
    ct=replace(SETTINGS.ct, coverage="thigh", thickness_mm=5.0, matrix=256, planes=1),
    mr=replace(
        SETTINGS.mr, stations=1, coverage=(1.1, 1.55), row_mm=1.6, column_mm=1.4, slice_mm=2.0
    ),
)


def unenhanced(scenario: Scenario) -> Scenario:
    contrast = scenario.contrast
    levels = {name: (0.0,) * len(knots) for name, knots in contrast.levels.items()}
    return replace(scenario, contrast=replace(contrast, levels=levels, artefacts=()))


def screened(scenario: Scenario) -> Screening:
    """As a DICOM study whose header states a contrast medium."""
    study = Study(
        name="phantom",
        modality=scenario.modality,
        volume=render(scenario).image,
        identity=Identity(study_uid="1.2.3"),
        origin=Origin(Path("phantom"), Format.DICOM, ()),
        synthetic=True,
    )
    return screen(study, device="cpu")


@pytest.mark.parametrize("modality", Modality)
def test_the_same_person_is_answered_with_contrast_medium_and_not_without(modality):
    scenario = sample(21, modality, False, SETTINGS)
    assert screened(scenario).verdict is not Verdict.NOT_ASSESSABLE
    plain = screened(unenhanced(scenario))
    assert plain.verdict is Verdict.NOT_ASSESSABLE
    assert plain.remarks[-1].code in ("no-contrast", "no-veins")


def test_real_legs_without_a_contrast_agent_are_not_assessed(tmp_path):
    if not REAL.is_dir():
        pytest.skip(f"{REAL} with real MR of both legs is not here")
    # Seven axial stations from the feet; neighbours overlap by five slices.
    stations = [
        np.asarray(nib.load(REAL / f"Join_{k}.nii.gz").dataobj).squeeze() for k in range(1, 8)
    ]
    whole = np.concatenate([stations[0], *(one[:, :, 5:] for one in stations[1:])], axis=2)
    affine = np.array([[1.5, 0, 0, 0], [0, 0, 1.5, 0], [0, 6.0, 0, 0], [0, 0, 0, 1]])
    nib.save(
        nib.Nifti1Image(whole.transpose(0, 2, 1).astype(np.int16), affine), tmp_path / "legs.nii"
    )
    result = screen(tmp_path / "legs.nii", modality=Modality.MR, device="cpu")
    assert result.verdict is Verdict.NOT_ASSESSABLE
    assert result.remarks[-1].code == "no-contrast"
