from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import MaskError, SettingsError, UnknownNameError
from deepvein.phantoms.annotation.annotation import (
    ANNOTATIONS,
    EXACT,
    RADIOLOGIST,
    Annotation,
    annotate,
)
from deepvein.phantoms.phantom import Phantom
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume
from unit.phantoms.annotation.label_noise import label_noise

FEMORAL = encode(VeinSegment.FEMORAL, Side.LEFT)
CALF = encode(VeinSegment.PERONEAL, Side.RIGHT)
Pair = tuple[Volume, Volume]


def legs(slices: int = 60, step_mm: float = 4.0) -> Pair:
    """Two straight veins of 10 × 10 mm up the legs, a long thrombus in one and a short one in the other."""
    segments = np.zeros((slices, 40, 60), dtype=np.uint8)
    segments[:, 15:25, 10:20], segments[:, 15:25, 40:50] = FEMORAL, CALF
    thrombi = np.zeros_like(segments)
    thrombi[20:40, 17:23, 12:18], thrombi[5:8, 17:23, 42:48] = 1, 2
    grid = Grid.from_directions(segments.shape, (step_mm, 1.0, 1.0))
    return Volume(segments, grid), Volume(thrombi, grid)


def levels(volume: Volume, number: int) -> list[int]:
    return np.flatnonzero((volume.array == number).any(axis=(1, 2))).tolist()


def test_exact_labels_are_the_truth_itself() -> None:
    segments, thrombi = legs()
    assert annotate(segments, thrombi, EXACT, 1) == (segments, thrombi)


def test_the_same_seed_draws_the_same_labels_and_changes_no_input() -> None:
    pair = legs()
    before = [volume.array.copy() for volume in pair]
    one, two, other = (annotate(*pair, RADIOLOGIST, seed) for seed in (4, 4, 5))
    for volume, array in zip(pair, before, strict=True):
        np.testing.assert_array_equal(volume.array, array)
    np.testing.assert_array_equal(one[0].array, two[0].array)
    np.testing.assert_array_equal(one[1].array, two[1].array)
    assert (one[0].array != other[0].array).any()


def test_left_out_veins_are_gone_unless_they_bear_a_thrombus() -> None:
    segments, thrombi = legs()
    drawn, _ = annotate(segments, thrombi, Annotation(proximal_left_out=1, distal_left_out=1), 0)
    np.testing.assert_array_equal(drawn.array, segments.array)
    nothing = Volume(np.zeros_like(thrombi.array), thrombi.grid)
    drawn, _ = annotate(segments, nothing, Annotation(distal_left_out=1), 0)
    assert set(np.unique(drawn.array)) == {0, FEMORAL}


def test_only_studies_without_thrombi_are_left_out_as_a_whole() -> None:
    segments, thrombi = legs()
    style = Annotation(healthy_left_out=1.0)
    np.testing.assert_array_equal(annotate(segments, thrombi, style, 0)[0].array, segments.array)
    nothing = Volume(np.zeros_like(thrombi.array), thrombi.grid)
    drawn, clots = annotate(segments, nothing, style, 0)
    assert not drawn.array.any()
    assert not clots.array.any()


def test_about_the_wanted_share_of_slices_is_skipped_in_runs() -> None:
    segments, thrombi = legs(slices=3000, step_mm=1.0)
    style = Annotation(slices_skipped=0.3, skip_mm=20.0)
    drawn, clots = annotate(segments, thrombi, style, 2)
    shown = drawn.array.any(axis=(1, 2))
    assert 1 - shown.mean() == pytest.approx(0.3, abs=0.06)
    ends = np.count_nonzero(np.diff(shown.astype(int)) == 1)
    assert np.count_nonzero(~shown) / ends == pytest.approx(20, rel=0.35)
    assert not clots.array[~shown].any()


def test_ends_shift_along_the_vein_and_short_thrombi_are_missed() -> None:
    segments, thrombi = legs()
    shifts = []
    for seed in range(40):
        _, clots = annotate(segments, thrombi, Annotation(end_shift_mm=12.0), seed)
        found = levels(clots, 1)
        assert found == list(range(found[0], found[-1] + 1))
        assert (segments.array[clots.array == 1] == FEMORAL).all()
        shifts += [(found[0] - 20) * 4.0, (39 - found[-1]) * 4.0]
    assert np.mean(shifts) == pytest.approx(0, abs=4)
    assert np.std(shifts) == pytest.approx(12, rel=0.25)
    _, clots = annotate(segments, thrombi, Annotation(small_missed=1.0, small_mm=1e6), 0)
    assert set(np.unique(clots.array)) == {0, 1}


@pytest.mark.parametrize("seed", range(5))
def test_no_style_takes_the_diagnosis_away(seed: int) -> None:
    segments, thrombi = legs()
    worst = replace(
        ANNOTATIONS.get("kozemzak2019"), slices_skipped=1.0, traced_gaps=1.0, small_missed=1.0
    )
    drawn, clots = annotate(segments, thrombi, worst, seed)
    assert clots.array.any()
    assert (drawn.array[clots.array > 0] > 0).all()


def test_slices_are_those_of_the_grid_and_ends_those_of_the_body() -> None:
    segments, thrombi = legs()
    upright, clots = (np.moveaxis(v.array, 0, 1)[:, ::-1] for v in (segments, thrombi))
    grid = Grid.from_directions(upright.shape, (1.0, 4.0, 1.0), directions=CORONAL)
    pair = Volume(upright.copy(), grid), Volume(clots.copy(), grid)
    assert grid.body_axis == 1
    _, drawn = annotate(*pair, Annotation(end_shift_mm=20.0), 1)
    depth = np.flatnonzero((drawn.array == 1).any(axis=(1, 2)))
    assert (depth[0], depth[-1]) == (17, 22)
    assert (drawn.array != pair[1].array).any()


def test_readers_agree_on_contours_as_readers_do(ct_phantom: Phantom) -> None:
    """Inter-reader Dice of veins and thrombi is usually given as 0.75 to 0.95 (M)."""
    exact = ct_phantom.segments, ct_phantom.thrombi
    noise = label_noise(exact, annotate(*exact, RADIOLOGIST, 6))
    assert 0.7 < noise.vein_contour_dice < 0.97
    assert 0.7 < noise.thrombus_contour_dice < 0.97
    assert noise.vein_dice < noise.vein_contour_dice
    assert noise.thrombi_drawn > 0
    paper = label_noise(exact, annotate(*exact, ANNOTATIONS.get("kozemzak2019"), 6))
    assert paper.vein_dice < noise.vein_dice
    assert paper.slices_drawn < noise.slices_drawn


def test_wrong_settings_and_foreign_grids_are_refused() -> None:
    with pytest.raises(SettingsError, match="small_missed"):
        Annotation(small_missed=2)
    with pytest.raises(SettingsError, match="wobble_mm"):
        Annotation(wobble_mm=-1)
    with pytest.raises(SettingsError, match="gap_mm"):
        Annotation(gap_mm=0)
    with pytest.raises(UnknownNameError, match="radiologist"):
        ANNOTATIONS.get("radiolgist")
    with pytest.raises(MaskError, match="two grids"):
        annotate(legs()[0], legs(50)[1], RADIOLOGIST, 0)
