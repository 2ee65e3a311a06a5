"""Looking at a volume along wanted axes without copying it."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from deepvein.volumes.grid import Float, Grid
from deepvein.volumes.volume import Volume


def orient(volume: Volume, directions: Float) -> Volume:
    """A view of `volume` whose axes run as nearly as they can along `directions`.

    directions: 3x3, columns are the wanted LPS directions of slice, row and column, such as
    `grid.AXIAL` or `grid.CORONAL`. Axes are only swapped and reversed: nothing is interpolated, the
    voxels stay where they are in the patient, and writing into the view writes into `volume.array`.
    """
    agreement = volume.grid.directions.T @ directions
    order = max(
        permutations(range(3)),
        key=lambda axes: sum(abs(agreement[axis, wanted]) for wanted, axis in enumerate(axes)),
    )
    reverse = [agreement[axis, wanted] < 0 for wanted, axis in enumerate(order)]
    shape = volume.grid.shape
    first = [0, 0, 0]
    affine = volume.grid.affine.copy()
    steps = []
    for axis, back in zip(order, reverse, strict=True):
        if back:
            first[axis] = shape[axis] - 1
        steps.append(-affine[:3, axis] if back else affine[:3, axis])
    turned = np.eye(4)
    turned[:3, :3] = np.stack(steps, axis=1)
    turned[:3, 3] = volume.grid.to_world([first])[0]
    array = volume.array.transpose(order)[
        tuple(slice(None, None, -1) if back else slice(None) for back in reverse)
    ]
    return Volume(array, Grid(array.shape, turned, volume.grid.frame_of_reference))
