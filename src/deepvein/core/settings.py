"""Frozen dataclasses to and from TOML or JSON; an unknown key or a value of the wrong type is an error."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from deepvein.core.errors import SettingsError
from deepvein.core.files import write_json

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

T = TypeVar("T")


@cache
def converter() -> JsonConverter:
    """What turns dataclasses to plain values and back; strict about types and names. Copy it to extend it."""
    from cattrs.preconf.json import make_converter

    made = make_converter(forbid_extra_keys=True)
    made.register_structure_hook_func(
        _has_kinds, lambda values, cls: made.structure(*cls.stored_as(values)[::-1])
    )
    made.register_unstructure_hook_func(
        _has_kinds, lambda value: made.unstructure(value, type(value))
    )
    made.register_structure_hook_factory(_is_list, _listed)
    made.register_structure_hook(Path, lambda value, _: Path(_text(value, str)))
    made.register_unstructure_hook(Path, str)
    made.register_structure_hook(float, _number)
    made.register_structure_hook(int, _whole)
    made.register_structure_hook(bool, _truth)
    made.register_structure_hook(str, _text)
    return made


def _has_kinds(cls: type) -> bool:
    """Whether it stands for subclasses: its `stored_as` tells which, and the values that are theirs."""
    return "stored_as" in getattr(cls, "__dict__", {})


def _is_list(cls: Any) -> bool:
    """Whether it is a tuple of any length."""
    return get_origin(cls) is tuple and get_args(cls)[1:] == (...,)


def _listed(cls: Any, made: Any) -> Callable[[Any, Any], Any]:
    """As cattrs makes it of a list; of a text it would make a tuple of its letters."""
    from cattrs.cols import homogenous_tuple_structure_factory

    structure = homogenous_tuple_structure_factory(cls, made)

    def checked(value: Any, kind: Any) -> Any:
        if isinstance(value, str | Mapping):
            raise TypeError(f"expected a list, got {value!r}")
        return structure(value, kind)

    return checked


def _number(value: Any, _: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {value!r}")
    return float(value)


def _whole(value: Any, kind: type[int]) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected a whole number, got {value!r}")
    return kind(value)  # an IntEnum is an int, and comes back as its member


def _truth(value: Any, _: type) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {value!r}")
    return value


def _text(value: Any, kind: type[str]) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {value!r}")
    return kind(value)


def _explain(error: BaseException, wanted: type | None) -> str:
    """What is wrong and what would work; cattrs adds the place."""
    from cattrs import ForbiddenExtraKeysError
    from cattrs.v import format_exception

    if isinstance(error, ForbiddenExtraKeysError):
        unknown = ", ".join(sorted(error.extra_fields))
        return f"unknown key {unknown} (known: {_fields(error.cl)})"
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return f"{str(error).split(' is not ')[0]} is not one of {_members(wanted)}"
    if isinstance(error, AttributeError) and dataclasses.is_dataclass(wanted):
        return f"expected a table of {_fields(wanted)}, got {error.obj!r}"
    said = isinstance(error, TypeError) and str(error).startswith("expected ")
    if said or isinstance(error, SettingsError):
        return str(error)
    return f"{format_exception(error, wanted)} ({error})"


def _fields(cls: type) -> str:
    names = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    return ", ".join(field.name for field in names)


def _members(kind: type[Enum]) -> str:
    return ", ".join(str(member.value) for member in kind)


def from_dict(cls: type[T], values: Mapping[str, Any]) -> T:
    """Build the dataclass `cls` from plain values; missing keys take the defaults."""
    from cattrs import transform_error

    if not isinstance(values, Mapping):
        raise SettingsError(f"{cls.__name__}: expected keys with values, got {values!r}")
    try:
        return converter().structure(values, cls)
    except Exception as error:
        wrong = "; ".join(transform_error(error, format_exception=_explain))
        raise SettingsError(
            f"{cls.__name__}: {wrong.replace(' @ $.', ' at ').replace(' @ $', '')}"
        ) from error


def to_dict(settings: Any) -> dict[str, Any]:
    """Plain values (dictionaries, lists, numbers, texts) of a dataclass, ready for JSON."""
    if not dataclasses.is_dataclass(settings):
        raise SettingsError(f"expected a dataclass, got {type(settings).__name__}")
    plain: dict[str, Any] = json.loads(converter().dumps(settings))
    return plain


def load(cls: type[T], path: Path) -> T:
    """Read settings from a `.toml` or `.json` file."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read settings from {path}: {error}") from error
    return from_dict(cls, values)


def save(settings: Any, path: Path) -> None:
    """Write settings as JSON, whole or not at all."""
    write_json(path, to_dict(settings))
