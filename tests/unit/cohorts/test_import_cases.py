"""What cases of imported images are called, whose they are, and what folders say of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepvein.cohorts.checks import check
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.importing import import_folder
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write


def test_folders_of_groups_say_who_has_dvt(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    paths = ("DVT/1/ct.nii", "DVT/2/ct.nii", "noDVT/1/ct.nii", "noDVT/2/ct.nii", "noDVT/10/ct.nii")
    for number, path in enumerate(paths):
        write(image + number, grid, tmp_path / "in" / path)
    write(thrombi, grid, tmp_path / "in" / "noDVT" / "2" / "thrombus.nii")
    write(thrombi * 0, grid, tmp_path / "in" / "noDVT" / "10" / "thrombus.nii")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.patient, case.has_dvt) for case in found.cohort] == [
        ("DVT_1", True),
        ("DVT_2", True),
        ("noDVT_1", False),
        ("noDVT_2", False),
        ("noDVT_10", False),
    ]
    said = " ".join(found.guesses)
    assert "such as 'DVT', say that 2 of 5 images show DVT" in said
    assert "such as 'noDVT', say that 3 of 5 images show none" in said
    assert "case 'nodvt_2' lies among those without DVT" in said
    labels = next(one for one in check(found.cohort) if one.code == "labels")
    assert labels.fatal
    assert labels.cases == ("nodvt_2",)


@pytest.mark.parametrize("sick", ["thrombus", "clot", "血栓あり"])
def test_images_in_a_folder_called_after_what_they_show_are_no_masks(
    tmp_path: Path, sick: str
) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number, path in enumerate((f"{sick}/P1/ct.nii", "no_thrombus/P2/ct.nii")):
        write(image + number, grid, tmp_path / "in" / path)
    write(thrombi, grid, tmp_path / "in" / sick / "P1" / "drawn.nii")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert {case.patient: case.has_dvt for case in found.cohort} == {"P1": True, "P2": False}
    assert found.left_out == ()
    assert {case.patient: case.thrombi is not None for case in found.cohort} == {
        "P1": True,
        "P2": False,
    }


def test_bare_numbers_are_cases_in_the_order_of_counting(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number in (1, 2, 10):
        write(image + number, grid, tmp_path / "in" / str(number) / "image.nii")
        write(thrombi, grid, tmp_path / "in" / str(number) / "mask.nii")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.case, case.patient, case.has_dvt) for case in found.cohort] == [
        ("1", "1", True),
        ("2", "2", True),
        ("10", "10", True),
    ]


def test_names_that_become_one_are_told_apart(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number, path in enumerate(("images/P01.nii", "scans/P01.nii", "images/P01_1.nii")):
        write(image + number, grid, tmp_path / "one" / path)
    found = import_folder(tmp_path / "one", tmp_path / "out1")
    assert (
        len({case.case for case in found.cohort}) == len({case.image for case in found.cohort}) == 3
    )
    for number, name in enumerate(("a", "A")):
        write(image + number, grid, tmp_path / "two" / name / "ct.nii")
        write(thrombi * number, grid, tmp_path / "two" / name / "clot.nii")
    found = import_folder(tmp_path / "two", tmp_path / "out2")
    assert [(case.case, case.has_dvt) for case in found.cohort] == [("a_1", True), ("a_2", False)]
    assert found.left_out == ()
    found.cohort.save()
    assert Cohort.load(tmp_path / "out2") == found.cohort


@pytest.mark.parametrize(
    ("paths", "other"),
    [
        (("P01/DVT/ct.nii", "P01/control/ct.nii", "P02/DVT/ct.nii"), None),
        (("DVT/P00123/ct.nii", "control/P00123/ct.nii", "DVT/P00124/ct.nii"), True),
    ],
)
def test_a_patient_with_dvt_whose_control_is_there_is_not_taken_for_free_of_it(
    tmp_path: Path, paths: tuple[str, ...], other: bool | None
) -> None:
    image, _, _ = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number, path in enumerate(paths):
        write(image + number, grid, tmp_path / "in" / path)
    found = import_folder(tmp_path / "in", tmp_path / "out")
    one, two = sorted({case.patient for case in found.cohort})
    told = {(case.patient, case.has_dvt) for case in found.cohort}
    assert told == {(one, None), (two, other)}
    said = f"1 patient(s), first {one!r}, have images among those with DVT and among the others"
    assert said in " ".join(found.guesses)
