from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from deepvein.cohorts.cache import derived_path, load, store
from deepvein.cohorts.case import Case
from unit.cohorts.tiny_cohort import make


def test_arrays_come_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.npz"
    store(path, {"one": np.arange(3), "two": np.zeros((0, 3), np.int16)})
    found = load(path, ("two", "one"))
    assert found is not None
    assert found[0].shape == (0, 3)
    np.testing.assert_array_equal(found[1], [0, 1, 2])
    assert list(path.parent.iterdir()) == [path]


def test_what_is_missing_or_damaged_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    assert load(path, ("one",)) is None
    store(path, {"one": np.arange(1000)})
    assert load(path, ("other",)) is None
    path.write_bytes(path.read_bytes()[:200])
    assert load(path, ("one",)) is None
    path.write_bytes(b"")
    assert load(path, ("one",)) is None


def test_pickled_objects_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, one=np.array([{"a": 1}], dtype=object))
    assert load(path, ("one",)) is None


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store(tmp_path / "file" / "a.npz", {"one": np.arange(3)})
    assert load(tmp_path / "file" / "a.npz", ("one",)) is None


def test_the_place_follows_files_generation_and_settings(tmp_path: Path) -> None:
    case = make(tmp_path, n=1).cases[0]

    def place(case: Case, what: str = "index", generation: int = 1, **settings: object) -> Path:
        return derived_path(case, tmp_path, what, generation, **settings)

    before = place(case)
    assert place(case) == before
    assert before.parent == tmp_path / "index"
    others = {
        place(case, "other"),
        place(case, generation=2),
        place(case, clip=(0, 1)),
        place(replace(case, thrombi=None)),
    }
    assert len(others - {before}) == 4
    os.utime(case.image, ns=(1, 1))
    assert place(case) != before
    assert place(replace(case, case="a/b")).parent == before.parent
