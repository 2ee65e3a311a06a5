from __future__ import annotations

from pathlib import PurePath

import pytest

from deepvein.cohorts.filenames import channel_numbers, read_name
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
    name = read_name(PurePath(path), numbered=bool(channel_numbers([PurePath(path)])))
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


@pytest.mark.parametrize(
    ("names", "numbered"),
    [
        (("imagesTr/a_0000.nii.gz", "imagesTr/a_0001.nii.gz", "labelsTr/a.nii.gz"), 2),
        (("imagesTr/a_0000.nii.gz", "labelsTr/a_0000.nii.gz"), 0),
        (("CASE_0001_0000.nii.gz", "CASE_0002_0000.nii.gz"), 2),
        (("CASE_0001_0000.nii.gz", "CASE_0001.nii.gz"), 1),
        (("CASE_0000.nii.gz", "CASE_0001.nii.gz"), 0),
        (("images/CASE_0001.nii.gz", "images/CASE_0002.nii.gz", "masks/CASE_0001.nii.gz"), 0),
        (("images/A_0000.nii.gz", "images/B_0000.nii.gz", "masks/A_0000_seg.nii.gz"), 1),
        (("P01/a_0001.nii.gz",), 0),
    ],
)
def test_channels_are_told_from_cases(names: tuple[str, ...], numbered: int) -> None:
    assert len(channel_numbers(map(PurePath, names))) == numbered


def test_the_number_of_a_channel_is_no_word_of_the_case() -> None:
    name = read_name(PurePath("patient01_v2_0001.nii.gz"), numbered=True)
    assert (name.own, name.channel) == (("patient01", "v2"), 1)
    assert read_name(PurePath("images/CASE_0001.nii.gz")).own == ("CASE", "0001")


def test_a_kind_that_is_glued_to_a_number_is_a_kind() -> None:
    image, mask = (read_name(PurePath(name)) for name in ("img0001.nii.gz", "label0001.nii.gz"))
    assert (image.kind, mask.kind) == ("image", "mask")
    assert image.key == mask.key == ("0001",)
    assert read_name(PurePath("P1_image2.nii")).own == ("P1", "image2")


def test_a_thrombus_of_an_image_of_the_venous_phase_is_a_thrombus() -> None:
    name = read_name(PurePath("P1_CT_venous_thrombus.nii.gz"))
    assert (name.thrombi, name.veins) == (True, False)
    assert read_name(PurePath("P1_venous.nii.gz")).veins
