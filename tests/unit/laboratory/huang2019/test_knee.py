from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.laboratory.huang2019.knee import DISTAL, PROXIMAL, knee, parts
from deepvein.volumes.grid import CORONAL, Grid

GRID = Grid.from_directions((2, 10, 3), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), CORONAL)


def segments(**rows: tuple[int, int]) -> np.ndarray:
    made = np.zeros(GRID.shape, dtype=np.uint8)
    for name, (low, high) in rows.items():
        made[0, low:high] = encode(VeinSegment[name], Side.LEFT)
    return made


def test_the_popliteal_vein_ends_below_the_knee() -> None:
    # Rows run from head to foot.
    made = segments(FEMORAL=(0, 3), POPLITEAL=(3, 6), PERONEAL=(6, 10))
    assert knee(made, GRID) == 5
    found = parts(np.ones(GRID.shape, dtype=bool), 5, GRID)
    assert (found[:, :6] == PROXIMAL).all()
    assert (found[:, 6:] == DISTAL).all()


def test_upside_down_stacks_give_the_same_voxels() -> None:
    directions = np.array(CORONAL) * np.array([1.0, -1.0, 1.0])
    turned = Grid.from_directions((2, 10, 3), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), directions)
    made = segments(POPLITEAL=(3, 6), PERONEAL=(6, 10))[:, ::-1]
    assert knee(made, turned) == 10 - 1 - 5
    mask = np.ones(GRID.shape, dtype=bool)
    above = parts(mask, 4, turned)[:, ::-1]
    assert (above == parts(mask, 5, GRID)).all()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"FEMORAL": (0, 3)}, 2),
        ({"SOLEAL": (4, 8)}, 3),
        ({"GREAT_SAPHENOUS": (0, 8)}, None),
        ({}, None),
    ],
)
def test_without_a_popliteal_vein(rows: dict[str, tuple[int, int]], expected: int | None) -> None:
    assert knee(segments(**rows), GRID) == expected


def test_nothing_outside_the_mask() -> None:
    assert not parts(np.zeros(GRID.shape, dtype=bool), 5, GRID).any()
