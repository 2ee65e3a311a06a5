"""Results that are kept on disk under what they depend on: made once, and anew when that changes.

A result depends on settings and on the code that makes it. The code has a number, `GENERATION` in its
module, which is raised when the same settings come to another result, and only then: a corrected comment or
a new version of the package costs nobody a day of computing.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_origin

from deepvein.core.files import whole_file, write_text
from deepvein.core.provenance import sha256
from deepvein.core.settings import converter, to_dict

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

T = TypeVar("T")


@dataclass(frozen=True)
class Terms:
    """What a result depends on: generation numbers by the name of their code, and plain settings."""

    generations: Mapping[str, int]
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, generations: Mapping[str, int], *unnamed: Any, **settings: Any) -> Terms:
        """Terms of plain values and dataclasses; those without a name are numbered."""
        named = {str(number): value for number, value in enumerate(unnamed)} | settings
        plain = {name: _plain(value) for name, value in named.items()}
        return cls(dict(generations), json.loads(json.dumps(plain)))

    @property
    def record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"generations": dict(self.generations), "settings": dict(self.settings)}

    @property
    def digest(self) -> str:
        """16 hexadecimal digits, for a file's name."""
        text = json.dumps(self.record, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def differences(self, record: Any) -> list[str]:
        """What was otherwise when `record` was written, such as "settings.n was 2, is 3"."""
        before = record if isinstance(record, dict) else {}
        return differences(before, self.record)


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A result in a file `path` (.json; arrays lie beside it as .npz).

    kind: the result's dataclass. Arrays in it may be of any type and shape.
    """

    path: Path
    kind: type[T]
    terms: Terms

    def get(self, make: Callable[[], T]) -> T:
        """What is kept under these terms; else what `make` gives, which is kept from now on."""
        found = self.load()
        if found is None:
            found = make()
            self.save(found)
        return found

    def load(self) -> T | None:
        """What is kept; None if that is nothing, damaged, or was made under other terms."""
        return self._read(any_terms=False)

    def load_any(self) -> T | None:
        """What is kept, whatever its terms; None if that is nothing or damaged."""
        return self._read(any_terms=True)

    def save(self, result: T) -> None:
        """Keep a result in place of what was there, for its owner alone; OutputError as `files` raises it."""
        import numpy as np

        arrays: dict[str, Any] = {}
        plain = _with_arrays(arrays).unstructure(result, self.kind)
        record: dict[str, Any] = {"terms": self.terms.record, "result": plain}
        if arrays:
            with whole_file(self._arrays, private=True) as made:
                np.savez_compressed(made, **arrays)
            record["arrays"] = sha256(self._arrays)
        write_text(self.path, json.dumps(record, separators=(",", ":")) + "\n", private=True)

    @property
    def _arrays(self) -> Path:
        return self.path.with_suffix(".npz")

    def _read(self, any_terms: bool) -> T | None:
        import numpy as np
        from cattrs.errors import BaseValidationError

        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            if not any_terms and record["terms"] != self.terms.record:
                return None
            arrays: dict[str, Any] = {}
            if "arrays" in record:
                if sha256(self._arrays) != record["arrays"]:
                    return None
                with np.load(self._arrays, allow_pickle=False) as stored:
                    arrays = dict(stored)
            result: T = _with_arrays(arrays).structure(record["result"], self.kind)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return None
        except BaseValidationError:  # kept by a version whose results had other fields
            return None
        return result


def differences(before: Mapping[str, Any], now: Mapping[str, Any], path: str = "") -> list[str]:
    """What differs between two nested dictionaries, as texts."""
    return list(_differing(before, now, path))


def _differing(before: Mapping[str, Any], now: Mapping[str, Any], path: str) -> Iterator[str]:
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differing(old, new, f"{path}{key}.")
        elif old != new:
            yield f"{path}{key} was {old}, is {new}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return to_dict(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _with_arrays(arrays: dict[str, Any]) -> JsonConverter:
    """To and from plain values, with each array under a number of its own in `arrays`."""
    import numpy as np

    def is_array(kind: Any) -> bool:
        return kind is np.ndarray or get_origin(kind) is np.ndarray

    def put(array: Any) -> str:
        name = str(len(arrays))
        arrays[name] = array
        return name

    own = converter().copy()
    own.register_unstructure_hook_func(is_array, put)
    own.register_structure_hook_func(is_array, lambda name, _: arrays[name])
    return own
