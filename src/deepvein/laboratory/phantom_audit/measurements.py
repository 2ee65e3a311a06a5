"""The measurements of an audit, each kept on disk until the generator or the measurement changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from deepvein.core.errors import SettingsError
from deepvein.core.files import write_text
from deepvein.core.settings import from_dict, to_dict
from deepvein.laboratory.phantom_audit import (
    blind,
    calibres,
    centres,
    dark_reader,
    extents,
    neighbours,
    position_reader,
    tissues,
)
from deepvein.laboratory.phantom_audit.painted_studies import Source
from deepvein.laboratory.phantom_audit.settings import AuditSettings

T = TypeVar("T")

_PACKAGE = Path(__file__).parents[2]
_GENERATOR = ("phantoms", "anatomy", "core/seeds.py")
_SHARED = (
    "settings",
    "studies",
    "painted_studies",
    "thrombus_extents",
    "sections",
    "patches",
    "straightened",
    "network",
    "folds",
)


@dataclass(frozen=True)
class Stored(Generic[T]):
    """A result on disk, and the digest of what made it."""

    digest: str
    result: T


@dataclass(frozen=True)
class Part(Generic[T]):
    """One measurement: how it is made and what comes of it."""

    name: str
    result: type[T]
    measure: Callable[[Source], T]

    def digest(self, settings: AuditSettings) -> str:
        """What the result depends on: the generator's and the measurement's code, the studies."""
        own = [f"laboratory/phantom_audit/{name}.py" for name in (*_SHARED, self.name)]
        text = f"{generator_digest()} {_digest(own)} {settings.n} {settings.seed}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def path(self, settings: AuditSettings, folder: Path) -> Path:
        return folder / settings.name / f"{self.name}.json"

    def stored(self, settings: AuditSettings, folder: Path) -> Stored[T] | None:
        """What lies on disk, whatever made it; None if nothing does or it cannot be read."""
        try:
            record: dict[str, Any] = json.loads(
                self.path(settings, folder).read_text(encoding="utf-8")
            )
            return Stored(str(record["digest"]), from_dict(self.result, record["result"]))
        except (OSError, ValueError, KeyError, SettingsError):
            return None

    def get(self, source: Source, folder: Path) -> T:
        """The result, measured unless it lies on disk."""
        settings = source.settings
        digest, found = self.digest(settings), self.stored(settings, folder)
        if found is not None and found.digest == digest:
            return found.result
        result = self.measure(source)
        record = {"synthetic": True, "digest": digest, "result": to_dict(result)}
        text = json.dumps(record, separators=(",", ":")) + "\n"
        write_text(self.path(settings, folder), text)
        return result


TISSUES = Part(
    "tissues",
    tissues.Tissues,
    lambda source: tissues.judge(source.settings, [v.tissues for v in source.visits]),
)
CALIBRES = Part("calibres", calibres.Calibres, lambda s: calibres.measure(s.settings, s.progress))
EXTENTS = Part("extents", extents.Extents, lambda s: extents.measure(s.settings, s.progress))
DARK_READER = Part(
    "dark_reader",
    dark_reader.DarkReader,
    lambda source: dark_reader.judge([one for v in source.visits for one in v.sightings]),
)
POSITION_READER = Part(
    "position_reader",
    position_reader.PositionReader,
    lambda source: position_reader.measure(source.settings, source.progress),
)
BLIND = Part(
    "blind",
    blind.Blind,
    lambda source: blind.judge(source.settings, [v.hidden for v in source.visits]),
)
NEIGHBOURS = Part(
    "neighbours",
    neighbours.Neighbours,
    lambda source: neighbours.measure(source.settings, source.progress),
)
CENTRES = Part(
    "centres", centres.Centres, lambda source: centres.measure(source.settings, source.progress)
)


@cache
def generator_digest() -> str:
    """A short digest of the code that makes phantoms."""
    return _digest(_GENERATOR)


def gallery_digest() -> str:
    """A short digest of what the pictures of phantoms depend on."""
    own = [
        f"laboratory/phantom_audit/{name}.py"
        for name in ("gallery", "figures", "sections", "studies")
    ]
    return hashlib.sha256(f"{generator_digest()} {_digest(own)}".encode()).hexdigest()[:16]


def _digest(names: tuple[str, ...] | list[str]) -> str:
    files: list[Path] = []
    for name in names:
        place = _PACKAGE / name
        files += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    total = hashlib.sha256()
    for file in files:
        total.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:16]
