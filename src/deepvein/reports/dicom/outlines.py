"""Where a finding shows best, and how it is outlined and labelled there.

Points are (column, row) in pixels of the frame; the outer corner of its first pixel is (0, 0), so that a
pixel's centre lies at half numbers (PS3.3 C.10.5.1.2, PIXEL).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.drawing.views import mask_of
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.reports.dicom.planes import planes
from deepvein.studies.source import SourceFrame, nearest_frame
from deepvein.volumes.grid import Grid

Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge."""

LABEL_SHARE = (0.24, 0.04)
"""Width and height of a label's box as shares of the image: room for the longest one at a size that can
be read where the image fills a window."""
_GAP_SHARE = 0.025
_REACH = 6
"""So many boxes away from its outline a label is tried."""


@dataclass(frozen=True, eq=False)
class Marked:
    """A finding on the frame that shows it best.

    outlines: closed lines (n, 2), the first point again as the last; () if the frame passes the finding
    by. point: where its key point lies.
    """

    finding: Finding
    frame: SourceFrame
    outlines: tuple[NDArray[np.float64], ...]
    point: tuple[float, float]

    @property
    def box(self) -> Box:
        """Around the outlines, or the point where there are none."""
        points = np.concatenate([*self.outlines, np.array([self.point])])
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def key_frames(screening: Screening) -> dict[int, SourceFrame]:
    """The frame that shows each finding best, by the finding's number."""
    sources = screening.study.origin.sources
    found = {one.number: nearest_frame(sources, one.key_point_mm) for one in screening.findings}
    return {number: frame for number, frame in found.items() if frame is not None}


def marked(screening: Screening) -> tuple[Marked, ...]:
    """Each finding on its key frame, in the order of the findings."""
    frames, grid = key_frames(screening), screening.study.volume.grid
    return tuple(
        _marked(one, frames[one.number], grid) for one in screening.findings if one.number in frames
    )


def _marked(finding: Finding, frame: SourceFrame, grid: Grid) -> Marked:
    _, images = planes(mask_of(finding.indices, grid), [frame])
    _, row, column = frame.grid.to_index([finding.key_point_mm])[0]
    point = (
        float(np.clip(column + 0.5, 0, frame.columns)),
        float(np.clip(row + 0.5, 0, frame.rows)),
    )
    return Marked(finding, frame, outlines(images[0]), point)


def outlines(mask: NDArray[np.uint8]) -> tuple[NDArray[np.float64], ...]:
    """The closed lines around what is set in a mask (rows, columns), and around holes in it.

    They run half-way between the centres of pixels inside and outside (marching squares at 0.5), so a
    line hides nothing of what it surrounds; a single pixel becomes a diamond.
    """
    from contourpy import contour_generator

    # A frame of nothing closes what reaches the edge of the image.
    lines = contour_generator(z=np.pad(mask > 0, 1).astype(np.float64)).lines(0.5)
    last = np.array(mask.shape[::-1], dtype=np.float64)
    return tuple(np.clip(np.asarray(line) - 0.5, 0, last) for line in lines)


def label_box(around: Box, taken: Sequence[Box], frame: SourceFrame) -> Box:
    """A place for the label of what lies in `around`, within the image and on none of `taken`.

    Above it if there is room, else below or beside it, nearest first; above it, whatever is there, if
    the image is full.
    """
    width, height = LABEL_SHARE[0] * frame.columns, LABEL_SHARE[1] * frame.rows
    gap = _GAP_SHARE * frame.rows
    left, top, right, bottom = around
    centre = (left + right - width) / 2
    places = []
    for step in range(_REACH):
        away = gap + step * height
        places += [(centre, top - away - height), (centre, bottom + away)]
        if step == 0:
            level = (top + bottom - height) / 2
            places += [(right + gap, level), (left - gap - width, level)]
    boxes = [_within(x, y, width, height, frame) for x, y in places]
    free = (box for box in boxes if not any(_meet(box, other) for other in (around, *taken)))
    return next(free, boxes[0])


def _within(x: float, y: float, width: float, height: float, frame: SourceFrame) -> Box:
    """A box shifted into the image."""
    left = min(max(x, 0.0), frame.columns - width)
    top = min(max(y, 0.0), frame.rows - height)
    return left, top, left + width, top + height


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    )  # fmt: skip
