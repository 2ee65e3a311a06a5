"""CT series that show further parts of one scan: blocks along the body, or one leg each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom import words
from deepvein.studies.dicom.description import all_words, named_phase
from deepvein.studies.dicom.passes import first_taken
from deepvein.studies.dicom.series import Series
from deepvein.studies.dicom.station_series import are_levels_by_name
from deepvein.volumes.stations import head_to_feet, require_stacked

_ONE_SCAN_S = 300.0
"""Between the beginnings of two blocks; later, contrast has moved on and the patient may have, too."""
_ONE_ROTATION_S = 5.0
"""Series that begin nearer to each other were reconstructed from one scan."""

_FEWEST = 3
"""Slices of a block; fewer are a page, a look for the contrast medium, or one slice that was taken again."""

Blocks = tuple[Series, ...]


def block_sets(series: Sequence[Series]) -> tuple[Blocks, ...]:
    """Every CT series once, alone or with the other blocks of its scan, from head to feet.

    Blocks have one frame of reference, kernel, kind, phase and description (without numbers and names of
    levels, or but for a word without a known meaning), begin within five minutes, and touch or overlap along
    the body. Two that lie side by side, as one leg each, were reconstructed from one scan. Nearest in time join
    first.
    """
    sets: list[Blocks] = [(one,) for one in series]
    while pairs := [pair for pair in combinations(sets, 2) if _join(*pair)]:
        one, other = min(pairs, key=lambda pair: _pause_s(*pair))
        both = [*one, *other]
        order = head_to_feet([block.stack.grid for block in both])
        sets = [known for known in sets if known is not one and known is not other]
        sets.append(tuple(both[index] for index in order))
    return tuple(sets)


def _join(one: Blocks, other: Blocks) -> bool:
    if not all(_of_one_scan(a, b) for a, b in product(one, other)):
        return False
    grids = [block.stack.grid for block in (*one, *other)]
    try:
        require_stacked(grids, beside=_pause_s(one, other) <= _ONE_ROTATION_S)
    except GeometryError:
        return False
    return True


def _of_one_scan(one: Series, other: Series) -> bool:
    frame = one.header.frame_of_reference
    if not frame or frame != other.header.frame_of_reference or one.problem or other.problem:
        return False
    if min(len(one.frames), len(other.frames)) < _FEWEST:
        return False
    if _kind(one) != _kind(other) or _pause_s((one,), (other,)) > _ONE_SCAN_S:
        return False
    return are_levels_by_name(one, other) and named_phase(one) == named_phase(other)


def _kind(series: Series) -> tuple[object, ...]:
    """What blocks of one scan share; the tube voltage is chosen anew for each."""
    told = dict(series.frames[0].split)
    kernel = told.get("kernel", "").casefold().replace(" ", "")
    text = all_words(series)
    elsewhere = bool(words.ELSEWHERE.find(text)) and not words.LEGS.find(text)
    return kernel, told.get("image type"), bool(told.get("contrast agent")), elsewhere


def _pause_s(one: Blocks, other: Blocks) -> float:
    """Seconds between the beginnings of two sets; 0 where a header does not say."""
    times = first_taken(one), first_taken(other)
    if times[0] is None or times[1] is None:
        return 0.0
    return abs((times[0] - times[1]).total_seconds())
