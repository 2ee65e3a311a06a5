"""A result is made once under its terms, anew under others, and says which these are."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from deepvein.core.kept import Kept, Terms, differences


@dataclass(frozen=True)
class Settings:
    n: int = 2
    shares: tuple[float, ...] = (0.5,)


@dataclass(frozen=True)
class Result:
    name: str
    values: tuple[float, ...] = ()
    place: Path = Path("there")


@dataclass(frozen=True, eq=False)
class Arrays:
    mask: NDArray[np.bool_]
    parts: tuple[NDArray[np.float32], ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)


def terms(n: int = 2, generation: int = 1) -> Terms:
    return Terms.of({"code": generation}, Settings(n), seed=3)


def test_it_is_made_once_and_anew_when_settings_or_generation_change(tmp_path: Path) -> None:
    made: list[Terms] = []

    def get(under: Terms) -> Result:
        def make() -> Result:
            made.append(under)
            return Result("a", (0.1,))

        return Kept(tmp_path / "new" / "r.json", Result, under).get(make)

    first, other, later = terms(), terms(n=3), terms(generation=2)
    for under in (first, first, other, other, later, first):
        assert get(under) == Result("a", (0.1,))
    assert made == [first, other, later, first]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["r.json"]


def test_it_says_what_it_depends_on(tmp_path: Path) -> None:
    Kept(tmp_path / "r.json", Result, terms()).save(Result("a"))
    assert json.loads((tmp_path / "r.json").read_text())["terms"] == {
        "generations": {"code": 1},
        "settings": {"0": {"n": 2, "shares": [0.5]}, "seed": 3},
    }


def test_arrays_come_back_with_type_and_shape(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "r.json", Arrays, terms())
    mask = np.zeros((2, 3), dtype=np.bool_)
    mask[1] = True
    kept.save(Arrays(mask, (np.arange(3, dtype=np.float32), np.empty(0, np.float32)), {"a": 1}))
    found = kept.load()
    assert found is not None
    np.testing.assert_array_equal(found.mask, mask)
    assert [part.dtype for part in found.parts] == [np.float32] * 2
    assert found.numbers == {"a": 1}
    if os.name != "nt":
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        assert modes == {0o600}  # a case's name may be a person's


@pytest.mark.parametrize("name", ["r.json", "r.npz"])
def test_what_is_damaged_is_made_again(tmp_path: Path, name: str) -> None:
    kept = Kept(tmp_path / "r.json", Arrays, terms())
    kept.save(Arrays(np.ones(3, dtype=np.bool_)))
    whole = (tmp_path / name).read_bytes()
    for content in (b"", whole[:-9], whole[:40] + b"\xff" + whole[41:]):
        (tmp_path / name).write_bytes(content)
        assert kept.load() is None
    (tmp_path / name).unlink()
    assert kept.load() is None


def test_other_terms_can_be_read_if_asked(tmp_path: Path) -> None:
    Kept(tmp_path / "r.json", Result, terms()).save(Result("a"))
    later = Kept(tmp_path / "r.json", Result, terms(generation=2))
    assert later.load() is None
    assert later.load_any() == Result("a")
    Kept(tmp_path / "r.json", Settings, terms()).save(Settings())
    assert later.load_any() is None


def test_digests_follow_the_terms() -> None:
    assert terms().digest == terms().digest
    assert len({terms().digest, terms(3).digest, terms(generation=2).digest}) == 3
    assert Terms.of({}, a=(1, 2)).digest == Terms.of({}, a=[1, 2]).digest


def test_differences_are_said_by_their_place() -> None:
    assert terms(3, 2).differences(terms().record) == [
        "generations.code was 1, is 2",
        "settings.0.n was 2, is 3",
    ]
    assert terms().differences(None)


def test_differences_name_the_way_to_what_differs() -> None:
    before = {"a": {"b": 1, "c": 2}, "d": 3}
    assert differences(before, {"a": {"b": 1, "c": 5}, "e": 4}) == [
        "a.c was 2, is 5",
        "d was 3, is None",
        "e was None, is 4",
    ]
    assert differences(before, before) == []
