"""What is in a study, and whether and why it can be screened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.errors import DeepveinError
from deepvein.core.progress import Progress, silent
from deepvein.studies.account import Fate, FileRecord
from deepvein.studies.dicom.accounting import kind
from deepvein.studies.dicom.files import files_below, look_into
from deepvein.studies.location import StudyLocation, printable
from deepvein.studies.readers import Survey
from deepvein.studies.reading import read_study, reader_of
from deepvein.studies.study import Modality, Remark, SeriesSummary, Study
from deepvein.studies.suitability import Problem, coverage_mm, problems


@dataclass(frozen=True)
class Geometry:
    """shape: slices, rows, columns; spacing_mm in the same order; plane: axial, coronal or sagittal;
    position_mm: lowest and highest LPS z of voxel centres; coverage_mm: length of body shown."""

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    plane: str
    position_mm: tuple[float, float]
    coverage_mm: float


@dataclass(frozen=True)
class Station:
    """One acquired stack, counted from the head; position_mm: lowest and highest LPS z."""

    number: int
    description: str
    slices: int
    position_mm: tuple[float, float]


@dataclass(frozen=True)
class Inspection:
    """The answer of `inspect`. modality: 'CT', 'MR' or '' where not known; files: what became, or would
    become, of each file; geometry is that of the volume
    that would be screened, None if it cannot be read; reason says why it can or cannot be screened;
    beside: files of the folder that was asked for that lie outside of the study's (see `files_beside`)."""

    name: str
    location: str
    modality: str
    series: tuple[SeriesSummary, ...]
    geometry: Geometry | None
    stations: tuple[Station, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Remark, ...]
    synthetic: bool
    screenable: bool
    reason: str
    files: tuple[FileRecord, ...] = ()
    beside: tuple[FileRecord, ...] = ()


def inspect(
    location: Path | StudyLocation,
    modality: Modality | None = None,
    *,
    progress: Progress | None = None,
) -> Inspection:
    """Look into a study without screening it; nothing is written.

    Parameters
    ----------
    location, modality, progress
        As `read_study` takes them.

    Returns
    -------
    Inspection
        What is there and whether it can be screened. A study that cannot be read comes back with the
        reason among its problems.

    Raises
    ------
    StudyError
        There is no single study to speak of: nothing there, no image format, several studies.
    """
    place = StudyLocation.parse(location)
    show = progress or silent
    try:
        study = read_study(place, modality, progress=show)
    except DeepveinError as error:
        survey = reader_of(place.path).survey(place, modality, show)
        return _unreadable(place, survey, str(error))
    found = problems(study)
    blocking = [problem.text for problem in found if problem.blocking]
    return Inspection(
        name=study.name,
        location=str(place.as_path()),
        modality=study.modality.value,
        series=study.origin.series,
        files=study.origin.files,
        geometry=_geometry(study),
        stations=_stations(study),
        problems=found,
        remarks=study.remarks,
        synthetic=study.synthetic,
        screenable=not blocking,
        reason="; ".join(blocking)
        or f"{study.modality.value} of {coverage_mm(study):.0f} mm of the body",
    )


def files_beside(folder: Path, places: Sequence[Path]) -> tuple[FileRecord, ...]:
    """Each file below a folder that lies in none of the studies found there, such as a report in a folder of
    its own, named from that folder."""
    homes = {StudyLocation.parse(place).path for place in places}
    outside = [path for path in files_below(folder) if homes.isdisjoint((path, *path.parents))]
    look = look_into(outside)
    what = dict(look.others) | {one.path: one.trouble or kind(one) for one in look.headers}
    return tuple(
        FileRecord(printable(path.relative_to(folder).as_posix()), Fate.NO_IMAGE, what[path])
        for path in outside
    )


def _unreadable(place: StudyLocation, survey: Survey, reason: str) -> Inspection:
    modalities = {one.modality for one in survey.series}
    return Inspection(
        name=place.name,
        location=str(place.as_path()),
        modality=modalities.pop() if len(modalities) == 1 else "",
        series=survey.series,
        files=survey.files,
        geometry=None,
        stations=(),
        problems=(Problem("unreadable", reason, True),),
        remarks=(),
        synthetic=False,
        screenable=False,
        reason=reason,
    )


def _geometry(study: Study) -> Geometry:
    grid = study.volume.grid
    heights = grid.body_positions_mm()
    return Geometry(
        shape=grid.shape,
        spacing_mm=grid.spacing_mm,
        plane=grid.plane.name.lower(),
        position_mm=(float(heights.min()), float(heights.max())),
        coverage_mm=coverage_mm(study),
    )


def _stations(study: Study) -> tuple[Station, ...]:
    chosen = [one for one in study.origin.series if one.chosen and one.position_mm]
    chosen.sort(key=lambda one: -sum(one.position_mm or (0.0, 0.0)))
    return tuple(
        Station(number, one.description, one.slices, one.position_mm or (0.0, 0.0))
        for number, one in enumerate(chosen, start=1)
    )
