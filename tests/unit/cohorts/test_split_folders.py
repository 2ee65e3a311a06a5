from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from deepvein.cohorts.checks import check
from deepvein.cohorts.importing import import_folder
from deepvein.cohorts.split_folders import told_splits
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ("train/P1/ct.nii val/P2/ct.nii test/P3/ct.nii", "train validation test"),
        ("D/imagesTr/a.nii D/imagesVal/b.nii D/imagesTs/c.nii", "train validation test"),
        ("Training Set/a.nii validation_set/b.nii", "train validation"),
        ("DVT/train/a.nii DVT/test/b.nii", "train test"),
        ("train/a.nii train/b.nii", ""),
        ("train/a.nii test/b.nii c.nii", ""),
        ("P1/test/a.nii P2/b.nii", ""),
    ],
)
def test_folders_tell_splits_where_all_images_lie_in_one(paths: str, told: str) -> None:
    images = [PurePath(path) for path in paths.replace("Training Set", "Training~Set").split()]
    found = told_splits([PurePath(str(one).replace("~", " ")) for one in images])
    assert " ".join(found.values()) == told


def test_the_division_of_a_data_set_is_kept(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number, split in enumerate(("train", "val", "test")):
        write(image + number, grid, tmp_path / "in" / split / "images" / f"P{number}.nii")
        write(thrombi, grid, tmp_path / "in" / split / "masks" / f"P{number}.nii")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert {case.patient: case.split for case in found.cohort} == {
        "P0": "train",
        "P1": "validation",
        "P2": "test",
    }
    assert any("split is set by folders: test, train, validation" in one for one in found.guesses)
    # One number in two parts may be one patient: that is refused until somebody says.
    write(image + 7, grid, tmp_path / "in" / "test" / "images" / "P0.nii")
    torn = import_folder(tmp_path / "in", tmp_path / "torn")
    assert any(one.code == "patients" and not one.passed for one in check(torn.cohort))


def test_a_division_without_validation_is_told_and_not_set(tmp_path: Path) -> None:
    image, _, _ = arrays(dvt=True)
    for number, split in enumerate(("imagesTr", "imagesTs")):
        write(
            image + number,
            Grid.from_directions(SHAPE, SPACING),
            tmp_path / "in" / split / f"leg_{number}_0000.nii",
        )
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.split for case in found.cohort] == ["", ""]
    assert any("divide the images into test and train" in guess for guess in found.guesses)
