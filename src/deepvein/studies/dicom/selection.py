"""Which series of a study is screened, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from deepvein.core.errors import GeometryError, NothingToScreenError
from deepvein.studies.dicom.description import exclusion, traits
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.station_series import station_sets
from deepvein.studies.study import Modality, Remark, SeriesSummary
from deepvein.volumes.stations import require_stacked

_GOOD_ENOUGH = 0.5
"""A regular series replaces a better one that is not regular if it reaches this share of its score."""

_FEW, _SMALL_SHARE = 5, 0.1
"""Slices in another plane that a series may hold beside its stack, as scouts: the larger of both."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One series, or MR stations, that might be screened together."""

    series: tuple[Series, ...]
    later: int = 0

    @property
    def modality(self) -> Modality:
        return Modality(self.series[0].header.modality)

    @cached_property
    def coverage_mm(self) -> float:
        """Length of the body that it shows (LPS z), 0 where positions are not known."""
        spans = [span for series in self.series if (span := span_mm(series))]
        if not spans:
            return 0.0
        return max(high for _, high in spans) - min(low for low, _ in spans)

    @cached_property
    def score(self) -> float:
        """Coverage weighed by what the headers say, at least that of one millimetre."""
        later = 1 + 0.1 * self.later
        factors = [trait.factor for trait in traits(self.series[0])]
        return max(1.0, self.coverage_mm) * prod(factors) * later

    @cached_property
    def problem(self) -> str:
        """Why it does not make one regular grid, empty if it does."""
        for series in self.series:
            if series.problem:
                return series.problem
            own, total = len(series.frames), len(series.frames) + series.others
            if series.others > max(_FEW, _SMALL_SHARE * total):
                return (
                    f"only {own} of its {total} slices share one orientation and size; export each "
                    "stack as its own series"
                )
        try:
            require_stacked([series.stack.grid for series in self.series])
        except GeometryError as error:
            return str(error)
        return ""

    @property
    def reason(self) -> str:
        parts = [f"covers {self.coverage_mm:.0f} mm of the body"]
        parts += [trait.text for trait in traits(self.series[0])]
        if len(self.series) > 1:
            parts.insert(0, f"one of {len(self.series)} stations")
        if self.later:
            parts.append("latest of several passes")
        return ", ".join(parts)


@dataclass(frozen=True, eq=False)
class Choice:
    """chosen: one series, or several stations from head to feet; summaries: one for every series found."""

    chosen: Candidate
    summaries: tuple[SeriesSummary, ...]
    remarks: tuple[Remark, ...]


def choose(found: Sequence[Series], modality: Modality | None = None) -> Choice:
    """The series that should be screened.

    The candidate with the highest score wins; if it is not a regular grid, the next one that is and
    that reaches half its score. Raises NothingToScreenError if no series can be screened at all, and
    GeometryError if the right one is irregular.
    """
    excluded = {id(series): exclusion(series, modality) for series in found}
    usable = [series for series in found if not excluded[id(series)]]
    if not usable:
        raise NothingToScreenError(_nothing(found, excluded))
    ranked = sorted(candidates(usable), key=lambda one: -one.score)
    best = ranked[0]
    good = [one for one in ranked if one.score >= _GOOD_ENOUGH * best.score and not one.problem]
    if not good:
        raise GeometryError(f"{_called(best.series[0])} cannot be used: {best.problem}")
    chosen = good[0]
    remarks = []
    if chosen is not best:
        text = f"the better {_called(best.series[0])} was left out: {best.problem}"
        remarks.append(Remark("better-series-refused", text))
    mixed = sum(series.others for series in chosen.series)
    if mixed:
        text = f"{mixed} slices of the same series in another plane or size were left out"
        remarks.append(Remark("mixed-series", text))
    return Choice(chosen, summaries(found, modality, chosen), tuple(remarks))


def candidates(usable: Sequence[Series]) -> tuple[Candidate, ...]:
    """Single CT series, and MR series alone or joined to stations."""
    ct = [Candidate((series,)) for series in usable if series.header.modality == "CT"]
    mr = [series for series in usable if series.header.modality == "MR"]
    return (*ct, *(Candidate(stations, later) for stations, later in station_sets(mr)))


def summaries(
    found: Sequence[Series], modality: Modality | None, chosen: Candidate | None
) -> tuple[SeriesSummary, ...]:
    """One summary a series, in the order given; `chosen` is marked."""
    taken = {id(series) for series in chosen.series} if chosen else set()
    out = []
    for series in found:
        is_chosen = id(series) in taken
        reason = chosen.reason if is_chosen and chosen else ""
        reason = reason or exclusion(series, modality) or _why_not(series)
        out.append(_summary(series, is_chosen, reason))
    return tuple(out)


def span_mm(series: Series) -> tuple[float, float] | None:
    """Lowest and highest LPS z that the voxels of a series reach, or None where not known."""
    if series.problem:
        heights = [frame.position[2] for frame in series.frames if frame.position]
        return (min(heights), max(heights)) if heights else None
    corners = series.stack.grid.corners_mm[:, 2]
    return float(corners.min()), float(corners.max())


def _why_not(series: Series) -> str:
    if series.problem:
        return series.problem
    low, high = span_mm(series) or (0.0, 0.0)
    parts = [f"another series suits better: this one covers {high - low:.0f} mm"]
    return ", ".join([*parts, *(trait.text for trait in traits(series))])


def _summary(series: Series, chosen: bool, reason: str) -> SeriesSummary:
    layout = series.frames[0].layout
    description = series.text("SeriesDescription")
    if series.problem:
        heights = [frame.position[2] for frame in series.frames if frame.position]
    else:
        heights = series.stack.grid.body_positions_mm().tolist()
    return SeriesSummary(
        uid=series.uid,
        number=series.text("SeriesNumber"),
        description=f"{description} ({series.part})".strip() if series.part else description,
        modality=series.header.modality,
        body_part=series.text("BodyPartExamined"),
        slices=len(series.frames),
        rows=layout.rows,
        columns=layout.columns,
        spacing_mm=None if series.problem else series.stack.grid.spacing_mm,
        position_mm=(min(heights), max(heights)) if heights else None,
        chosen=chosen,
        reason=reason,
    )


def _called(series: Series) -> str:
    number, description = series.text("SeriesNumber"), series.text("SeriesDescription")
    named = f"series {number}".strip() + (f" ({description})" if description else "")
    return f"{named} in {series.path.parent}"


def _nothing(found: Sequence[Series], excluded: dict[int, str]) -> str:
    told = [f"{_called(series)}: {excluded[id(series)]}" for series in found[:3]]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"none of the {len(found)} series can be screened ({'; '.join(told)}{more})"
