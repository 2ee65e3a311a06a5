from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import MaskError
from deepvein.phantoms.annotation.label_noise import label_noise
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

LABEL = encode(VeinSegment.FEMORAL, Side.LEFT)


def volume(*planes: list[int]) -> Volume:
    array = np.array(planes, dtype=np.uint8)[:, None, :]
    return Volume(array, Grid.from_directions(array.shape, (1, 1, 1)))


def test_by_hand() -> None:
    saphenous = int(VeinSegment.GREAT_SAPHENOUS)
    segments = volume([LABEL, LABEL, 8, saphenous], [LABEL, LABEL, 8, 0])
    drawn = volume([LABEL, LABEL, 0, 0], [0, 0, 0, 0])
    thrombi, contoured = volume([1, 1, 0, 0], [1, 1, 2, 0]), volume([0, 1, 1, 0], [1, 1, 0, 0])
    noise = label_noise((segments, thrombi), (drawn, contoured))
    assert noise.vein_dice == pytest.approx(2 * 2 / (6 + 2))
    assert noise.vein_contour_dice == 1.0
    assert noise.veins_drawn == 0.5
    assert noise.slices_drawn == 0.5
    assert noise.thrombus_dice == pytest.approx(2 * 3 / (5 + 4))
    assert noise.thrombus_contour_dice == pytest.approx(2 * 3 / (4 + 4))
    assert noise.thrombi_drawn == 0.5
    assert noise.thrombus_slices_drawn == 1.0


def test_the_same_labels_have_no_noise_and_nothing_has_no_number() -> None:
    veins, none = volume([LABEL, 0]), volume([0, 0])
    assert set(astuple(label_noise((veins, veins), (veins, veins)))) == {1.0}
    assert all(math.isnan(value) for value in astuple(label_noise((none, none), (none, none))))


def test_two_grids_are_refused() -> None:
    with pytest.raises(MaskError, match="one grid"):
        label_noise((volume([1]), volume([1])), (volume([1, 1]), volume([1, 1])))
