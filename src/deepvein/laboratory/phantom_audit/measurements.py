"""The measurements of an audit, each kept on disk until the generator or the measurement changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from deepvein.core.kept import Kept, Terms
from deepvein.laboratory.phantom_audit import (
    blind,
    calibres,
    centres,
    dark_reader,
    extents,
    matched_filter,
    neighbours,
    position_reader,
    tissues,
)
from deepvein.laboratory.phantom_audit.painted_studies import Source
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.phantoms.plan import GENERATOR

T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """One measurement: how it is made and what comes of it.

    generation: raised when the same studies come to another result.
    """

    name: str
    result: type[T]
    measure: Callable[[Source], T]
    generation: int = 1

    def kept(self, settings: AuditSettings, folder: Path) -> Kept[T]:
        """Where it lies in `folder`; how many workers measure it does not matter."""
        generations = {"phantoms": GENERATOR, self.name: self.generation}
        path = folder / settings.name / f"{self.name}.json"
        return Kept(path, self.result, Terms.of(generations, settings.on_one_worker))

    def get(self, source: Source, folder: Path) -> T:
        """The result, measured unless it lies on disk."""
        return self.kept(source.settings, folder).get(lambda: self.measure(source))

    def stored(self, settings: AuditSettings, folder: Path) -> T | None:
        """What lies on disk, whatever made it; None if nothing does or it cannot be read."""
        return self.kept(settings, folder).load_any()


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
MATCHED_FILTER = Part(
    "matched_filter",
    matched_filter.MatchedFilter,
    lambda source: matched_filter.measure(source.settings, source.progress),
)
CENTRES = Part(
    "centres", centres.Centres, lambda source: centres.measure(source.settings, source.progress)
)
