from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.opening import fingerprint, open_case, open_volume
from deepvein.core.errors import CohortError, MaskError
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, THROMBUS, VEIN, arrays, make, write


def test_volumes_are_mapped_slice_by_slice(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=1)
    opened = open_case(cohort.cases[0], cohort.cache)
    image, segments, thrombi = arrays(dvt=True)
    assert isinstance(opened.image.array, np.memmap)
    np.testing.assert_array_equal(opened.image.array, image)
    assert opened.segments is not None
    np.testing.assert_array_equal(opened.segments.array[3], segments[3])
    assert opened.thrombi is not None
    np.testing.assert_array_equal(opened.thrombi.array[THROMBUS], thrombi[THROMBUS])
    assert opened.image.grid.spacing_mm == pytest.approx(SPACING)


def test_compressed_files_are_unpacked_once(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=1, suffix=".nii.gz")
    path = cohort.cases[0].image
    volume = open_volume(path, cohort.cache)
    assert isinstance(volume.array, np.memmap)
    assert volume.array.max() == VEIN
    unpacked = list((cohort.cache / "unpacked").iterdir())
    before = unpacked[0].stat().st_mtime_ns
    open_volume(path, cohort.cache)
    assert [f.stat().st_mtime_ns for f in (cohort.cache / "unpacked").iterdir()] == [before]


def test_scaled_files_are_unpacked_with_their_scale(tmp_path: Path) -> None:
    path = tmp_path / "scaled.nii"
    image = nib.Nifti1Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4), np.eye(4))
    image.header.set_slope_inter(0.5, -3.0)
    nib.save(image, path)
    stored = np.asarray(nib.load(path).dataobj)
    volume = open_volume(path, tmp_path / ".cache")
    assert isinstance(volume.array, np.memmap)
    np.testing.assert_allclose(volume.array, stored.T)


def test_a_mask_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=1)
    moved = Grid.from_directions(SHAPE, SPACING, origin_mm=(0.0, 0.0, 0.0))
    other = write(arrays(dvt=True)[2], moved, tmp_path / "moved.nii")
    with pytest.raises(MaskError, match="thrombi of case 'case0'"):
        open_case(replace(cohort.cases[0], thrombi=other), cohort.cache)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.nii.gz").write_bytes(b"\x1f\x8b not gzip")
    (tmp_path / "a.nrrd").write_bytes(b"NRRD0004")
    with pytest.raises(CohortError, match=r"a\.nii\.gz"):
        open_volume(tmp_path / "a.nii.gz", tmp_path / ".cache")
    assert not list((tmp_path / ".cache").rglob("*.partial"))
    with pytest.raises(CohortError, match="NIfTI"):
        open_volume(tmp_path / "a.nrrd", tmp_path / ".cache")


def test_the_fingerprint_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    before = fingerprint(path)
    assert fingerprint(path) == before
    path.write_bytes(b"12")
    assert fingerprint(path) != before
    assert fingerprint(None) == "none"


def test_a_dicom_study_with_an_nrrd_mask_is_a_case_too(tmp_path):
    """What hospitals have: a DICOM folder, and a mask drawn in a viewer."""
    import SimpleITK as sitk

    from deepvein.phantoms.ct.scanner import CtSettings
    from deepvein.phantoms.phantom import PhantomSettings, render, sample
    from deepvein.phantoms.writing import write_dicom

    small = PhantomSettings(ct=CtSettings(matrix=64, thickness_mm=40.0, planes=1, coverage="whole"))
    phantom = render(sample(2, Modality.CT, True, small))
    write_dicom(phantom, tmp_path / "dicom")
    grid = phantom.image.grid
    mask = sitk.GetImageFromArray(phantom.segments.array)
    mask.SetSpacing(grid.spacing_mm[::-1])
    mask.SetOrigin(grid.origin_mm.tolist())
    mask.SetDirection(grid.directions[:, ::-1].ravel().tolist())
    sitk.WriteImage(mask, tmp_path / "mask.nrrd")
    case = Case("a", "a", Modality.CT, tmp_path / "dicom", segments=tmp_path / "mask.nrrd")
    for _ in range(2):
        opened = open_case(case, tmp_path / ".cache")
        np.testing.assert_array_equal(opened.image.array, phantom.image.array)
        np.testing.assert_array_equal(opened.segments.array, phantom.segments.array)
        open_case.cache_clear()
