import dataclasses

import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.reports.projection import body, vein_shadow
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from unit.reports.legs import LEG_MM, axial_grid, coronal_grid, screening


@pytest.mark.parametrize("modality", Modality)
def test_body_shows_both_legs_and_the_gap_between(modality: Modality) -> None:
    seen = body(screening(modality).study, 4.0)
    left = seen.extent_mm[0]
    centres = left + (np.arange(seen.grey.shape[1]) + 0.5) * 4
    profile = seen.grey.mean(axis=0)
    assert (
        profile[np.abs(np.abs(centres) - LEG_MM) < 6].min() > 2 * profile[np.abs(centres) < 4].max()
    )
    assert seen.grey.min() >= 0
    assert seen.grey.max() <= 1


def test_left_leg_is_on_the_right_and_head_up() -> None:
    result = screening()
    array = np.full(result.study.volume.array.shape, -1000, dtype=np.int16)
    # Bone at the head end of the left half: high slices, high columns in this grid.
    array[20:, :, 50:] = 700
    volume = dataclasses.replace(result.study.volume, array=array)
    grey = body(dataclasses.replace(result.study, volume=volume), 4.0).grey
    rows, columns = grey.shape
    assert grey[: rows // 4, -columns // 4 :].mean() > 0.5
    assert grey[rows // 2 :].max() < 0.1
    assert grey[:, : columns // 2].max() < 0.1


@pytest.mark.parametrize("grid", [axial_grid(), coronal_grid()])
def test_veins_take_the_name_of_their_territory(grid: Grid) -> None:
    result = screening(grid=grid)
    assert result.prediction is not None
    assert result.tree is not None
    veins = vein_shadow(result.prediction, result.tree.naming)
    assert veins is not None
    assert set(np.unique(veins.segments)) == {0, VeinSegment.FEMORAL, VeinSegment.POPLITEAL}
    row = int(veins.front.top_mm + 370)
    columns = np.flatnonzero(veins.segments[row] == VeinSegment.FEMORAL)
    x = veins.front.left_mm + columns + 0.5
    assert np.abs(np.abs(x) - LEG_MM).max() < 14
    assert (x > 0).any()
    assert (x < 0).any()


def test_no_veins_cast_no_shadow() -> None:
    result = screening()
    assert result.prediction is not None
    assert result.tree is not None
    blank = np.zeros_like(result.prediction.vein_probability)
    empty = dataclasses.replace(result.prediction, vein_probability=blank)
    assert vein_shadow(empty, result.tree.naming) is None
