"""MR series that belong together: stations of one examination, pass by pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom import words
from deepvein.studies.dicom.clock import days_apart
from deepvein.studies.dicom.description import dixon_part, named_phase
from deepvein.studies.dicom.passes import by_number
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.timing import taken
from deepvein.volumes.stations import require_stacked

_LEVELS = words.Vocabulary(
    "station, stat, stn, st, level, upper, middle, mid, lower, pelvis, abd*, thighs?, legs?, calf, "
    "calves, knees?, feet, foot, becken, oberschenkel, unterschenkel, hips?, [ivx]+, etage, bassin, "
    "cuisses?, mollets?, jambes?"
)
_PARTS = {
    "pelvis": words.Vocabulary("pelvi*, abd*, becken*, bassin, hips?, bacino, miednic*, bekken"),
    "thigh": words.Vocabulary(
        "thighs?, oberschenkel*, cuisses?, upper legs?, cosc[ie]a?, muslos?, coxas?"
    ),
    "knee": words.Vocabulary("knees?, knie*, genoux?, ginocchi*, rodillas?"),
    "calf": words.Vocabulary(
        "calf, calves, lower legs?, unterschenkel*, mollets?, feet, foot, polpacci*, pantorrilla*"
    ),
}
_COUNTED = re.compile(r"(?<![a-z])(?:station|stat|stn|level|etage) ?(\d+)(?!\d)")
"""What levels are called that do not lie at one place."""
_ONE_PLACE_SHARE = 0.9
_REPEATED = words.Vocabulary(
    "rep, repea*, rpt, redo, again, retake*, wdh*, wiederh*, erneut, neu, bis, repet*, repit*, ripet*, herhaal*"
)
"""That it was taken again, as after the patient moved."""
_PLACES = (
    "station",
    "stack",
    "acquisition",
    "series time",
    "content time",
    "sweep",
    "series number",
    "table height",
    "description",
)
"""What may tell the parts of one series apart and yet be no reason against joining them."""

_SCANNER = ("DeviceSerialNumber", "StationName")
_SEQUENCE = ("EchoTime", "RepetitionTime", "FlipAngle", "ScanningSequence", "SequenceName")
"""What is the same at all levels of one examination."""

_MEANINGS = (
    words.VENOUS,
    words.ARTERIAL,
    words.NATIVE,
    words.PERHAPS_NATIVE,
    words.ENHANCED,
    words.SUBTRACTION,
    words.PROJECTION,
    words.MATERIAL,
    words.OTHER_MR,
)
"""Words that tell one kind of images from another; a word that is none of them may well be a level."""

_TURN = 0.02
"""Largest difference of a direction cosine between stations."""


_MADE = {"ND", "NORM", "DIS2D", "DIS3D", "DIS2DND", "NONE"}
"""Values of Image Type that tell how brightness and distortion were corrected, not what is shown."""
_SPACING_SHARE = 0.25
"""Stations may differ by so much in voxel size."""
_REPEAT_SHARE = 0.6
"""Two series that share more of the shorter one's extent are repeats of one place, not neighbours."""
_WHOLE_SHARE = 0.8
"""Of the largest volume at a place, below which a repeat was broken off."""
_MOST = 8
"""Stations in a set."""


def station_sets(
    series: Sequence[Series],
) -> tuple[tuple[tuple[Series, ...], int], ...]:
    """(stations from head to feet, number of earlier passes) for every set that `series` hold.

    Series join if plane, image type, contrast agent and description (without numbers and names of levels)
    agree and their voxels are of similar size; those that show the same place again
    make the next pass. Descriptions may also differ by a word of no known meaning ("top", "bottom") where
    one sequence was taken at places that follow one another; there they may also differ in how images were
    corrected, or in whether a contrast agent is named. A series with an irregular grid stays alone.
    """
    ordered = sorted(series, key=_order)
    out: list[tuple[tuple[Series, ...], int]] = [((one,), 0) for one in ordered if one.problem]
    families = _families([one for one in ordered if not one.problem])
    for family in _joined(_joined(families, _are_levels), _fill_up):
        for index, members in _passes(family):
            heads = sorted(members, key=lambda one: -_span(one)[1])
            out.append((tuple(heads), index))
    return tuple(out)


def lost_place(one: Series, other: Series, beside: Sequence[Series] = ()) -> bool:
    """True for series of one kind that are called after different parts of the body, or stations, and whose
    positions are the same: they are those within the scanner, not along the table.

    Where one of their kind `beside` them lies elsewhere, positions are true, and a name is wrong."""
    called = [_level(one), _level(other)]
    if not all(called) or called[0] & called[1] or _shared(one, other) < _ONE_PLACE_SHARE:
        return False
    if _stem(one) != _stem(other) or _unlike(one, other):
        return False
    return not any(
        _stem(series) == _stem(one) and _shared(one, series) < _REPEAT_SHARE for series in beside
    )


def _level(series: Series) -> set[str]:
    """The parts of the body, or the number of the station, that the description names."""
    told = words.plain(series.text("SeriesDescription"))
    return {name for name, known in _PARTS.items() if known.find(told)} or set(
        _COUNTED.findall(told)
    )


def why_apart(one: Series, other: Series) -> str:
    """Why two regular series of one name are no stations of one set, empty if they are or differ in name."""
    return _unlike(one, other) if _stem(one) == _stem(other) else ""


def _unlike(one: Series, other: Series) -> str:
    """Why two regular series cannot be stations of one set, whatever they are called; empty if they can."""
    if why := _taken_otherwise(one, other):
        return why
    if bool(one.text("ContrastBolusAgent")) != bool(other.text("ContrastBolusAgent")):
        return "only one of them was taken with contrast"
    return "" if _signature(one) == _signature(other) else "it holds another kind of image"


def _taken_otherwise(one: Series, other: Series) -> str:
    """Why planes, voxels, scanners or days of two regular series rule out that they are stations of one set."""
    a, b = one.stack.grid, other.stack.grid
    if a.plane is not b.plane or np.abs(a.directions - b.directions).max() > _TURN:
        return "its slices are turned"
    if not np.allclose(a.spacing_mm, b.spacing_mm, rtol=_SPACING_SHARE):
        sizes = [" x ".join(f"{mm:.2f}" for mm in grid.spacing_mm) for grid in (b, a)]
        return f"its voxels measure {sizes[0]} mm instead of {sizes[1]} mm"
    if any(
        one.text(key) and other.text(key) and one.text(key) != other.text(key) for key in _SCANNER
    ):
        return "it was taken by another scanner"
    if days_apart(one.text("AcquisitionDate") or one.text("SeriesDate") for one in (one, other)):
        return "it was taken on another day"
    return ""


def _families(ordered: Sequence[Series]) -> list[list[Series]]:
    families: list[list[Series]] = []
    for one in ordered:
        for family in families:
            if all(_same_family(member, one) for member in family):
                family.append(one)
                break
        else:
            families.append([one])
    return families


def _joined(
    families: Iterable[list[Series]], belong: Callable[[Series, Series], bool]
) -> Iterator[list[Series]]:
    """The same with families joined whose series all belong together, if they follow one another."""
    bundles: list[list[list[Series]]] = []
    for family in families:
        for bundle in bundles:
            if all(belong(a, b) for known in bundle for a in known for b in family):
                bundle.append(family)
                break
        else:
            bundles.append([family])
    for bundle in bundles:
        whole = [one for family in bundle for one in family]
        yield from [whole] if len(bundle) > 1 and _follow_one_another(whole) else bundle


def _are_levels(one: Series, other: Series) -> bool:
    """True for one sequence and phase at two places, called the same but for a word without a known meaning."""
    return (
        are_levels_by_name(one, other)
        and _are_of_one_sequence(one, other)
        and not _unlike(one, other)
    )


def _fill_up(one: Series, other: Series) -> bool:
    """True for one sequence and phase at two places under one name, of which one names no contrast agent or was
    corrected otherwise. A pass before the contrast agent, or without the correction, shows the same places."""
    return (
        _stem(one) == _stem(other)
        and _are_of_one_sequence(one, other)
        and not _taken_otherwise(one, other)
        and _signature(one, corrected=False) == _signature(other, corrected=False)
    )


def _are_of_one_sequence(one: Series, other: Series) -> bool:
    """True for one sequence and phase at two places."""
    return (
        named_phase(one) == named_phase(other)
        and dixon_part(one) == dixon_part(other)
        and all(_text(one, key) == _text(other, key) for key in _SEQUENCE)
        and _shared(one, other) <= _REPEAT_SHARE
    )


def are_levels_by_name(one: Series, other: Series) -> bool:
    """True if two descriptions are the same but for numbers, names of levels, and a word without a known
    meaning."""
    stems = set(_stem(one)), set(_stem(other))
    odd = stems[0] - stems[1], stems[1] - stems[0]
    return max(map(len, odd)) <= 1 and not any(
        known.find(word) for word in set.union(*odd) for known in _MEANINGS
    )


def _follow_one_another(family: Sequence[Series]) -> bool:
    try:
        for _, members in _passes(family):
            require_stacked([one.stack.grid for one in members])
    except GeometryError:
        return False
    return True


def _text(series: Series, keyword: str) -> str:
    """A header value; of numbers the first three digits, as times of one sequence differ by a little."""
    told = series.text(keyword)
    try:
        return f"{float(told):.3g}"
    except ValueError:
        return told


def _passes(family: Sequence[Series]) -> list[tuple[int, list[Series]]]:
    """(number of earlier passes, its stations): visits to each place, aligned at the last one that is whole."""
    places: list[list[Series]] = []
    for one in family:
        for visits in places:
            if _shared(one, visits[0]) > _REPEAT_SHARE:
                visits.append(one)
                break
        else:
            places.append([one])
    places = [sorted(visits, key=_is_whole(visits)) for visits in places]
    out = []
    for start in range(0, len(places), _MOST):
        some = places[start : start + _MOST]
        count = max(len(visits) for visits in some)
        for index in range(count):
            back = count - index
            out.append((index, [visits[-back] for visits in some if len(visits) >= back]))
    return out


def _same_family(one: Series, other: Series) -> bool:
    return _stem(one) == _stem(other) and not why_apart(one, other)


def _stem(series: Series) -> tuple[str, ...]:
    """The description without numbers, names of levels, and that it was taken again."""
    told = words.plain(series.text("SeriesDescription")).split()
    aside = (_LEVELS, _REPEATED)
    return tuple(
        word for word in told if not word.isdigit() and not any(known.find(word) for known in aside)
    )


def _signature(series: Series, *, corrected: bool = True) -> tuple[object, ...]:
    """What kind of image it is; corrected: also how brightness and distortion were, and the contrast agent."""
    aside = _PLACES if corrected else (*_PLACES, "image type", "full image type", "contrast agent")
    told = series.part.split(", ") if series.part else []
    pieces = [piece for piece in told if not piece.startswith(aside)]
    kind = frozenset(series.frames[0].image_type[2:4])
    return (tuple(pieces), kind if corrected else kind - _MADE)


def _is_whole(visits: Sequence[Series]) -> Callable[[Series], bool]:
    """What tells whether a visit to a place shows about as much of it as the largest, or was broken off."""
    least = _WHOLE_SHARE * max(map(_volume, visits))
    return lambda one: _volume(one) >= least


def _volume(series: Series) -> float:
    grid = series.stack.grid
    return float(np.prod(grid.shape) * np.prod(grid.spacing_mm))


def _span(series: Series) -> tuple[float, float]:
    heights = series.stack.grid.corners_mm[:, 2]
    return float(heights.min()), float(heights.max())


def _shared(one: Series, other: Series) -> float:
    """Shared extent along the body as a share of the shorter one."""
    (a, b), (c, d) = _span(one), _span(other)
    return max(0.0, min(b, d) - max(a, c)) / max(1e-6, min(b - a, d - c))


def _order(series: Series) -> tuple[object, ...]:
    """By time, then by number; never by UIDs, which change when a study is de-identified."""
    when, number = taken(series), series.text("SeriesNumber")
    return (
        when.isoformat() if when else "",
        int(number) if number.isdigit() else 0,
        by_number(series.part),
        series.text("SeriesDescription"),
    )
