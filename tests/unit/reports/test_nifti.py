import dataclasses
from pathlib import Path

import nibabel
import numpy as np
import pytest

from deepvein.core.errors import UsageError
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.masks import thrombus_labels
from deepvein.reports.nifti import nifti_report
from deepvein.studies.nifti import read_nifti
from unit.reports.legs import screening


def write_masks(result: Screening, folder: Path) -> list[Path]:
    documents = nifti_report(result).documents
    for document in documents:
        document.save(folder / document.name)
    return [folder / document.name for document in documents]


def test_masks_lie_where_the_findings_are(tmp_path: Path) -> None:
    result = screening()
    veins, thrombi, _ = write_masks(result, tmp_path)
    image = nibabel.load(thrombi)
    found = np.argwhere(np.asarray(image.dataobj) == 1)
    ras = found @ image.affine[:3, :3].T + image.affine[:3, 3]
    # NIfTI's world is RAS: x and y have the other sign.
    lps = ras * (-1, -1, 1)
    expected = result.prediction.grid.to_world(result.findings[0].indices)
    assert len(lps) == len(expected)
    assert np.abs(lps.mean(axis=0) - expected.mean(axis=0)).max() < 0.01
    count = int(np.asarray(nibabel.load(veins).dataobj).sum())
    assert count == (result.prediction.vein_probability >= 128).sum()


def test_negative_study_has_an_empty_thrombus_mask(tmp_path: Path) -> None:
    _, thrombi, _ = write_masks(screening(verdict=Verdict.NOT_SUSPECTED), tmp_path)
    assert not np.asarray(nibabel.load(thrombi).dataobj).any()


def test_more_thrombi_than_a_byte_can_number_are_refused() -> None:
    result = screening()
    odd = dataclasses.replace(result.findings[0], number=256)
    with pytest.raises(UsageError, match="255"):
        thrombus_labels(dataclasses.replace(result, findings=(odd,)))


def test_territories_keep_their_own_coarse_grid(tmp_path: Path) -> None:
    result = screening()
    *_, path = write_masks(result, tmp_path)
    back, territories = read_nifti(path), result.prediction.territories
    assert back.grid.matches(territories.grid)
    assert (back.array == territories.array).all()


def test_a_study_that_no_model_was_asked_about_has_empty_masks(tmp_path: Path) -> None:
    unasked = dataclasses.replace(
        screening(verdict=Verdict.NOT_ASSESSABLE), prediction=None, findings=()
    )
    written = write_masks(unasked, tmp_path)
    assert [path.name for path in written] == ["veins.nii.gz", "thrombi.nii.gz"]
    assert not any(np.asarray(nibabel.load(path).dataobj).any() for path in written)
