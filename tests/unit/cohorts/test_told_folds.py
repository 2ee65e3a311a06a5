from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.filenames import read_name
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.cohorts.importing import import_folder
from deepvein.cohorts.told_folds import with_folds
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write

FOLDS = [{"train": ["leg_002", "leg_003"], "val": ["leg_001"]},
         {"train": ["leg_001"], "val": ["leg_002", "leg_003"]}]  # fmt: skip


def cases(root: Path, *names: str, patient: str = "") -> dict[ImportFile, Case]:
    images = [ImportFile(root / name, read_name(Path(name))) for name in names]
    for image in images:
        image.path.parent.mkdir(parents=True, exist_ok=True)
        image.path.touch()
    return {
        image: Case(image.path.name, patient or image.path.name, Modality.CT, image.path)
        for image in images
    }


def folds_of(found: dict[ImportFile, Case]) -> list[int | None]:
    return [case.fold for case in found.values()]


def write_folds(path: Path, told: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    "place",
    ["raw/Dataset1_Legs/splits_final.json", "preprocessed/Dataset1_Legs/splits_final.json"],
)
def test_folds_of_nnunet_are_those_that_validate(tmp_path: Path, place: str) -> None:
    write_folds(tmp_path / place, FOLDS)
    folder = "raw/Dataset1_Legs/imagesTr"
    names = [f"{folder}/leg_00{n}_0000.nii.gz" for n in (1, 2, 3, 4)]
    notes = ImportNotes()
    assert folds_of(with_folds(cases(tmp_path, *names), tmp_path, notes)) == [0, 1, 1, None]
    (told,) = notes.guesses
    assert told.startswith("fold is set for 3 images by ")
    assert told.endswith("1 images are in none of its folds")


def test_folds_of_another_data_set_are_not_taken(tmp_path: Path) -> None:
    write_folds(tmp_path / "a/splits_final.json", FOLDS)
    notes = ImportNotes()
    assert folds_of(with_folds(cases(tmp_path, "b/leg_001.nii"), tmp_path, notes)) == [None]
    assert notes.guesses == []


def test_folds_that_part_a_patient_are_told_and_left(tmp_path: Path) -> None:
    write_folds(tmp_path / "splits_final.json", FOLDS)
    notes = ImportNotes()
    made = cases(tmp_path, "leg_001.nii", "leg_002.nii", patient="leg")
    assert folds_of(with_folds(made, tmp_path, notes)) == [None, None]
    assert "has images of one patient in several folds, first 'leg'" in notes.guesses[0]


@pytest.mark.parametrize("told", [{"a": 1}, ["leg_001"], [{"train": []}], 3])
def test_what_is_no_table_of_folds_is_left_out(tmp_path: Path, told: object) -> None:
    write_folds(tmp_path / "splits_final.json", told)
    notes = ImportNotes()
    assert folds_of(with_folds(cases(tmp_path, "leg_001.nii"), tmp_path, notes)) == [None]
    assert list(notes.reasons) == [tmp_path / "splits_final.json"]


def test_an_import_sets_folds_and_keeps_what_nnunet_tests_on_apart(tmp_path: Path) -> None:
    root, (image, _, thrombi) = tmp_path / "Dataset7_Legs", arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number, part in enumerate(("Tr", "Tr", "Tr", "Ts"), start=1):
        write(image + number, grid, root / f"images{part}/leg_00{number}_0000.nii.gz")
        write(thrombi, grid, root / f"labels{part}/leg_00{number}.nii.gz")
    write_folds(root / "splits_final.json", FOLDS)
    labels = {"background": 0, "thrombus": 1}
    write_folds(root / "dataset.json", {"channel_names": {"0": "CT"}, "labels": labels})
    found = import_folder(root, tmp_path / "out")
    divided = [(one.fold, one.split) for one in found.cohort]
    assert divided == [(0, ""), (1, ""), (1, ""), (None, "test")]
    assert any(one.startswith("split is test for 1 images") for one in found.guesses)
    assert any(one.startswith("fold is set for 3 images") for one in found.guesses)
