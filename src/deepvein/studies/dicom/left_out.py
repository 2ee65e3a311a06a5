"""What a reader should know of series that were left out, or joined, beside the one that is screened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.studies.dicom import words
from deepvein.studies.dicom.candidate import Candidate, called, short_name, span_mm, taken_at
from deepvein.studies.dicom.description import all_words, named_phase
from deepvein.studies.dicom.kind import is_original
from deepvein.studies.dicom.passes import is_later_pass
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.station_series import why_apart
from deepvein.studies.dicom.timing import delay_s, taken
from deepvein.studies.study import Modality, Remark

_BESIDE_MM = 50.0
"""A series that shows so much more of the body than those chosen is missed."""


_MOST_PASSES = 2
"""Earlier passes that a remark still names."""

_CUT_SLICES = 3
"""A scan is reconstructed over its whole length for each kernel; who wants a part leaves out more than that."""
_SAME_SCAN_S = 5.0
"""Series that begin nearer to each other were made of one scan."""


def remarks_on(
    chosen: Candidate, best: Candidate, ranked: Sequence[Candidate], usable: Sequence[Series]
) -> tuple[Remark, ...]:
    """Remarks on the choice of `chosen` among the `ranked` candidates, `best` first, of the `usable` series."""
    return (
        *_better(best, chosen),
        *_timed(chosen),
        *_frames(chosen),
        *_unlike(chosen),
        *_apart(chosen, usable),
        *_missed(chosen, usable),
        *_broken(chosen, usable),
        *_cut(chosen, usable),
        *_phase(chosen, ranked),
    )


def _better(best: Candidate, chosen: Candidate) -> list[Remark]:
    if chosen is best:
        return []
    text = f"the better {called(best.series[0])} was left out: {best.problem}"
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


def _unlike(chosen: Candidate) -> list[Remark]:
    """Stations that were joined although some name no contrast agent, or were corrected otherwise."""
    if chosen.modality is not Modality.MR:
        return []
    out = []
    silent = [series for series in chosen.series if not series.text("ContrastBolusAgent")]
    if 0 < len(silent) < len(chosen.series):
        text = (
            f"only some of the stations that were joined name a contrast agent, {_named(silent)} does not: if "
            "none was given, veins cannot be judged there"
        )
        out.append(Remark("station-contrast", text))
    first = chosen.series[0]
    others = [one for one in chosen.series if _made(one) != _made(first)]
    if others:
        text = (
            f"{_named(others)} was joined although its images were corrected otherwise ({_told(others[0])} "
            f"instead of {_told(first)}): places may differ by some millimetres"
        )
        out.append(Remark("station-corrected", text))
    return out


def _made(series: Series) -> set[str]:
    return set(series.frames[0].image_type[2:4])


def _named(every: Sequence[Series]) -> str:
    return " and ".join(map(short_name, every))


def _told(series: Series) -> str:
    return "\\".join(series.frames[0].image_type)


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
            text = (
                f"{called(series)} shows {beyond:.0f} mm more of the body but was not joined: {why}"
            )
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
                f"{called(series)} shows {beyond:.0f} mm more of the body, {where}, and was not screened: "
                "if veins of the legs are there, export it as a study of its own"
            )
            out.append(Remark("place-left-out", text))
    return out


def _broken(chosen: Candidate, usable: Sequence[Series]) -> list[Remark]:
    """Series that show more of the body and cannot be used."""
    out = []
    low, high = chosen.span_mm
    for series in usable:
        span = span_mm(series) if series.problem else None
        if span is None or series.header.modality != chosen.modality.value:
            continue
        beyond = max(low - span[0], span[1] - high)
        if beyond > _BESIDE_MM and is_original(series) == is_original(chosen.series[0]):
            text = (
                f"{called(series)} shows {beyond:.0f} mm more of the body and was not screened: "
                f"{series.problem}"
            )
            out.append(Remark("place-left-out", text))
    return out


def _cut(chosen: Candidate, usable: Sequence[Series]) -> list[Remark]:
    """The first series of the same scan that shows a few slices more of it at an end, on the same places."""
    for own in chosen.series:
        for other in usable:
            more = _slices_more(own, other)
            if other not in chosen.series and 0 < more <= _CUT_SLICES:
                text = (
                    f"{called(other)}, of the same scan, shows {more} slice(s) more at an end than the series "
                    "that is screened; they may be missing there"
                )
                return [Remark("missing-ends", text)]
    return []


def _slices_more(own: Series, other: Series) -> int:
    """How many slices `other` shows beyond the ends of `own`; 0 unless both are of one scan, in one plane and
    with one step, and their slices coincide."""
    if own.problem or other.problem or own.header.frame_of_reference == "":
        return 0
    if own.header.frame_of_reference != other.header.frame_of_reference:
        return 0
    times = taken(own), taken(other)
    if None in times or abs((times[0] - times[1]).total_seconds()) > _SAME_SCAN_S:  # type: ignore[operator]
        return 0
    a, b = own.stack.grid, other.stack.grid
    step = a.spacing_mm[0]
    if abs(b.spacing_mm[0] - step) > 0.01 * step or not np.allclose(
        a.directions[:, 0], b.directions[:, 0], atol=1e-3
    ):
        return 0
    normal = a.directions[:, 0]
    first, last = a.to_world([(0, 0, 0), (a.shape[0] - 1, 0, 0)]) @ normal
    low, high = b.to_world([(0, 0, 0), (b.shape[0] - 1, 0, 0)]) @ normal
    ends = float(first - low) / step, float(high - last) / step
    if any(abs(end - round(end)) > 0.1 for end in ends):
        return 0
    return max(0, round(ends[0])) + max(0, round(ends[1]))


def _is_like(one: Series, other: Series) -> bool:
    """True for images of one modality and plane, both as acquired or both derived."""
    same = one.header.modality == other.header.modality and is_original(one) == is_original(other)
    return same and one.stack.grid.plane is other.stack.grid.plane


def _reach(every: Sequence[Series]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest LPS x, y and z of regular series."""
    corners = np.concatenate([series.stack.grid.corners_mm for series in every])
    return corners.min(axis=0), corners.max(axis=0)


def _phase(chosen: Candidate, ranked: Sequence[Candidate]) -> list[Remark]:
    """Other passes over the same place that were left out; the earlier ones together, as a scan that is
    resolved in time holds dozens."""
    others = [other for other in ranked if other is not chosen]
    again = [other for other in others if len(other.series) == 1 < len(chosen.series)]
    others = [other for other in others if other not in again]
    earlier = [other for other in others if is_later_pass(chosen.series, other.series)]
    out = [told for other in again for told in _repeated(chosen, other)]
    if earlier:
        named = [f"{_pass_name(other.series[0])}{taken_at(other)}" for other in earlier]
        if len(named) > _MOST_PASSES:
            what = (
                f"{len(named)} earlier passes were left out, among them {named[0]} and {named[-1]}"
            )
        elif len(named) > 1:
            what = f"the earlier passes {' and '.join(named)} were left out"
        else:
            what = f"the earlier pass {named[0]} was left out"
        text = f"{what}; the one that is screened{taken_at(chosen)} shows the veins later after the injection"
        out.append(Remark("earlier-pass", text))
    for other in others:
        if is_later_pass(other.series, chosen.series):
            text = f"the later pass {short_name(other.series[0])}{taken_at(other)} was left out: {other.reason}"
            out.append(Remark("later-pass", text))
    return out


def _repeated(chosen: Candidate, other: Candidate) -> list[Remark]:
    """On a station that was taken more than once, as after the patient moved."""
    if is_later_pass(chosen.series, other.series):
        why = "the later one"
    elif is_later_pass(other.series, chosen.series):
        why = "the earlier one, which shows more,"
    else:
        return []
    (left,) = other.series
    used = [
        one for one in chosen.series if is_later_pass([one], [left]) or is_later_pass([left], [one])
    ]
    named = " and ".join(f"{_pass_name(one)}{taken_at(Candidate((one,)))}" for one in used)
    text = (
        f"a part of the body was taken more than once: {_pass_name(left)}{taken_at(other)} was left out, {why} "
        f"{named} is screened"
    )
    return [Remark("station-repeated", text)]


def _pass_name(series: Series) -> str:
    return ", ".join(piece for piece in (short_name(series), series.part) if piece)
