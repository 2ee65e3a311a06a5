from __future__ import annotations

from pathlib import PurePath

import pytest

from deepvein.cohorts.filenames import read_name, words_of
from deepvein.cohorts.patient_names import (
    is_group,
    is_visit,
    loose_patient,
    patient_in,
    patient_of,
    recurring_folders,
)


@pytest.mark.parametrize(
    "behind",
    [
        "left_leg", "L", "R", "rechts", "arterial", "scan1", "rescan", "T2w", "axial", "0mo", "M3",
        "acute", "1st", "thigh", "1_of_2", "20240131T1200", "20240131120000", "Visit_1", "visit_two", "1wk",
        "BL",        "FU1", "(1)", "copy", "2024-01-31", "scan_2", "femoral", "art", "ven",
        "6_months", "follow_up_2", "CT1", "1mm", "B30f", "recon2", "31Jan2024",
    ],
)  # fmt: skip
def test_what_tells_images_apart_is_no_part_of_a_patient(behind: str) -> None:
    assert patient_of(words_of(f"P01_{behind}")) == "P01"


@pytest.mark.parametrize(
    "name",
    [
        "leg_001", "Li_Wei", "smith", "study_P12", "CASE_0001", "123456", "12345678", "2024_smith",
        "case_100112", "patient_20240131", "site1_M01",
    ],
)  # fmt: skip
def test_names_of_patients_stay(name: str) -> None:
    words = words_of(name)
    assert patient_of(words) == name.removeprefix("study_")


def test_the_subject_of_bids_is_the_patient() -> None:
    assert patient_of(words_of("sub-01_ses-2_acq-venous_run-1")) == "sub-01"


@pytest.mark.parametrize(
    ("path", "alone", "patient"),
    [
        ("P01/2024-01-31/scan.nii", True, "P01"),
        ("study3/series1.nii", True, "study3"),
        ("scan_2/img.nii", True, "scan_2"),
        ("Dataset001/T001_left.nii", False, "T001"),
        ("visit1/T001_left.nii", False, "T001"),
        ("visit1/T001_right.nii", False, "T001"),
        ("all/100112.nii", False, "100112"),
        ("2024-01-31.nii", False, "2024_01_31"),
        ("P01/left/image.nii", True, "P01"),
        ("train/image.nii", True, "patient"),
    ],
)
def test_an_image_is_its_folders_or_its_names(path: str, alone: bool, patient: str) -> None:
    assert patient_in(read_name(PurePath(path)), alone=alone) == patient


def test_words_before_a_number_are_dropped_where_they_are_plain() -> None:
    assert patient_of(["left", "P01"]) == "P01"
    assert patient_of(["visit", "1", "smith"]) == "smith"
    assert patient_of(["v2", "20240131"]) == ""


@pytest.mark.parametrize("word", ["v2", "visit", "ses-01", "20240131", "baseline", "t1", "240131"])
def test_visits_and_dates_are_no_patients(word: str) -> None:
    assert is_visit(word)
    assert not any(map(is_visit, ("P01", "smith", "12", "007")))


@pytest.mark.parametrize(
    "folder", ["fold_1", "train", "noDVT", "No DVT", "Dataset001_DVT", "positive", "Patients"]
)
def test_folders_of_many_are_no_patients(folder: str) -> None:
    assert is_group(folder)
    assert not any(map(is_group, ("P01", "sub-01", "Patient 7", "DVT007", "Testa")))


def test_folders_of_sides_and_parts_are_no_patients() -> None:
    assert all(map(is_group, ("left", "right_leg", "axial", "thigh")))


def test_names_that_may_be_one_patients_have_much_in_common() -> None:
    for one, other in (
        ("P01a", "p1b"), ("P01-1", "P01_2"), ("P01_left", "P1"), ("Müller, A", "müller a"),
        ("P01_a", "P01_b"), ("P1_2023", "P1_2024"), ("P1_CT", "P1_MR"), ("T001_left", "T001_right"),
    ):  # fmt: skip
        assert loose_patient(one) == loose_patient(other)
    assert len({loose_patient(one) for one in ("P01", "P02", "sub-1", "sub-2", "T-02-0003")}) == 5


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ("{}/art/ct.nii", ("P1", "P2")),
        ("{}/4-T1_vibe_venous/4_T1_vibe.nii", ("P1", "P2")),
        ("{}_MR1/scans/4-T1/resources/NIFTI/files/4_T1.nii", ("P1", "P2")),
        ("{}/7-T2_haste/image.nii", ("P1", "P2")),
        ("{}/1/image.nii", ("P1", "P2")),
        ("{}/1/image.nii", ("001", "002")),
        ("{}/CT_Beine/image.nii", ("Li", "Re")),
        ("Bern/{}/ct.nii", ("P1", "P2")),
        ("Bern/{}/ct.nii", ("001", "002")),
    ],
)
def test_folders_of_series_are_no_patients(below: str, told: tuple[str, str]) -> None:
    names = [read_name(PurePath(below.format(one))) for one in told]
    more = [*(read_name(PurePath(f"Basel/{one}/ct.nii")) for one in ("P1", "001")), *names]
    recurring = recurring_folders(more)
    assert tuple(patient_in(name, alone=True, recurring=recurring) for name in names) == told


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ("1/ct.nii 2/ct.nii 10/ct.nii", "1 2 10"),
        ("001/1/ct.nii 002/1/ct.nii 002/2/ct.nii", "001 002 002"),
        ("001/1/ct.nii 002/2/ct.nii", "001 002"),
        ("1/1/ct.nii 1/2/ct.nii 2/1/ct.nii", "1 1 2"),
        ("001/0001/ct.nii 001/0002/ct.nii 002/0001/ct.nii", "001 001 002"),
        ("2023/1/ct.nii 2023/2/ct.nii 2024/3/ct.nii", "1 2 3"),
        ("1/2024/ct.nii 2/2024/ct.nii", "1 2"),
        ("2024/ct.nii 2025/ct.nii", "2024 2025"),
        ("gesund/1.nii krank/2.nii", "1 2"),
    ],
)
def test_numbers_are_patients_and_those_below_are_not(paths: str, told: str) -> None:
    names = [read_name(PurePath(path)) for path in paths.split()]
    recurring = recurring_folders(names)
    found = [patient_in(name, alone=True, recurring=recurring) for name in names]
    assert found == told.split()
