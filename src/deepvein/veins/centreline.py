"""The centrelines of a mask of veins: where fronts lie that run from the veins' upper ends down all of them.

All voxels at one distance from the upper end, measured within the veins, form a front; it parts where the
veins do. Fronts that hang together are the branches of a tree, whose points are the fronts' centres and
whose calibre is their volume over their thickness: ordered, within a voxel of the middle, and without the
spurs that thinning leaves (Verroust and Lazarus 2000, Vis Comput 16:15, level sets of geodesic distance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.volumes.components import STEPS, join, neighbours
from deepvein.volumes.grid import Grid

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Pairs = tuple[NDArray[np.int32], NDArray[np.int32]]

FRONT_MM = 2.0
"""Thickness of a front, or that of the thickest voxel where this is larger."""


@dataclass(frozen=True, eq=False)
class Fronts:
    """The fronts of all parts of a mask, m of them; a part's upper ends have no parent.

    points_mm: (m, 3) LPS centres. section_mm2: (m,) area of the vein there. parent: (m,) number of the
    front above, -1 for none. part: (m,) number of the connected part. of_voxel: (n,) front that each of
    the mask's voxels belongs to. thickness_mm: of all fronts, along the vein.
    """

    points_mm: Float
    section_mm2: Float
    parent: Int
    part: Int
    of_voxel: Int
    thickness_mm: float


def fronts(indices: Int, grid: Grid) -> Fronts:
    """The fronts of (n, 3) distinct voxels of `grid` in array order; none for no voxels.

    Parts are 26-connected. Every vein of the legs drains upwards, so a part's upper end is what it holds
    of its highest FRONT_MM; two veins that both reach as high both end there.
    """
    one, other, step = neighbours(indices, grid.shape)
    length = np.linalg.norm(STEPS @ grid.affine[:3, :3].T, axis=1)[step]
    world = grid.to_world(indices)
    voxel_part = join(len(indices), (one, other))
    thick = max(FRONT_MM, *grid.spacing_mm)
    ends = _upper_ends(world[:, 2], voxel_part, thick)
    depth = _distance((one, other), length, ends, len(indices))
    level = (depth / thick).astype(np.int64)
    same = level[one] == level[other]
    of_voxel = join(len(indices), (one[same], other[same]))
    count = np.bincount(of_voxel)
    first = np.zeros(len(count), dtype=np.int64)
    first[of_voxel] = np.arange(len(indices))
    return Fronts(
        points_mm=np.stack([np.bincount(of_voxel, x) / count for x in world.T], axis=1),
        section_mm2=np.asarray(count * (grid.voxel_volume_ml * 1000.0 / thick), dtype=np.float64),
        parent=_parents(of_voxel, level, one[~same], other[~same]),
        part=voxel_part[first],
        of_voxel=of_voxel,
        thickness_mm=thick,
    )


def _upper_ends(z_mm: Float, part: Int, thick_mm: float) -> Int:
    highest = np.full(part.max(initial=-1) + 1, -np.inf)
    np.maximum.at(highest, part, z_mm)
    return np.flatnonzero(z_mm > highest[part] - thick_mm)


def _distance(pairs: Pairs, length: Float, sources: Int, count: int) -> Float:
    """(count,) length of the shortest way from each node to a source."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    if not count:
        return np.zeros(0)
    graph = coo_array((length, pairs), shape=(count, count)).tocsr()
    distance: Float = dijkstra(graph, directed=False, indices=sources, min_only=True)
    return distance


def _parents(of_voxel: Int, level: Int, one: Int, other: Int) -> Int:
    """(m,) for each front the one nearer to the end that it touches with most voxels; -1 for none."""
    count = int(of_voxel.max(initial=-1)) + 1
    parent = np.full(count, -1, dtype=np.int64)
    swap = level[one] > level[other]
    above, below = np.where(swap, other, one), np.where(swap, one, other)
    contact, touching = np.unique(of_voxel[below] * count + of_voxel[above], return_counts=True)
    # Ascending contact: the last that is written is the largest.
    order = np.argsort(touching, kind="stable")
    parent[contact[order] // max(count, 1)] = contact[order] % max(count, 1)
    return parent


def branches(
    points_mm: Float, parent: Int, shortest_mm: float, longest_step_mm: float
) -> list[Int]:
    """The branches of a tree of (m, 3) points, as numbers of points from below upwards; the longest first.

    parent: (m,) number of the point above, -1 for none. At a confluence the tributary that comes from
    farthest goes on upwards; every other one is a branch of its own that ends with the confluence.
    Branches shorter than `shortest_mm` are left out; no step between two points counts for more than
    `longest_step_mm`, so that a gap does not make a branch of a speck.
    """
    order = _top_down(parent)
    step = np.linalg.norm(points_mm - points_mm[parent], axis=1)
    step = np.where(parent >= 0, np.minimum(step, longest_step_mm), 0.0)
    reach, heir = np.zeros(len(parent)), np.full(len(parent), -1, dtype=np.int64)
    for point in order[::-1].tolist():
        above = parent[point]
        if above >= 0 and (heir[above] < 0 or reach[point] + step[point] > reach[above]):
            reach[above], heir[above] = reach[point] + step[point], point
    found = []
    for top in order.tolist():
        above, length = parent[top], reach[top] + step[top]
        if length < shortest_mm or (above >= 0 and heir[above] == top):
            continue
        branch = [above, top] if above >= 0 else [top]
        while heir[branch[-1]] >= 0:
            branch.append(int(heir[branch[-1]]))
        found.append((length, np.array(branch[::-1], dtype=np.int64)))
    found.sort(key=lambda pair: -pair[0])
    return [branch for _, branch in found]


def _top_down(parent: Int) -> Int:
    """All points, each after its parent."""
    rank = np.zeros(len(parent), dtype=np.int64)
    here = parent.copy()
    while (here >= 0).any():
        rank += here >= 0
        here = np.where(here >= 0, parent[here], -1)
    return np.argsort(rank, kind="stable")
