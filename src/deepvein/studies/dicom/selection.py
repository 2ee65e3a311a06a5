"""Which series of a study is screened, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError, NothingToScreenError
from deepvein.studies.dicom import words
from deepvein.studies.dicom.appearance import look
from deepvein.studies.dicom.description import Trait, all_words, named_phase, traits
from deepvein.studies.dicom.kind import exclusion, is_original
from deepvein.studies.dicom.passes import first_taken, is_later_pass, number
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.station_series import station_sets, why_apart
from deepvein.studies.dicom.timing import delay_s
from deepvein.studies.study import Modality, Remark, SeriesSummary
from deepvein.volumes.stations import require_stacked

_GOOD_ENOUGH = 0.5
"""A regular series replaces a better one that is not regular if it reaches this share of its score; series
that reach it are looked at."""

_FEW, _SMALL_SHARE = 5, 0.1
"""Slices in another plane that a series may hold beside its stack, as scouts: the larger of both."""

_LATE_S = 900.0
"""After the first pass, from which the last one shows contrast that fades."""

_BESIDE_MM = 50.0
"""A series that shows so much more of the body than those chosen is missed."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One series, or MR stations, that might be screened together; `more`: traits beside those of its
    header, which only show beside the other candidates."""

    series: tuple[Series, ...]
    more: tuple[Trait, ...] = ()

    @property
    def modality(self) -> Modality:
        return Modality(self.series[0].header.modality)

    @cached_property
    def coverage_mm(self) -> float:
        """Length of the body that it shows (LPS z), 0 where positions are not known."""
        low, high = self.span_mm
        return high - low

    @cached_property
    def span_mm(self) -> tuple[float, float]:
        """Lowest and highest LPS z that it shows, (0, 0) where positions are not known."""
        spans = [span for series in self.series if (span := span_mm(series))]
        if not spans:
            return 0.0, 0.0
        return min(low for low, _ in spans), max(high for _, high in spans)

    @cached_property
    def traits(self) -> tuple[Trait, ...]:
        return (*traits(self.series[0]), *self.more)

    @cached_property
    def score(self) -> float:
        """Coverage weighed by all traits, at least that of one millimetre; rounded, so that equal series
        are equal."""
        weighed = max(1.0, self.coverage_mm) * prod(trait.factor for trait in self.traits)
        return float(f"{weighed:.6g}")

    @cached_property
    def order(self) -> tuple[object, ...]:
        """The best candidates sort first; of equal ones the latest, and never by a UID."""
        first = self.series[0]
        when = first_taken(self.series)
        return (
            -self.score,
            -when.timestamp() if when else 0.0,
            -number(first),
            first.text("SeriesDescription"),
            first.part,
            str(first.path),
        )

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
        parts += [trait.text for trait in self.traits]
        if len(self.series) > 1:
            parts.insert(0, f"one of {len(self.series)} stations")
        return ", ".join(parts)


Decision = tuple[Series, SeriesSummary]


@dataclass(frozen=True, eq=False)
class Choice:
    """chosen: one series, or several stations from head to feet; decisions: every series found, best
    first, with what was decided on it; remarks: what was left out that a reader should know of."""

    chosen: Candidate
    decisions: tuple[Decision, ...]
    remarks: tuple[Remark, ...]

    @property
    def summaries(self) -> tuple[SeriesSummary, ...]:
        """What was decided, without the series."""
        return tuple(summary for _, summary in self.decisions)


def choose(found: Sequence[Series], modality: Modality | None = None) -> Choice:
    """The series that should be screened.

    The candidate with the highest score wins; if it is not a regular grid, the next one that is and
    that reaches half its score. Where CT series come near to each other a few of their slices are looked
    at. Raises NothingToScreenError if no series can be screened at all, and GeometryError if the right
    one is irregular.
    """
    excluded = {id(series): exclusion(series, modality) for series in found}
    usable = [series for series in found if not excluded[id(series)]]
    if not usable:
        raise NothingToScreenError(_nothing(found, excluded))
    ranked = ranking(usable)
    best = ranked[0]
    good = [one for one in ranked if one.score >= _GOOD_ENOUGH * best.score and not one.problem]
    if not good:
        raise GeometryError(f"{_called(best.series[0])} cannot be used: {best.problem}")
    chosen = good[0]
    ranked = (chosen, *(one for one in ranked if one is not chosen))
    remarks = [
        *_better(best, chosen),
        *_timed(chosen),
        *_frames(chosen),
        *_apart(chosen, usable),
        *_missed(chosen, usable),
        *_phase(chosen, ranked),
    ]
    return Choice(chosen, decisions(found, modality, ranked, chosen), tuple(remarks))


def ranking(usable: Sequence[Series]) -> tuple[Candidate, ...]:
    """Single CT series, and MR series alone or joined to stations, the best first."""
    ct = [Candidate((series,)) for series in usable if series.header.modality == "CT"]
    mr = [series for series in usable if series.header.modality == "MR"]
    bare = [*ct, *(Candidate(stations) for stations, _ in station_sets(mr))]
    timed = [Candidate(one.series, _pass(one, bare)) for one in bare]
    best = max(one.score for one in timed)
    near = [one for one in timed if one.score >= _GOOD_ENOUGH * best]
    seen = _looks(near) if len(near) > 1 else {}
    looked = [Candidate(one.series, (*one.more, *seen.get(id(one), ()))) for one in timed]
    return tuple(sorted(looked, key=lambda one: one.order))


def decisions(
    found: Sequence[Series],
    modality: Modality | None,
    ranked: Sequence[Candidate] = (),
    chosen: Candidate | None = None,
) -> tuple[Decision, ...]:
    """Each series with its summary: those `chosen`, then the others as they are `ranked`, then what cannot be
    screened, by number."""
    out = []
    rank = 0
    for candidate in ranked:
        rank += not candidate.problem
        for series in candidate.series:
            reason = candidate.reason if candidate is chosen else _why_not(series, candidate)
            place = None if candidate.problem else rank
            out.append((series, _summary(series, candidate is chosen, reason, place)))
    listed = {id(series) for candidate in ranked for series in candidate.series}
    rest = [series for series in found if id(series) not in listed]
    for series in sorted(rest, key=lambda one: (number(one), one.part, str(one.path))):
        reason = exclusion(series, modality) or series.problem or "nothing stands against it"
        out.append((series, _summary(series, False, reason, None)))
    return tuple(out)


def span_mm(series: Series) -> tuple[float, float] | None:
    """Lowest and highest LPS z that the voxels of a series reach, or None where not known."""
    if series.problem:
        heights = [frame.position[2] for frame in series.frames if frame.position]
        return (min(heights), max(heights)) if heights else None
    corners = series.stack.grid.corners_mm[:, 2]
    return float(corners.min()), float(corners.max())


def _pass(one: Candidate, every: Sequence[Candidate]) -> tuple[Trait, ...]:
    """How its time compares with that of other passes over the same place."""
    later = [other for other in every if _is_soon_after(other, one)]
    earlier = [other for other in every if is_later_pass(one.series, other.series)]
    if later:
        is_venous = named_phase(one.series[0]) == "venous"
        return (
            Trait(f"a later pass shows the same place{_at(later[0])}", 0.7 if is_venous else 0.4),
        )
    if not earlier:
        return ()
    filled = [other for other in earlier if _contrast(other) == _contrast(one)]
    times = [when for other in (one, *filled) if (when := first_taken(other.series))]
    if times and (max(times) - min(times)).total_seconds() > _LATE_S:
        return (Trait(f"long after the first of several passes{_at(one)}", 0.6),)
    return (Trait(f"latest of several passes{_at(one)}", 1.0),)


def _contrast(one: Candidate) -> tuple[bool, bool]:
    first = one.series[0]
    return named_phase(first) == "native", bool(first.text("ContrastBolusAgent"))


def _is_soon_after(other: Candidate, one: Candidate) -> bool:
    if not is_later_pass(other.series, one.series):
        return False
    times = first_taken(other.series), first_taken(one.series)
    if times[0] is None or times[1] is None:
        return True
    return (times[0] - times[1]).total_seconds() <= _LATE_S


def _at(one: Candidate) -> str:
    when = first_taken(one.series)
    return f" ({when:%H:%M:%S})" if when else ""


def _looks(near: Sequence[Candidate]) -> dict[int, tuple[Trait, ...]]:
    """What tells CT candidates apart by a look at their slices, by the candidate's id."""
    seen = {
        id(one): shown
        for one in near
        if one.modality is Modality.CT and (shown := look(one.series[0])) is not None
    }
    out: dict[int, tuple[Trait, ...]] = {}
    for key, shown in seen.items():
        if not shown.has_air and any(other.has_air for other in seen.values()):
            out[key] = (Trait("shows no air, as Hounsfield units do", 0.3),)
        elif not shown.opacified and any(other.opacified for other in seen.values()):
            out[key] = (Trait("no vessel stands out in some of its slices", 0.6),)
    return out


def _better(best: Candidate, chosen: Candidate) -> list[Remark]:
    if chosen is best:
        return []
    text = f"the better {_called(best.series[0])} was left out: {best.problem}"
    return [Remark("better-series-refused", text)]


def _timed(chosen: Candidate) -> list[Remark]:
    """A time after the injection that contradicts the words of the description."""
    first = chosen.series[0]
    told = words.phase(all_words(first))
    if delay_s(first) is None or not told or told == named_phase(first):
        return []
    text = f"the description says {told}, the times of the header {named_phase(first)}, which was believed"
    return [Remark("phase-by-time", text)]


def _frames(chosen: Candidate) -> list[Remark]:
    """Stations whose headers do not say that their positions can be compared."""
    frames = [series.header.frame_of_reference for series in chosen.series]
    if len({frame for frame in frames if frame}) < 2:
        return []
    text = (
        f"the {len(frames)} stations name {len(set(frames))} frames of reference; their positions were taken "
        "as they stand, which is wrong if the patient was moved between them"
    )
    return [Remark("frames-of-reference", text)]


def _apart(chosen: Candidate, usable: Sequence[Series]) -> list[Remark]:
    """Series that look like a further station but could not be joined."""
    out = []
    low, high = chosen.span_mm
    for series in usable:
        span = span_mm(series)
        if (
            series in chosen.series
            or series.problem
            or span is None
            or chosen.modality is Modality.CT
        ):
            continue
        beyond = max(low - span[0], span[1] - high)
        why = why_apart(chosen.series[0], series)
        if why and beyond > _BESIDE_MM:
            text = f"{_called(series)} shows {beyond:.0f} mm more of the body but was not joined: {why}"
            out.append(Remark("station-left-out", text))
    return out


def _missed(chosen: Candidate, usable: Sequence[Series]) -> list[Remark]:
    """Series of another part of the body, or of the other leg, that nobody will have looked at."""
    out = []
    low, high = _reach(chosen.series)
    for series in usable:
        if series in chosen.series or series.problem or not _is_like(series, chosen.series[0]):
            continue
        if chosen.modality is Modality.MR and why_apart(chosen.series[0], series):
            continue  # told as a station that could not be joined
        own_low, own_high = _reach([series])
        more = np.maximum(low - own_low, own_high - high)
        where = "to a side" if more[0] > more[2] else "along it"
        beyond = max(more[0], more[2])
        if beyond > _BESIDE_MM:
            text = (
                f"{_called(series)} shows {beyond:.0f} mm more of the body, {where}, and was not screened: "
                "if veins of the legs are there, export it as a study of its own"
            )
            out.append(Remark("place-left-out", text))
    return out


def _is_like(one: Series, other: Series) -> bool:
    """True for images of one modality and plane, both as acquired or both derived."""
    same = one.header.modality == other.header.modality and is_original(one) == is_original(other)
    return same and one.stack.grid.plane is other.stack.grid.plane


def _reach(every: Sequence[Series]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest LPS x, y and z of regular series."""
    corners = np.concatenate([series.stack.grid.corners_mm for series in every])
    return corners.min(axis=0), corners.max(axis=0)


def _phase(chosen: Candidate, ranked: Sequence[Candidate]) -> list[Remark]:
    """Other passes over the same place that were left out."""
    out = []
    for other in ranked:
        if other is not chosen and is_later_pass(chosen.series, other.series):
            text = (
                f"the earlier pass {_short(other.series[0])}{_at(other)} was left out; the one that is "
                f"screened{_at(chosen)} shows the veins later after the injection"
            )
            out.append(Remark("earlier-pass", text))
        elif other is not chosen and is_later_pass(other.series, chosen.series):
            text = (
                f"the later pass {_short(other.series[0])}{_at(other)} was left out: {other.reason}"
            )
            out.append(Remark("later-pass", text))
    return out


def _why_not(series: Series, candidate: Candidate) -> str:
    if series.problem or candidate.problem:
        return series.problem or candidate.problem
    low, high = span_mm(series) or (0.0, 0.0)
    parts = [f"another series suits better: this one covers {high - low:.0f} mm"]
    return ", ".join([*parts, *(trait.text for trait in (*traits(series), *candidate.more))])


def _summary(series: Series, chosen: bool, reason: str, rank: int | None) -> SeriesSummary:
    layout = series.frames[0].layout
    if series.problem:
        heights = [frame.position[2] for frame in series.frames if frame.position]
    else:
        heights = series.stack.grid.body_positions_mm().tolist()
    return SeriesSummary(
        uid=series.uid,
        number=series.text("SeriesNumber"),
        description=series.description,
        modality=series.header.modality,
        body_part=series.text("BodyPartExamined"),
        slices=len(series.frames),
        rows=layout.rows,
        columns=layout.columns,
        spacing_mm=None if series.problem else series.stack.grid.spacing_mm,
        position_mm=(min(heights), max(heights)) if heights else None,
        chosen=chosen,
        reason=reason,
        rank=rank,
    )


def _short(series: Series) -> str:
    told, description = series.text("SeriesNumber"), series.text("SeriesDescription")
    return f"series {told}".strip() + (f" ({description})" if description else "")


def _called(series: Series) -> str:
    return f"{_short(series)} in {series.path.parent.name}"


def _nothing(found: Sequence[Series], excluded: dict[int, str]) -> str:
    told = [f"{_called(series)}: {excluded[id(series)]}" for series in found[:3]]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"none of the {len(found)} series can be screened ({'; '.join(told)}{more})"
