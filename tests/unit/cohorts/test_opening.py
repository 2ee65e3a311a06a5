from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import InputError, MaskError
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.orient import orient
from unit.cohorts.tiny_cohort import SHAPE, SPACING, THROMBUS, VEIN, arrays, make, write
from unit.studies import making


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


@pytest.mark.parametrize("left", [0, 100, 500])
def test_a_copy_that_was_cut_is_made_anew(tmp_path: Path, left: int) -> None:
    cohort = make(tmp_path, n=1, suffix=".nii.gz")
    open_case(cohort.cases[0], cohort.cache)
    for copy in (cohort.cache / "unpacked").glob("*.nii"):
        copy.write_bytes(copy.read_bytes()[:left])
    open_case.cache_clear()
    opened = open_case(cohort.cases[0], cohort.cache)
    np.testing.assert_array_equal(opened.image.array, arrays(dvt=True)[0])


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_files_are_read_once(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = make(tmp_path, n=1, suffix=suffix)
    opened = open_case(cohort.cases[0], cohort.cache)
    assert isinstance(opened.image.array, np.memmap)
    assert opened.image.array.max() == VEIN
    assert opened.shows_thrombus
    copies = list((cohort.cache / "unpacked").glob("*.nii"))
    assert len(copies) == (0 if suffix == ".nii" else 3)
    open_case.cache_clear()
    monkeypatch.setattr("deepvein.studies.reading.read_study", None)
    monkeypatch.setattr("deepvein.studies.masks.read_thrombi", None)
    again = open_case(cohort.cases[0], cohort.cache)
    np.testing.assert_array_equal(again.image.array, opened.image.array)
    assert again.shows_thrombus


@pytest.mark.parametrize("modality", [Modality.CT, Modality.MR])
@pytest.mark.parametrize("kind", ["int16", "uint16", "float64", ">i2", "uint8", "scaled"])
def test_training_sees_the_values_that_screening_sees(
    tmp_path: Path, modality: Modality, kind: str
) -> None:
    values = np.linspace(-1500, 4000, 60).reshape(3, 4, 5)
    path = tmp_path / "image.nii"
    if kind == "scaled":
        image = nib.Nifti1Image(values.astype(np.int16), np.diag([-1.0, -1.0, 1.0, 1.0]))
        image.header.set_slope_inter(0.5, -3.0)
    else:
        low = np.iinfo(kind).min if kind.startswith("u") else -np.inf
        high = np.iinfo(kind).max if kind == "uint8" else np.inf
        array = values.clip(low, high).astype(kind)
        image = nib.Nifti1Image(array, np.diag([-1.0, -1.0, 1.0, 1.0]))
    nib.save(image, path)
    seen = read_study(path, modality).volume
    opened = open_case(Case("a", "a", modality, path), tmp_path / ".cache").image
    turned = orient(seen, CORONAL if modality is Modality.MR else AXIAL)
    assert opened.array.dtype == seen.array.dtype
    np.testing.assert_array_equal(opened.array, turned.array)


def test_a_mask_the_wrong_way_round_is_refused(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=1)
    case = cohort.cases[0]
    assert case.thrombi is not None
    mask = nib.load(case.thrombi)
    turned = (np.asarray(mask.dataobj) == 0).astype(np.uint8)
    nib.save(nib.Nifti1Image(turned, mask.affine), case.thrombi)
    with pytest.raises(MaskError, match=r"marks \d+% of the image, .* the wrong way round"):
        open_case(case, cohort.cache)


def test_a_mask_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=1)
    moved = Grid.from_directions(SHAPE, SPACING, origin_mm=(0.0, 0.0, 0.0))
    other = write(arrays(dvt=True)[2], moved, tmp_path / "moved.nii")
    with pytest.raises(MaskError, match="thrombi of case 'case0'"):
        open_case(replace(cohort.cases[0], thrombi=other), cohort.cache)


def test_what_cannot_be_used_is_refused_with_the_case(tmp_path: Path) -> None:
    case = make(tmp_path, n=1).cases[0]
    grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 0.0))
    spoilt = np.zeros(SHAPE, np.float32)
    spoilt[2, 3, 4] = np.nan
    write(spoilt, grid, tmp_path / "nan.nii.gz")
    write(np.full(SHAPE, 40, np.uint8), grid, tmp_path / "forty.nii")
    write(np.full(SHAPE, 50, np.uint8), grid, tmp_path / "fifty.nii")
    (tmp_path / "a.nii.gz").write_bytes(b"\x1f\x8b not gzip")
    for changes, says in (
        ({"image": tmp_path / "nan.nii.gz"}, "image of case 'case0': slice 2 holds NaN"),
        ({"image": tmp_path / "a.nii.gz"}, r"image of case 'case0': .*a\.nii\.gz"),
        ({"thrombi": tmp_path / "nan.nii.gz"}, "thrombi of case 'case0': .* from nan"),
        ({"segments": tmp_path / "fifty.nii"}, "segments of case 'case0': .* the labels 50"),
    ):
        with pytest.raises(InputError, match=says):
            open_case(replace(case, **changes), tmp_path / ".cache")
    opened = open_case(replace(case, segments=tmp_path / "forty.nii"), tmp_path / ".cache")
    assert (opened.segments.array == 40).all()


def test_soft_and_cropped_masks_are_read_as_everywhere_with_their_remarks(tmp_path: Path) -> None:
    case = make(tmp_path, n=1).cases[0]
    soft = arrays(dvt=True)[2][4:14] * np.float32(0.7)
    soft[0, 0, 0] = 0.2
    grid = Grid.from_directions(soft.shape, SPACING, origin_mm=(-50.0, 10.0, 4 * SPACING[0]))
    path = write(soft, grid, tmp_path / "soft.nii")
    for _ in range(2):
        opened = open_case(replace(case, thrombi=path), tmp_path / ".cache")
        np.testing.assert_array_equal(opened.thrombi.array, arrays(dvt=True)[2])
        assert opened.remarks == ("soft.nii is a soft mask; its 80 voxels from 0.5 on are marked",)
        open_case.cache_clear()


def test_a_case_known_to_be_free_has_empty_thrombi(tmp_path: Path) -> None:
    case = replace(make(tmp_path, n=1).cases[0], thrombi=None)
    assert open_case(case, tmp_path / ".cache").known_thrombi is None
    free = open_case(replace(case, has_dvt=False), tmp_path / ".cache")
    assert free.shows_thrombus is None
    assert free.known_thrombi.grid.shape == free.image.grid.shape
    assert not free.known_thrombi.array.any()


def test_the_frame_of_reference_of_a_dicom_image_is_kept(tmp_path: Path) -> None:
    grid = making.grid_of(making.SHAPE)
    making.series(tmp_path / "dicom", grid)
    case = Case("a", "a", Modality.CT, tmp_path / "dicom")
    for _ in range(2):
        opened = open_case(case, tmp_path / ".cache")
        assert (
            opened.image.grid.frame_of_reference
            == read_study(tmp_path / "dicom").volume.grid.frame_of_reference
        )
        open_case.cache_clear()


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    making.series(tmp_path / "dicom", making.grid_of(making.SHAPE))
    case = Case("a", "a", Modality.CT, tmp_path / "dicom")
    before = np.array(open_case(case, tmp_path / ".cache").image.array)
    open_case.cache_clear()
    file = sorted((tmp_path / "dicom").iterdir())[2]
    content, state = file.read_bytes(), file.stat()
    with file.open("r+b") as opened:
        opened.write(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    after = open_case(case, tmp_path / ".cache").image.array
    assert np.count_nonzero(before != after) == 1


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


def test_a_mask_of_another_patient_is_refused_though_its_place_fits(tmp_path: Path) -> None:
    from pydicom import dcmread

    from unit.studies.masks.test_seg import segmentation

    grid = making.grid_of(making.SHAPE)
    folder = making.series(tmp_path / "image", grid)
    path = tmp_path / "seg.dcm"
    segmentation(folder, making.two_blobs(grid).array, "BINARY").save_as(path)
    case = Case("a", "P1", Modality.CT, folder, thrombi=path)
    assert open_case(case, tmp_path / ".cache").shows_thrombus
    dataset = dcmread(path)
    dataset.PatientID = "P2"
    dataset.save_as(path)
    open_case.cache_clear()
    with pytest.raises(MaskError, match="case 'a': seg.dcm is the mask of another patient"):
        open_case(case, tmp_path / ".cache")
    for one in folder.iterdir():
        image = dcmread(one)
        image.PatientID = image.PatientName = ""
        image.save_as(one)
    open_case.cache_clear()
    assert "the image names no patient" in open_case(case, tmp_path / ".cache").remarks[0]


def test_a_mask_of_another_series_of_the_scan_is_told(tmp_path: Path) -> None:
    from unit.studies.masks.test_seg import segmentation

    grid = making.grid_of(making.SHAPE)
    folder = making.series(tmp_path / "image", grid)
    made = segmentation(folder, making.two_blobs(grid).array, "BINARY")
    made.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2.3"
    made.save_as(tmp_path / "seg.dcm")
    case = Case("a", "P1", Modality.CT, folder, thrombi=tmp_path / "seg.dcm")
    remarks = open_case(case, tmp_path / ".cache").remarks
    assert any("drawn on series 1.2.3" in remark for remark in remarks)
    open_case.cache_clear()
    assert open_case(case, tmp_path / ".cache").remarks == remarks


@pytest.mark.parametrize(("modality", "darkest"), [(Modality.CT, 0), (Modality.MR, -1000)])
def test_values_that_screening_would_not_judge_are_told(
    tmp_path: Path, modality: Modality, darkest: int
) -> None:
    values = np.full((6, 8, 9), darkest, np.int16)
    values[:, 2:6, 2:6] = 300
    path = write(values, Grid.from_directions(values.shape, SPACING), tmp_path / "i.nii")
    said = open_case(Case("a", "p", modality, path), tmp_path / ".cache").remarks
    assert ("Hounsfield" in "".join(said), len(said)) == (True, 1)
    other = Modality.MR if modality is Modality.CT else Modality.CT
    assert open_case(Case("a", "p", other, path), tmp_path / ".cache").remarks == ()


def test_the_same_voxels_have_one_digest_however_they_are_stored(tmp_path: Path) -> None:
    """dcm2niix turns rows round, and other programs write other types."""
    cohort = make(tmp_path, n=1)
    (case,) = cohort
    image = nib.load(case.image)
    turned = nib.as_closest_canonical(image)
    assert nib.aff2axcodes(turned.affine) != nib.aff2axcodes(image.affine)
    nib.save(
        nib.Nifti1Image(turned.get_fdata().astype(np.float32), turned.affine), tmp_path / "t.nii"
    )
    other = open_case(replace(case, image=tmp_path / "t.nii"), cohort.cache)
    opened = open_case(case, cohort.cache)
    assert other.image_digest == opened.image_digest
    assert other.mask_digests == opened.mask_digests


def test_a_mask_of_more_than_a_litre_is_none_of_thrombi(tmp_path: Path) -> None:
    """Labels of organs without names, each of which would be taken for a thrombus."""
    cohort = make(tmp_path, n=1)
    case = cohort.cases[0]
    grid = Grid.from_directions(SHAPE, (20.0, 10.0, 10.0))
    image, _, _ = arrays(dvt=True)
    organs = np.zeros(SHAPE, np.uint8)
    for label in range(1, 23):
        organs[label, 8:32, 4:10] = label
    write(image, grid, case.image)
    write(organs, grid, case.thrombi)
    with pytest.raises(MaskError, match=r"marks 6.3 litres, more than all veins of the legs hold"):
        open_case(replace(case, segments=None), cohort.cache)
