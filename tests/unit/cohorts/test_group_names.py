from __future__ import annotations

from pathlib import PurePath

import pytest

from deepvein.cohorts.group_names import is_group_of_dvt, told_dvt


@pytest.mark.parametrize(
    ("sick", "free"),
    [
        ("DVT", "noDVT"), ("dvt", "no_dvt"), ("DVT+", "DVT-"), ("DVT_positive", "DVT_negative"),
        ("with DVT", "without DVT"), ("pos", "neg"), ("patients", "controls"), ("Cases", "Controls"),
        ("patients", "healthy"), ("thrombus", "no_thrombus"), ("krank", "gesund"), ("TVT", "keine TVT"),
        ("Patienten", "Kontrollen"), ("malades", "sains"), ("TVP", "sans_TVP"), ("TVP", "TVP_free"),
        ("enfermos", "sanos"), ("con_TVP", "sin_TVP"), ("malati", "sani"), ("casi", "controlli"),
        ("doentes", "saudáveis"), ("pacientes", "voluntários"), ("ziek", "gezond"), ("阳性", "阴性"),
        ("acute_DVT", "normal"), ("dvt_1", "dvt_0"), ("DVT_legs", "DVT free"), ("sick", "healthy_volunteers"),
    ],
)  # fmt: skip
def test_groups_of_a_case_control_study_tell_who_has_dvt(sick: str, free: str) -> None:
    images = [PurePath(sick, "P01", "ct.nii"), PurePath(free, "P02", "ct.nii")]
    told = told_dvt(images)
    assert [told[image].has_dvt for image in images] == [True, False]
    deeper = [PurePath("data", image) for image in images]
    assert [told_dvt(deeper)[image].has_dvt for image in deeper] == [True, False]


@pytest.mark.parametrize(
    ("first", "second"),
    [("DVT_001.nii.gz", "control_001.nii.gz"), ("pos-1/ct.nii", "neg-1/ct.nii")],
)
def test_names_with_numbers_tell_it_beside_their_opposite(first: str, second: str) -> None:
    images = [PurePath(first), PurePath(second)]
    told = told_dvt(images)
    assert [told[image].has_dvt for image in images] == [True, False]
    assert told_dvt(images[:1]) == told_dvt(images[1:]) == {}
    assert told[images[0]].group in {"DVT", "pos"}


@pytest.mark.parametrize(
    "path",
    [
        "DVT/P01/ct.nii", "Dataset001_DVT/imagesTr/leg_001_0000.nii.gz", "P01/control/ct.nii",
        "patients/P01/ct.nii", "P01/pos/ct.nii", "normal/P01.nii", "DVT_study/P01/ct.nii",
        "thrombus_masks/P01.nii", "DVT_007/ct.nii", "test/P01.nii", "Sani/ct.nii", "post_thrombotic/P01.nii",
    ],
)  # fmt: skip
def test_what_may_be_the_name_of_all_or_of_one_tells_nothing(path: str) -> None:
    assert told_dvt([PurePath(path), PurePath("P99/ct.nii")]) == {}


@pytest.mark.parametrize(
    "folder", ["healthy", "noDVT", "no DVT", "DVT_negative", "gesund", "ohne Thrombose"]
)
def test_some_names_are_plain_alone(folder: str) -> None:
    image = PurePath(folder, "P01", "ct.nii")
    assert not told_dvt([image])[image].has_dvt
    assert is_group_of_dvt(folder)


def test_folders_of_one_path_that_contradict_tell_nothing() -> None:
    images = [PurePath(path) for path in ("DVT/healthy/1.nii", "noDVT/sick/2.nii", "noDVT/3.nii")]
    assert list(told_dvt(images)) == images[2:]


def test_a_follow_up_called_control_is_no_control() -> None:
    assert told_dvt([PurePath("patient_01.nii"), PurePath("patient_01_control.nii")]) == {}


@pytest.mark.parametrize(
    "paths",
    [
        ("dvt_0.nii", "dvt_1.nii"), ("DVT0/ct.nii", "DVT1/ct.nii", "DVT2/ct.nii"), ("DVT_0", "DVT_1"),
        ("TVT/1.nii", "TVT-Kontrolle/2.nii"), ("patients/1.nii", "control scan/2.nii"),
    ],
)  # fmt: skip
def test_what_is_counted_from_zero_or_looked_at_again_tells_nothing(paths: tuple[str, ...]) -> None:
    assert told_dvt([PurePath(path) for path in paths]) == {}


def test_zero_and_one_are_groups_where_they_hold_images() -> None:
    images = [PurePath("DVT_0", "P1.nii"), PurePath("DVT_1", "P2.nii"), PurePath("other.nii")]
    told = told_dvt(images)
    assert [told[image].has_dvt for image in images[:2]] == [False, True]
