"""Slices whose pixels are missing although their files have the right length, as copies leave them that reserve
the space of a file before they fill it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import StudyError
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.slice_geometry import name
from deepvein.studies.study import Modality, Remark

_FILLED = 0.7
"""Of a row of CT without a mask, the least that noise keeps from the lowest value; bodies that a mask cut out
are narrower."""
_FEWEST_ROWS, _ROWS_SHARE = 2, 0.05
"""Rows that are blank at the end of a torn slice: the larger of both."""
_FEWEST_ROWS_MR = 8
"""The same where air may be blank: over a few rows a body may end in one slice and not in the next."""

_SHOWN = 0.1
"""Of a row of MR, the least that shows something where a slice was torn."""
_STEADY, _GOES_ON = 0.7, 0.8
"""Shares of the last row's width that the rows before it have, and that the next slice shows behind it: a body
that ends within a slice, cut out of its background, tapers, and the next slice ends nearby."""

_AIR_HU = -300
_TISSUE_SHARE, _MOST_SLICES = 0.1, 0.75
"""Of a row, that tissue fills where an image ends within the body, in a quarter of the slices or more."""
_TRIFLE = 0.01
"""Of a slice, that shows something at the ends of an MR slab without noise, where others show nothing."""
_CLEAN = 0.3
"""Of a slice, more than lies outside a round field of view, from which air has one value: then only bodies and
tables tell where an image ends, and these end within a scan too."""
_EVEN_ROWS = 0.1
"""Share of its height by which blank bands above and below an image differ that was made square."""

_AXIAL = 2

_Planes = NDArray[Any]


@dataclass(frozen=True)
class Loss:
    """What a slice lacks. usual: images that are whole may look so too."""

    index: int
    what: str
    usual: bool = False


def blank_remarks(frames: Sequence[Frame], array: _Planes, modality: Modality) -> list[Remark]:
    """Remarks on what slices lack that may have been lost.

    frames: ordered as the slices (slice, row, column) of `array`, which holds Hounsfield units or signal.
    StudyError for a slice without any image between others that have one, and for a slice of which a part is
    blank down or up to its end where slices beside it show something. Blank slices at the ends of MR are
    usual, and so are blank margins, air that is blank around a body in MR, and corners outside a round field
    of view. Where stations were put together that lie one behind the other, the first and the last slices
    show some of them alone; that is remarked on. Sagittal slices between the legs show air alone.
    """
    axis = _axis(frames)
    usual = []
    for loss in () if axis == 0 else lost_parts(array, modality, axial=axis == _AXIAL):
        told = f"{name(frames[loss.index])} {loss.what}"
        if not loss.usual:
            raise StudyError(f"{told}: it was not copied whole; copy it again")
        usual.append(told)
    if not usual:
        return cut_remarks(array, modality)
    more = f", and so it is in {len(usual) - 1} more" if len(usual) > 1 else ""
    text = (
        f"{usual[0]}{more}: stations that were put together may look so, and tables in air without noise; if "
        "the scanner shows more there, images were not copied whole"
    )
    return [*cut_remarks(array, modality), Remark("blank-parts", text)]


def lost_parts(array: _Planes, modality: Modality, *, axial: bool) -> Iterator[Loss]:
    """What slices (slice, row, column) lack of their image."""
    shown = _shown(array)
    held = set(shown)
    for index in range(shown[0], shown[-1]) if shown else ():
        if index not in held:
            value = array[index].flat[0]
            nearest = max(n for n in shown if n < index), min(n for n in shown if n > index)
            if min(_share(array[n], value) for n in nearest) >= _TRIFLE:
                yield Loss(
                    index,
                    f"is blank (each of its pixels is {value:g}), slices on both sides of it are not",
                )
    rows = array.shape[1]
    below, above = ({n: rows - _blank_rows(array[n, ::way]) for n in shown} for way in (1, -1))
    is_ct = modality is Modality.CT
    torn = _torn_ct if is_ct else _torn_mr
    for way, starts, tops in ((1, below, above), (-1, above, below)):
        planes = array[:, ::way]
        for index, beside in torn(planes, starts):
            start, fill = starts[index], planes[index, -1, -1]
            usual = (
                abs(tops[index] - tops[beside]) >= _fewest(rows)
                or (not (is_ct and axial) and _is_outer(starts, index, beside))
                or (is_ct and _is_clean(planes[beside, : starts[beside]], fill))
            )
            where = (
                f"from row {start + 1} of {rows} on"
                if way == 1
                else f"up to row {rows - start} of {rows}"
            )
            yield Loss(index, f"is blank {where}, slices beside it are not", usual)


def _is_clean(pixels: _Planes, fill: Any) -> bool:
    """Whether air is of one value."""
    return 1 - _share(pixels, fill) > _CLEAN


def _is_outer(starts: Mapping[int, int], index: int, beside: int) -> bool:
    """Whether a slice and all behind it, seen from the one `beside`, end early: two or more, as several copies
    are seldom torn at once."""
    outer = [starts[n] for n in starts if (n - index) * (index - beside) >= 0]
    return len(outer) > 1 and max(outer) < starts[beside]


def cut_remarks(array: _Planes, modality: Modality) -> list[Remark]:
    """A remark where every slice (slice, row, column) is blank from the same row on, and tissue reaches that
    row: what lay there may be lost, or was never taken. Bands of one height above and below are those of
    an image that was made square."""
    rows, planes = array.shape[1], _shown(array)
    if not planes:
        return []
    below, above = ([_blank_rows(array[index, ::way]) for index in planes] for way in (1, -1))
    out = []
    for way, here, there in ((1, below, above), (-1, above, below)):
        tail = here[0]
        if len(set(here)) > 1 or tail < _fewest(rows):
            continue
        if abs(tail - float(np.median(there))) <= _EVEN_ROWS * rows:
            continue
        middle = array[planes[len(planes) // 2], ::way]
        if modality is Modality.CT and _is_clean(middle[: rows - tail], middle[-1, -1]):
            continue
        tissue = _AIR_HU if modality is Modality.CT else float(array.mean())
        last = array[planes, rows - tail - 2 if way == 1 else tail + 1]
        if np.quantile((last > tissue).mean(axis=1), _MOST_SLICES) >= _TISSUE_SHARE:
            where = f"from row {rows - tail + 1} on" if way == 1 else f"up to row {tail}"
            text = (
                f"every slice is blank {where} of {rows}, and tissue reaches that row: if the scanner "
                "shows more there, the images were not copied whole"
            )
            out.append(Remark("cut-slices", text))
    return out


def _axis(frames: Sequence[Frame]) -> int:
    """The axis of the body along which the slices follow: 0 from side to side, 2 from feet to head."""
    cosines = frames[0].orientation
    if cosines is None:
        return _AXIAL
    return int(np.abs(np.cross(cosines[:3], cosines[3:])).argmax())


def _shown(array: _Planes) -> list[int]:
    """The slices that are not one value throughout."""
    middle = array.shape[1] // 2
    return [
        index
        for index, plane in enumerate(array)
        if (plane[middle] != plane[0, 0]).any() or (plane != plane[0, 0]).any()
    ]


def _fewest(rows: int) -> int:
    return max(_FEWEST_ROWS, round(_ROWS_SHARE * rows))


def _blank_rows(plane: _Planes) -> int:
    """How many rows at the end of a slice hold its last value and no other."""
    fill = plane[-1, -1]
    if (plane[-1] != fill).any():
        return 0
    filled = (plane != fill).any(axis=1)
    return int(np.argmax(filled[::-1]))


def _torn_ct(array: _Planes, starts: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Slices that end early, each with one beside it that does not: noise fills the row before, and that of the
    slice beside it. Slices that were cut obliquely out of a volume end a little earlier than the one before.

    starts: the first blank row of each slice that shows something."""
    rows = array.shape[1]
    fewest = _fewest(rows)
    for index, start in starts.items():
        # The row where it was torn is filled in part; the one before it is whole.
        if start < 2 or rows - start < fewest:
            continue
        fill = array[index, -1, -1]
        if _share(array[index, start - 2], fill) < _FILLED:
            continue
        for beside in (index - 1, index + 1):
            if (
                starts.get(beside, 0) >= start + fewest
                and _share(array[beside, start], fill) >= _FILLED
            ):
                yield index, beside


def _torn_mr(array: _Planes, starts: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """The same where air may be blank: rows that do not taper end, and the next slice goes on behind them."""
    rows, columns = array.shape[1:]
    fewest = max(_FEWEST_ROWS_MR, _fewest(rows))
    for index, start in starts.items():
        if start < fewest + 2 or rows - start < fewest:
            continue
        filled = array[index] != array[index, -1, -1]
        last = filled[start - 2]
        before = np.median(np.count_nonzero(filled[start - 2 - fewest : start - 2], axis=1))
        width = np.count_nonzero(last)
        if width < _SHOWN * columns or width < _STEADY * before:
            continue
        for beside in (index - 1, index + 1):
            if starts.get(beside, 0) < start + fewest:
                continue
            plane = array[beside, start : start + fewest]
            behind = (plane != array[index, -1, -1]).any(axis=0)
            if np.count_nonzero(behind & last) >= _GOES_ON * width:
                yield index, beside


def _share(pixels: _Planes, fill: Any) -> float:
    """The share of pixels that are not of one value."""
    return float((pixels != fill).mean())
