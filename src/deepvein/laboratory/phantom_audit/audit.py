"""An audit of the phantoms: every measurement at one modality and level of difficulty."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepvein.core import settings as storage
from deepvein.core.progress import Progress, silent
from deepvein.laboratory.phantom_audit import measurements
from deepvein.laboratory.phantom_audit.blind import Blind
from deepvein.laboratory.phantom_audit.calibres import Calibres
from deepvein.laboratory.phantom_audit.centres import Centres
from deepvein.laboratory.phantom_audit.dark_reader import DarkReader
from deepvein.laboratory.phantom_audit.extents import Extents
from deepvein.laboratory.phantom_audit.matched_filter import MatchedFilter
from deepvein.laboratory.phantom_audit.neighbours import Neighbours
from deepvein.laboratory.phantom_audit.painted_studies import Source
from deepvein.laboratory.phantom_audit.position_reader import PositionReader
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.tissues import Tissues
from deepvein.phantoms.difficulty import NAMES
from deepvein.phantoms.plan import GENERATOR

RESULTS = "results"
_RECORD = "audit.json"


@dataclass(frozen=True)
class Audit:
    """What was measured; generator: which one made the phantoms."""

    settings: AuditSettings
    generator: str
    tissues: Tissues
    calibres: Calibres
    extents: Extents
    dark_reader: DarkReader
    position_reader: PositionReader
    blind: Blind
    neighbours: Neighbours
    centres: Centres
    matched_filter: MatchedFilter


@dataclass(frozen=True)
class Record:
    """What lies beside the results on disk."""

    settings: AuditSettings
    generator: str


def audit(settings: AuditSettings, folder: Path, progress: Progress = silent) -> Audit:
    """Measure everything and keep it in `folder`/results; what lies there already is not measured again.

    `progress` hears of each measurement by its stage.
    """
    results, source = folder / RESULTS, Source(settings, progress)
    made = Audit(
        settings=settings,
        generator=str(GENERATOR),
        tissues=measurements.TISSUES.get(source, results),
        calibres=measurements.CALIBRES.get(source, results),
        extents=measurements.EXTENTS.get(source, results),
        dark_reader=measurements.DARK_READER.get(source, results),
        position_reader=measurements.POSITION_READER.get(source, results),
        blind=measurements.BLIND.get(source, results),
        neighbours=measurements.NEIGHBOURS.get(source, results),
        centres=measurements.CENTRES.get(source, results),
        matched_filter=measurements.MATCHED_FILTER.get(source, results),
    )
    storage.save(Record(settings, made.generator), results / settings.name / _RECORD)
    return made


def audits(folder: Path) -> tuple[Audit, ...]:
    """All whole audits in `folder`/results, of whatever generator: CT first, from easy to hard."""
    found = [
        _stored(storage.load(Record, path), folder / RESULTS)
        for path in sorted((folder / RESULTS).glob(f"*/{_RECORD}"))
    ]
    return tuple(sorted((one for one in found if one is not None), key=_place))


def _place(made: Audit) -> tuple[str, int]:
    return made.settings.modality.value, NAMES.index(made.settings.difficulty)


def _stored(record: Record, results: Path) -> Audit | None:
    s = record.settings
    tissues, calibres = (
        measurements.TISSUES.stored(s, results),
        measurements.CALIBRES.stored(s, results),
    )
    extents, dark = (
        measurements.EXTENTS.stored(s, results),
        measurements.DARK_READER.stored(s, results),
    )
    position, blind = (
        measurements.POSITION_READER.stored(s, results),
        measurements.BLIND.stored(s, results),
    )
    neighbours, centres = (
        measurements.NEIGHBOURS.stored(s, results),
        measurements.CENTRES.stored(s, results),
    )
    matched = measurements.MATCHED_FILTER.stored(s, results)
    if tissues is None or calibres is None or extents is None or dark is None:
        return None
    if (
        position is None
        or blind is None
        or neighbours is None
        or centres is None
        or matched is None
    ):
        return None
    return Audit(
        settings=s,
        generator=record.generator,
        tissues=tissues,
        calibres=calibres,
        extents=extents,
        dark_reader=dark,
        position_reader=position,
        blind=blind,
        neighbours=neighbours,
        centres=centres,
        matched_filter=matched,
    )
