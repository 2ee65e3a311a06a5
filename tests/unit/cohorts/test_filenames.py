from __future__ import annotations

from pathlib import PurePath

import pytest

from deepvein.cohorts.filenames import is_group, is_visit, read_name
from deepvein.studies.study import Modality


@pytest.mark.parametrize(
    ("path", "key", "kind"),
    [
        ("P01/image.nii.gz", ("p01",), "image"),
        ("P01/P01_thrombus.nii.gz", ("p01",), "mask"),
        ("imagesTr/leg_007_0000.nii.gz", ("leg", "007"), "image"),
        ("labelsTr/leg_007.nii.gz", ("leg", "007"), "mask"),
        ("masks/P01.seg.nrrd", ("p01",), "mask"),
        ("images/P01.nrrd", ("p01",), "image"),
        ("sub-01/ses-02/anat/sub-01_T1w.nii.gz", ("sub-01", "ses-02"), "image"),
        ("sub-01/ses-02/anat/sub-01_ses-02_run-1_T1w.nii", ("sub-01", "ses-02", "run-1"), "image"),
        (
            "derivatives/sub-01/ses-02/anat/sub-01_ses-02_desc-clot_dseg.nii.gz",
            ("sub-01", "ses-02", "desc"),
            "mask",
        ),
        ("P01/P01_v2_ct.nii", ("p01", "v2"), ""),
        ("1/1_1.nii", ("1", "1"), ""),
        ("P01/dicom/image", ("p01",), "image"),
        ("P01.nii", ("p01",), ""),
        ("Dataset001_DVT/imagesTr/DVT_007_0000.nii.gz", ("dataset001", "007"), "image"),
        ("Dataset001_DVT/labelsTr/DVT_007.nii.gz", ("dataset001", "007"), "mask"),
        ("DVT/P01/ct.nii.gz", ("p01",), ""),
        ("DVT_001.nii.gz", ("001",), ""),
        ("P01_DVT.nii.gz", ("p01",), "mask"),
        ("P01/trombo.nii.gz", ("p01",), "mask"),
        ("maschere/1.nii.gz", ("1",), "mask"),
        ("immagini/1.nii.gz", ("1",), "image"),
        ("P01/Máscara_1.nii", ("p01", "1"), "mask"),
        ("_.nii", (), ""),
        ("image.nii", (), "image"),
    ],
)
def test_words_of_the_case_are_what_is_left(path: str, key: tuple[str, ...], kind: str) -> None:
    name = read_name(PurePath(path))
    assert (name.key, name.kind) == (key, kind)


def test_what_a_mask_shows_is_told_by_name_or_folder() -> None:
    for path in ("a_clot.nii", "thrombi/a.nii", "a/DVT_seg.nrrd"):
        assert read_name(PurePath(path)).thrombi
    assert read_name(PurePath("veins/a.nii")).veins
    of_the_sick = read_name(PurePath("DVT/P01/venas.nii"))
    assert (of_the_sick.thrombi, of_the_sick.veins) == (False, True)
    assert read_name(PurePath("DVT/P01/mask.nii")).thrombi
    generic = read_name(PurePath("labelsTr/a.nii"))
    assert not generic.thrombi
    assert not generic.veins


def test_the_modality_is_told_unless_two_are() -> None:
    assert read_name(PurePath("P01_CT.nii")).modality is Modality.CT
    assert read_name(PurePath("MRI/P01.nii")).modality is Modality.MR
    assert read_name(PurePath("MRI/P01_ct.nii")).modality is None


def test_channels_are_those_of_nnunet_alone() -> None:
    assert read_name(PurePath("imagesTr/a_0001.nii.gz")).channel == 1
    assert read_name(PurePath("P01/a_0001.nii.gz")).channel == 0


@pytest.mark.parametrize("word", ["v2", "visit", "ses-01", "20240131", "baseline", "t1", "240131"])
def test_visits_and_dates_are_no_patients(word: str) -> None:
    assert is_visit(word)
    assert not any(map(is_visit, ("P01", "smith", "12", "007")))


@pytest.mark.parametrize(
    "folder", ["train", "noDVT", "No DVT", "Dataset001_DVT", "positive", "Patients"]
)
def test_folders_of_many_are_no_patients(folder: str) -> None:
    assert is_group(folder)
    assert not any(map(is_group, ("P01", "sub-01", "Patient 7", "DVT007", "Testa")))
