"""Which series of a study is screened, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from deepvein.core.errors import GeometryError, NothingToScreenError
from deepvein.studies.bodypart import BodyPart
from deepvein.studies.dicom.appearance import look
from deepvein.studies.dicom.blocks import block_sets
from deepvein.studies.dicom.candidate import Candidate, called, span_mm, taken_at
from deepvein.studies.dicom.description import Trait, named_phase, traits
from deepvein.studies.dicom.kind import exclusion
from deepvein.studies.dicom.left_out import remarks_on
from deepvein.studies.dicom.passes import at_places, first_taken, is_later_pass, number
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.station_series import lost_place, station_sets, why_apart
from deepvein.studies.study import Modality, Remark, SeriesSummary

_GOOD_ENOUGH = 0.5
"""A regular series replaces a better one that is not regular if it reaches this share of its score; series
that reach it are looked at."""

_HALF = 0.5
"""Of its extent along the body, that a station may share with another and still show a place of its own."""

_LATE_S = 900.0
"""After the first pass, from which the last one shows contrast that fades."""

_ELSEWHERE = (BodyPart.CHEST, BodyPart.HEAD)
"""What CT venography is often taken together with: after lung embolism is sought."""

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
        told = f"{called(best.series[0])} cannot be used: {best.problem}"
        raise GeometryError("; ".join([told, *_between(best, usable)]))
    chosen = good[0]
    _require_places(chosen, usable)
    ranked = (chosen, *(one for one in ranked if one is not chosen))
    remarks = remarks_on(chosen, best, ranked, usable)
    return Choice(chosen, decisions(found, modality, ranked, chosen), remarks)


def _require_places(chosen: Candidate, usable: Sequence[Series]) -> None:
    """GeometryError for MR stations whose positions along the body were lost."""
    if chosen.modality is Modality.CT:
        return
    regular = [series for series in usable if not series.problem]
    for one, other in product(chosen.series, regular):
        if other not in chosen.series and lost_place(one, other, beside=regular):
            raise GeometryError(
                f"{called(one)} and {called(other)} are called after different parts of the body and lie at "
                "one place: the positions of the table were lost; export the original images"
            )


def _between(best: Candidate, usable: Sequence[Series]) -> list[str]:
    """The series that lies where stations miss one, as the end of a sentence."""
    if len(best.series) < 2:
        return []
    for series in usable:
        span = span_mm(series)
        if span is None or series.header.modality != "MR" or not _fills_gap(span, best):
            continue
        if series.problem:
            return [f"{called(series)}, which lies there, cannot be used: {series.problem}"]
        if why := why_apart(best.series[0], series):
            return [f"{called(series)}, which lies there, was not joined: {why}"]
    return []


def _fills_gap(span: tuple[float, float], best: Candidate) -> bool:
    """True for a stretch of the body between stations, more than half of which none of them shows."""
    (low, high), (bottom, top) = span, best.span_mm
    if not (bottom < low and high < top):
        return False
    shown = [one for series in best.series if (one := span_mm(series))]
    return all(min(high, b) - max(low, a) < _HALF * (high - low) for a, b in shown)


def ranking(usable: Sequence[Series]) -> tuple[Candidate, ...]:
    """CT series alone or as blocks of one scan, and MR series alone or joined to stations, the best first."""
    ct = [series for series in usable if series.header.modality == "CT"]
    mr = [series for series in usable if series.header.modality == "MR"]
    sets = [*block_sets(ct), *(stations for stations, _ in station_sets(mr))]
    bare = [Candidate(together) for together in sets]
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


def _pass(one: Candidate, every: Sequence[Candidate]) -> tuple[Trait, ...]:
    """How its time compares with that of other passes over the same place."""
    later = [other for other in every if _is_soon_after(other, one)]
    earlier = [other for other in every if is_later_pass(one.series, other.series)]
    if later:
        is_venous = named_phase(one.series[0]) == "venous"
        there = Candidate(tuple(at_places(later[0].series, one.series)))
        text = f"a later pass shows the same place{taken_at(there)}"
        return (Trait(text, 0.7 if is_venous else 0.4),)
    if not earlier:
        return ()
    filled = [other for other in earlier if _contrast(other) == _contrast(one)]
    times = [when for other in (one, *filled) if (when := first_taken(other.series))]
    if times and (max(times) - min(times)).total_seconds() > _LATE_S:
        return (Trait(f"long after the first of several passes{taken_at(one)}", 0.6),)
    return (Trait(f"latest of several passes{taken_at(one)}", 1.0),)


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
        elif shown.part in _ELSEWHERE and any(
            other.part not in _ELSEWHERE for other in seen.values()
        ):
            out[key] = (Trait(f"looks like a {shown.part.value}, not like legs", 0.3),)
        elif not shown.opacified and any(other.opacified for other in seen.values()):
            out[key] = (Trait("no vessel stands out in some of its slices", 0.6),)
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


def _nothing(found: Sequence[Series], excluded: dict[int, str]) -> str:
    told = [f"{called(series)}: {excluded[id(series)]}" for series in found[:3]]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"none of the {len(found)} series can be screened ({'; '.join(told)}{more})"
