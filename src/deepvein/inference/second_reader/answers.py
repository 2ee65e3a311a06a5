"""What the second reader said of a study: along each way, and at any place near one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepvein.inference.second_reader.sections import in_sections
from deepvein.inference.second_reader.way import Way

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class WayReading:
    """What was read along one way of n sections: (n,) probabilities of thrombus and of a mixing artefact,
    and (n, size, size) of thrombus in each pixel of pixel_mm, as `sections` lays them out."""

    way: Way
    thrombus: Float32
    artefact: Float32
    pixels: Float32
    pixel_mm: float

    @property
    def agreed(self) -> Float32:
        """(n, size, size) the geometric mean of both answers: a pixel is thrombus as far as its section
        shows one at all."""
        out: Float32 = np.sqrt(self.pixels * self.thrombus[:, None, None])
        return out


class Answers(NamedTuple):
    """(n,) probabilities at n places: thrombus there, thrombus and mixing artefact in the section."""

    pixel: Float
    thrombus: Float
    artefact: Float


@dataclass(frozen=True, eq=False)
class Reading:
    """Both opinions on one study, kept apart.

    first_stage: uint8 thrombus probabilities on the study's grid, as the first stage gave them. ways: the
    second reader's, in the order of the tree's ways.
    """

    first_stage: NDArray[np.uint8]
    ways: tuple[WayReading, ...]


def answers_at(ways: Sequence[WayReading], points_mm: Float) -> Answers:
    """What was read at (n, 3) LPS points in the way whose middle is nearest; 0 where no section reaches."""
    from scipy.ndimage import map_coordinates

    n = len(points_mm)
    answers = Answers(np.zeros(n), np.zeros(n), np.zeros(n))
    nearest = np.full(n, np.inf)
    for read in ways:
        size = read.pixels.shape[1]
        at = in_sections(read.way, points_mm, size, read.pixel_mm)
        middle = (size - 1) / 2
        away = np.hypot(at[:, 1] - middle, at[:, 2] - middle)
        reached = (at[:, 0] >= -0.5) & (at[:, 0] <= len(read.way) - 0.5)
        reached &= (np.abs(at[:, 1:] - middle) <= size / 2).all(axis=1)
        chosen = np.flatnonzero(reached & (away < nearest))
        if not len(chosen):
            continue
        nearest[chosen] = away[chosen]
        numbers = np.arange(len(read.way))
        answers.pixel[chosen] = map_coordinates(read.pixels, at[chosen].T, order=1, mode="nearest")
        answers.thrombus[chosen] = np.interp(at[chosen, 0], numbers, read.thrombus)
        answers.artefact[chosen] = np.interp(at[chosen, 0], numbers, read.artefact)
    return answers
