import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from deepvein.core.errors import GeometryError, StudyError
from deepvein.studies.location import StudyLocation
from deepvein.studies.nifti import write_nifti
from deepvein.studies.readers import READERS
from deepvein.studies.reading import read_study
from deepvein.studies.study import Format, Modality
from deepvein.volumes.volume import Volume
from unit.studies import anatomy, making


def nifti(path, array):
    write_nifti(Volume(array, making.grid_of(array.shape)), path)
    return path


def test_a_nifti_study(tmp_path):
    array = making.ramp((5, 6, 7))
    study = read_study(nifti(tmp_path / "leg.nii", array), Modality.CT)
    assert (study.name, study.origin.format) == ("leg", Format.NIFTI)
    assert study.identity.patient_id == ""
    np.testing.assert_array_equal(study.volume.array, array)
    assert study.origin.paths == (tmp_path / "leg.nii",)


def test_a_nrrd_study(tmp_path):
    image = sitk.GetImageFromArray(making.ramp((5, 6, 7), 0))
    sitk.WriteImage(image, str(tmp_path / "leg.nrrd"))
    study = read_study(tmp_path / "leg.nrrd", Modality.MR)
    assert (study.name, study.origin.format) == ("leg", Format.NRRD)
    np.testing.assert_array_equal(study.volume.array, making.ramp((5, 6, 7), 0))
    (summary,) = READERS.get("nrrd").survey(StudyLocation(tmp_path / "leg.nrrd"), None).series
    assert (summary.slices, summary.rows, summary.columns) == (5, 6, 7)


def test_the_modality_has_to_be_told(tmp_path):
    path = nifti(tmp_path / "leg.nii.gz", making.ramp((5, 6, 7)))
    with pytest.raises(StudyError, match="say whether it is CT or MR"):
        read_study(path)
    (summary,) = READERS.get("nifti").survey(StudyLocation(path), None).series
    assert summary.modality == ""
    assert summary.position_mm == pytest.approx((-300, -288))


@pytest.mark.parametrize(
    ("value", "dtype", "kept"),
    [(-3024, np.int16, -1024), (1.6, np.float32, 2), (40000, np.int32, 32767), (7, np.uint8, 7)],
)
def test_ct_becomes_hounsfield_units_in_int16(tmp_path, value, dtype, kept):
    array = np.full((2, 3, 4), value, dtype)
    study = read_study(nifti(tmp_path / "a.nii", array), Modality.CT)
    assert study.volume.array.dtype == np.int16
    assert (study.volume.array == kept).all()


@pytest.mark.parametrize(
    ("value", "dtype", "kept"),
    [
        (7, np.uint8, np.int16),
        (70, np.int32, np.int16),
        (60000, np.uint16, np.float32),
        (0.5, float, np.float32),
    ],
)
def test_mr_becomes_int16_or_float(tmp_path, value, dtype, kept):
    array = np.full((2, 3, 4), value, dtype)
    study = read_study(nifti(tmp_path / "a.nii", array), Modality.MR)
    assert study.volume.array.dtype == kept
    assert (study.volume.array == value).all()


def test_an_uncompressed_ct_is_mapped_and_not_copied(tmp_path):
    study = read_study(nifti(tmp_path / "a.nii", making.ramp((5, 6, 7))), Modality.CT)
    base = study.volume.array
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)


def test_a_folder_of_nifti_files_is_several_studies(tmp_path):
    nifti(tmp_path / "a.nii", making.ramp((5, 6, 7)))
    nifti(tmp_path / "b.nii", making.ramp((5, 6, 7)))
    with pytest.raises(StudyError, match=r"2 NIfTI or NRRD file\(s\): each is a study"):
        read_study(tmp_path, Modality.CT)


def test_nan_is_refused_with_its_slice(tmp_path):
    array = np.zeros((2, 3, 4), np.float32)
    array[1, 1, 1] = np.inf
    image = nibabel.Nifti1Image(array.transpose(2, 1, 0), np.eye(4))
    nibabel.save(image, tmp_path / "a.nii")
    with pytest.raises(GeometryError, match="slice 1 holds NaN or infinite"):
        read_study(tmp_path / "a.nii", Modality.MR)


def test_a_uid_means_nothing_here(tmp_path):
    path = nifti(tmp_path / "a.nii", making.ramp((5, 6, 7)))
    with pytest.raises(StudyError, match="one nameless study"):
        read_study(StudyLocation(path, "1.2"), Modality.CT)


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (
            np.s_[20],
            "slice 21 of 40 is blank (each of its pixels is 0), slices on both sides of it are not:",
        ),
        (
            np.s_[20:22],
            "slice 21 of 40 is blank (each of its pixels is 0), slices on both sides of it are not, and",
        ),
        (
            np.s_[20, 60:],
            "slice 21 of 40 is blank from row 61 of 120 on, slices beside it are not:",
        ),
        (np.s_[:3], ""),
    ],
)
def test_slices_that_lost_their_image_are_remarked_on(tmp_path, lost, told):
    made = anatomy.volume(anatomy.legs())
    array = made.array.copy()
    array[lost] = 0
    write_nifti(Volume(array, made.grid), tmp_path / "leg.nii")
    study = read_study(tmp_path / "leg.nii", Modality.CT)
    remarks = [one.text for one in study.remarks if one.code == "blank-slices"]
    assert len(remarks) == bool(told)
    assert not told or remarks[0].startswith(told)
