from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepvein.cohorts.importing import import_folder
from deepvein.cohorts.told_cases import ToldFile, told_files
from deepvein.core.errors import CohortError
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write

GRID = Grid.from_directions(SHAPE, SPACING)


def write_table(folder: Path, cases: object) -> Path:
    path = folder / "dataset.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = {"background": 0, "thrombus": 1}
    told = {"channel_names": {"0": "CT"}, "labels": labels, "dataset": cases}
    path.write_text(json.dumps(told))
    return path


def crossed(root: Path, absolute: bool) -> None:
    """Two cases whose labels are called as the image of the other: all lie in one place."""
    image, _, thrombi = arrays(dvt=True)
    for number, label in ((1, thrombi), (2, 0 * thrombi)):
        write(image + number, GRID, root / f"scans/leg_{number}.nii.gz")
        write(label, GRID, root / f"labelsTr/leg_{3 - number}.nii.gz")
    place = f"{root.absolute()}/" if absolute else ""
    cases = {
        f"Case{number}": {
            "images": [f"{place}scans/leg_{number}.nii.gz"],
            "label": f"{place}labelsTr/leg_{3 - number}.nii.gz",
        }
        for number in (1, 2)
    }
    write_table(root, cases)


@pytest.mark.parametrize("absolute", [False, True])
def test_a_label_is_of_the_case_that_names_it(tmp_path: Path, absolute: bool) -> None:
    root = tmp_path / "in"
    crossed(root, absolute)
    folds = [{"train": ["Case1"], "val": ["Case2"]}, {"train": ["Case2"], "val": ["Case1"]}]
    (root / "splits_final.json").write_text(json.dumps(folds))
    found = import_folder(root, tmp_path / "out")
    assert found.left_out == ()
    assert [(one.case, one.thrombi.name, one.has_dvt, one.fold) for one in found.cohort] == [
        ("Case1", "leg_2.nii.gz", True, 1),
        ("Case2", "leg_1.nii.gz", False, 0),
    ]


def test_of_several_channels_the_first_is_taken_and_the_others_are_told(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    root = tmp_path / "in"
    for name in ("early", "late"):
        write(image, GRID, root / f"{name}.nii.gz")
    write(thrombi, GRID, root / "clot.nii.gz")
    write_table(root, {"P1": {"images": ["late.nii.gz", "early.nii.gz"], "label": "clot.nii.gz"}})
    found = import_folder(root, tmp_path / "out")
    (case,) = found.cohort
    assert (case.case, case.image.name, case.thrombi.name) == ("P1", "late.nii.gz", "clot.nii.gz")
    (told,) = found.left_out
    assert told.endswith("early.nii.gz: it is channel 1 of an image; the first one is taken")


def test_copies_of_the_table_and_other_data_sets_are_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sets call their cases alike; nnU-Net leaves copies of tables beside what it makes."""
    for name in ("A", "B"):
        crossed(tmp_path / "in/raw" / name, absolute=False)
        copy = tmp_path / "in/preprocessed" / name / "dataset.json"
        copy.parent.mkdir(parents=True)
        copy.write_bytes((tmp_path / "in/raw" / name / "dataset.json").read_bytes())
    other = tmp_path / "in/raw/B/scans/leg_2.nii.gz"
    write(arrays(dvt=False)[0] + 9, GRID, other)
    write(arrays(dvt=False)[0] + 7, GRID, other.with_name("leg_1.nii.gz"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    found = import_folder(Path("../in"), tmp_path / "out")
    assert found.left_out == ()
    told = [(one.case, one.image.name, one.thrombi.name) for one in found.cohort]
    assert told == [
        (f"{name}_Case{n}", f"leg_{n}.nii.gz", f"leg_{3 - n}.nii.gz")
        for name in ("A", "B")
        for n in (1, 2)
    ]


def test_files_elsewhere_or_gone_are_told(tmp_path: Path) -> None:
    files = {"images": ["../other/leg_0000.nii.gz"], "label": "gone.nii.gz"}
    table = write_table(tmp_path / "in", {"leg": files})
    with pytest.raises(CohortError) as told:
        import_folder(tmp_path / "in", tmp_path / "out")
    assert f"{tmp_path}/other/leg_0000.nii.gz: {table} names it, but it lies outside" in str(
        told.value
    )
    assert f"gone.nii.gz: {table} names it, but it is not there" in str(told.value)


def test_variables_are_those_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEGS", str(tmp_path / "legs"))
    table = write_table(tmp_path, {"leg": {"images": ["$LEGS/a.nii.gz"]}})
    told = {tmp_path / "legs/a.nii.gz": ToldFile("leg", ("leg",), "image", 0, table)}
    assert told_files(tmp_path) == told


@pytest.mark.parametrize("cases", [None, [], ["a"], {"a": 1}, {"a": {"label": "b"}}, "legs", 3])
def test_another_table_names_nothing(tmp_path: Path, cases: object) -> None:
    write_table(tmp_path, cases)
    assert told_files(tmp_path) == {}
