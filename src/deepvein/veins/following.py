"""Following the deep veins of a prediction from level to level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side
from deepvein.core.errors import SettingsError
from deepvein.inference.prediction import SCALE, Prediction
from deepvein.inference.second_reader.way import STEP_MM, Way
from deepvein.veins.naming import Naming
from deepvein.veins.side import LEFT, RIGHT
from deepvein.volumes.grid import AXIAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

Float = NDArray[np.float64]


@dataclass(frozen=True)
class FollowingSettings:
    """vein_probability: of what counts as a vein. smallest_mm2: of a vein's section. gap_mm: the longest
    stretch along the body that is bridged; step_mm, slope: how far aside a vein may lie at the next level,
    and farther for each mm of the body between. shortest_mm: of what is new in a way. beyond_mm: how
    far a way goes on past what is seen. most: ways of a study."""

    vein_probability: float = 0.4
    smallest_mm2: float = 2.0
    gap_mm: float = 45.0
    step_mm: float = 5.0
    slope: float = 0.5
    shortest_mm: float = 15.0
    beyond_mm: float = 18.0
    most: int = 30

    def __post_init__(self) -> None:
        if not 0 < self.vein_probability < 1 or self.most < 1:
            raise SettingsError(
                "following needs a vein probability between 0 and 1 and at least one way, got "
                f"{self.vein_probability} and {self.most}"
            )


def follow(
    prediction: Prediction, naming: Naming, settings: FollowingSettings | None = None
) -> tuple[Way, ...]:
    """The ways of the deep veins that a prediction shows, those that show most first; () for none.

    Every section of a vein lies in at least one way of `shortest_mm` or more. A way takes in what
    others have shown already where it joins them, so that each vein is seen with what it drains into.
    """
    settings = settings or FollowingSettings()
    found = _spots(prediction, settings)
    if not len(found.level):
        return ()
    found = found.sorted_by_level()
    edges = _edges(found, settings)
    fresh = np.ones(len(found.level), dtype=np.bool_)
    ways = []
    for _ in range(settings.most):
        path = _best_path(found, edges, fresh)
        new = int(fresh[path].sum())
        if new * STEP_MM < settings.shortest_mm:
            break
        fresh[path] = False
        ways.append(_way(found, path, prediction.grid, naming, settings))
    return tuple(ways)


@dataclass(frozen=True, eq=False)
class _Spots:
    """Sections of veins: (n,) level, (n, 2) LPS x and y."""

    level: NDArray[np.int64]
    centre: Float

    def sorted_by_level(self) -> _Spots:
        order = np.argsort(self.level, kind="stable")
        return _Spots(self.level[order], self.centre[order])


def _spots(prediction: Prediction, settings: FollowingSettings) -> _Spots:
    """The connected parts of the vein in the axial plane nearest to each level."""
    view = orient(Volume(prediction.vein_probability, prediction.grid), AXIAL)
    grid = view.grid
    z = grid.body_positions_mm()
    levels = np.arange(int(np.ceil(z.min() / STEP_MM)), int(z.max() / STEP_MM) + 1)
    least = settings.smallest_mm2 / (grid.spacing_mm[1] * grid.spacing_mm[2])
    threshold = settings.vein_probability * SCALE
    found_level: list[int] = []
    centres: list[Float] = []
    for level in levels.tolist():
        number = int(np.abs(z - level * STEP_MM).argmin())
        mask = view.array[number] >= threshold
        if not mask.any():
            continue
        middles, sizes = _parts(mask)
        middles = middles[sizes >= least]
        points = grid.to_world(np.column_stack([np.full(len(middles), number), middles]))
        found_level += [level] * len(points)
        centres.append(points[:, :2])
    centre = np.concatenate(centres) if centres else np.zeros((0, 2))
    return _Spots(np.array(found_level, dtype=np.int64), centre)


def _parts(mask: NDArray[np.bool_]) -> tuple[Float, NDArray[np.int64]]:
    """(n, 2) middles (row, column) and (n,) pixels of the connected parts of a plane."""
    from scipy.ndimage import label

    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    corner = rows[0], columns[0]
    box = mask[corner[0] : rows[-1] + 1, corner[1] : columns[-1] + 1]
    labels, count = label(box, np.ones((3, 3)))
    place = np.nonzero(labels)
    number = labels[place] - 1
    sizes = np.bincount(number, minlength=count)
    middles = [
        np.bincount(number, weights=along, minlength=count) / sizes + first
        for along, first in zip(place, corner, strict=True)
    ]
    return np.column_stack(middles), sizes


Edges = list[tuple[NDArray[np.int64], Float]]


def _edges(found: _Spots, settings: FollowingSettings) -> Edges:
    """For each spot those below that it may continue, and what going there costs in sections."""
    reach = int(settings.gap_mm / STEP_MM)
    edges: Edges = []
    for number, level in enumerate(found.level.tolist()):
        first = int(np.searchsorted(found.level, level - reach))
        below = np.arange(first, int(np.searchsorted(found.level, level)))
        gap = level - found.level[below]
        aside = np.linalg.norm(found.centre[below] - found.centre[number], axis=1)
        near = aside <= settings.step_mm + settings.slope * STEP_MM * (gap - 1)
        cost = 0.4 * (gap[near] - 1) + 0.08 * aside[near]
        edges.append((below[near], cost))
    return edges


def _best_path(found: _Spots, edges: Edges, fresh: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The path upwards that shows most that is new; what was shown counts a little."""
    worth = np.where(fresh, 1.0, 0.15)
    total = np.zeros(len(worth))
    before = np.full(len(worth), -1, dtype=np.int64)
    for number, (below, cost) in enumerate(edges):
        total[number] = worth[number]
        if len(below):
            gains = total[below] - cost
            best = int(gains.argmax())
            if gains[best] > 0:
                total[number] += gains[best]
                before[number] = below[best]
    path = [int(total.argmax())]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], dtype=np.int64)


def _way(
    found: _Spots,
    path: NDArray[np.int64],
    grid: Grid,
    naming: Naming,
    settings: FollowingSettings,
) -> Way:
    z = grid.body_positions_mm() / STEP_MM
    beyond = int(settings.beyond_mm / STEP_MM)
    first = max(int(np.ceil(z.min())), int(found.level[path[0]]) - beyond)
    last = min(int(z.max()), int(found.level[path[-1]]) + beyond)
    levels = np.arange(min(first, found.level[path[0]]), max(last, found.level[path[-1]]) + 1)
    centre = np.column_stack(
        [np.interp(levels, found.level[path], found.centre[path, axis]) for axis in (0, 1)]
    )
    points = np.column_stack([centre, levels * STEP_MM])
    sides = int(naming.midline.sides(points).sum(dtype=np.int64))
    side = Side.LEFT if sides * LEFT > 0 else Side.RIGHT if sides * RIGHT > 0 else Side.UNKNOWN
    return Way(
        side=side,
        levels=levels,
        centres_mm=centre,
        seen=np.isin(levels, found.level[path]),
        segments=naming.segments(points),
    )
