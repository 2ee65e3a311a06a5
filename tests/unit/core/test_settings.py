from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, load, save, to_dict


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Word(StrEnum):
    YES = "yes"


@dataclass(frozen=True)
class Inner:
    length_mm: float = 1.0
    folder: Path = Path("here")


@dataclass(frozen=True)
class Outer:
    count: int = 3
    share: float = 0.5
    name: str = "x"
    wanted: bool = True
    colour: Colour = Colour.RED
    sizes: tuple[int, ...] = (1, 2)
    pair: tuple[float, float] = (0.0, 1.0)
    most: int | None = None
    inner: Inner = field(default_factory=Inner)


settings = st.builds(
    Outer,
    count=st.integers(-(2**60), 2**60),
    share=st.floats(allow_nan=False, allow_infinity=False),
    name=st.text(),
    wanted=st.booleans(),
    colour=st.sampled_from(Colour),
    sizes=st.lists(st.integers(0, 9)).map(tuple),
    pair=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    most=st.none() | st.integers(0, 9),
    inner=st.builds(Inner, st.floats(0, 9), st.text("abc/", min_size=1).map(Path)),
)


def test_members_of_numbers_and_texts_come_back_as_members():
    @dataclass(frozen=True)
    class Both:
        levels: tuple[Level, ...]
        word: Word

    found = from_dict(Both, to_dict(Both((Level.HIGH,), Word.YES)))
    assert type(found.levels[0]) is Level
    assert type(found.word) is Word
    with pytest.raises(SettingsError, match="3 is not one of 1, 2 at levels"):
        from_dict(Both, {"levels": [3], "word": "yes"})


@given(settings)
def test_they_come_back_from_plain_values(outer: Outer):
    assert from_dict(Outer, to_dict(outer)) == outer


def test_they_come_back_from_a_file(tmp_path: Path):
    outer = Outer(count=9, inner=Inner(2.5))
    save(outer, tmp_path / "settings.json")
    assert load(Outer, tmp_path / "settings.json") == outer


def test_toml_is_read_and_what_is_missing_takes_its_default(tmp_path: Path):
    path = tmp_path / "settings.toml"
    path.write_text('count = 5\nshare = 1\ncolour = "blue"\n[inner]\nlength_mm = 2\n')
    assert load(Outer, path) == Outer(5, 1.0, colour=Colour.BLUE, inner=Inner(2.0))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"cuont": 1}, r"unknown key cuont \(known: count, share"),
        ({"count": 1.5}, "whole number, got 1.5 at count"),
        ({"count": True}, "whole number"),
        ({"count": "1"}, "whole number"),
        ({"share": "much"}, "expected a number"),
        ({"share": True}, "expected a number"),
        ({"name": 3}, "expected a text"),
        ({"wanted": 1}, "true or false"),
        ({"colour": "green"}, "'green' is not one of red, blue at colour"),
        ({"pair": [1.0]}, "pair"),
        ({"inner": {"length": 1}}, r"unknown key length \(known: length_mm, folder\) at inner"),
        ({"inner": 5}, "inner"),
        ({"inner": "5"}, "expected a table of length_mm, folder, got '5' at inner"),
        ({"sizes": "12"}, "expected a list, got '12' at sizes"),
        ({"sizes": {"1": 2}}, "expected a list"),
        ({"sizes": [1, "2"]}, r"whole number, got '2' at sizes\[1\]"),
    ],
)
def test_what_does_not_fit_is_named(values: dict[str, object], named: str):
    with pytest.raises(SettingsError, match=named) as caught:
        from_dict(Outer, values)
    assert str(caught.value).startswith("Outer: ")


def test_files_that_cannot_be_read_are_named(tmp_path: Path):
    broken = tmp_path / "broken.toml"
    broken.write_text("count = ")
    for path in (broken, tmp_path / "absent.json"):
        with pytest.raises(SettingsError, match=path.name):
            load(Outer, path)
    listed = tmp_path / "list.json"
    listed.write_text("[1, 2]")
    with pytest.raises(SettingsError, match=r"got \[1, 2\]"):
        load(Outer, listed)


def test_only_dataclasses_are_settings():
    with pytest.raises(SettingsError, match="got dict"):
        to_dict({"count": 1})
