"""Veins with the thrombi that lie in them, where a map of labels can say but one of both of a voxel."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepvein.studies.masks.labels import Labels
from deepvein.volumes.components import connect
from deepvein.volumes.volume import Volume


def with_thrombi(segments: Labels, thrombi: Labels, path: Path) -> Labels:
    """The vein segments with the thrombi that touch them: each voxel that no segment holds is the nearest's.
    They are as they are where every thrombus lies in a segment, or touches none.

    segments: encoded (`anatomy.veins.encode`); both on one grid. Where a long thrombus goes from one vein into
    the next is a guess, which a remark tells.
    """
    from scipy.spatial import cKDTree

    names, grid = segments.volume.array, segments.volume.grid
    bare = np.argwhere((thrombi.volume.array > 0) & (names == 0))
    veins = np.argwhere(names > 0)
    if not len(bare) or not len(veins):
        return segments
    beside = cKDTree(veins).query(bare, p=np.inf)[0] <= 1
    parts = connect(bare, grid.shape)
    bare = bare[np.isin(parts, parts[beside])]
    if not len(bare):
        return segments
    spacing = np.asarray(grid.spacing_mm)
    nearest = cKDTree(veins * spacing).query(bare * spacing)[1]
    filled = np.array(names)
    filled[tuple(bare.T)] = names[tuple(veins[nearest].T)]
    remark = (
        f"{path.name} marks thrombi and veins apart; {len(bare)} voxels of thrombi are counted to the nearest "
        "vein too"
    )
    return Labels(Volume(filled, grid), segments.names, (*segments.remarks, remark))
