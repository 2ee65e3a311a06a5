import dataclasses
from pathlib import Path

import nibabel
import numpy as np
import pytest

from deepvein.core.errors import UsageError
from deepvein.findings.screening import Verdict
from deepvein.reports.masks import thrombus_labels
from deepvein.reports.masks_nifti import write_masks
from unit.reports.legs import screening


def test_masks_lie_where_the_findings_are(tmp_path: Path) -> None:
    result = screening()
    veins, thrombi = write_masks(result, tmp_path)
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
    _, thrombi = write_masks(screening(verdict=Verdict.NOT_SUSPECTED), tmp_path)
    assert not np.asarray(nibabel.load(thrombi).dataobj).any()


def test_more_thrombi_than_a_byte_can_number_are_refused() -> None:
    result = screening()
    odd = dataclasses.replace(result.findings[0], number=256)
    with pytest.raises(UsageError, match="255"):
        thrombus_labels(dataclasses.replace(result, findings=(odd,)))
