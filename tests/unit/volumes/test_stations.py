import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.core.errors import GeometryError
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.stations import head_to_feet, merge, require_stacked
from deepvein.volumes.volume import Volume
from unit.studies import making


def whole(directions=CORONAL, dtype=np.int16):
    shape = (6, 40, 10) if directions is CORONAL else (40, 6, 10)
    grid = making.grid_of(shape, (2.0, 1.5, 1.5), directions=directions)
    rng = np.random.default_rng(3)
    return Volume(rng.integers(200, 900, shape).astype(dtype), grid)


def cut(volume, low, high):
    axis = volume.grid.body_axis
    start, stop = [0, 0, 0], list(volume.grid.shape)
    start[axis], stop[axis] = low, high
    part = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    return Volume(volume.array[part].copy(), volume.grid.crop(tuple(start), tuple(stop)))


@pytest.mark.parametrize("directions", [CORONAL, AXIAL])
@given(first=st.integers(18, 20), second=st.integers(11, 16))
@settings(max_examples=8, deadline=None)
def test_a_volume_that_was_cut_comes_back(directions, first, second):
    volume = whole(directions)
    parts = [cut(volume, 0, first), cut(volume, second, 30), cut(volume, 27, 40)]
    merged = merge([parts[1], parts[2], parts[0]])
    np.testing.assert_array_equal(merged.volume.array, volume.array)
    assert merged.volume.grid.matches(volume.grid, 1e-6)
    assert merged.volume.array.dtype == np.int16
    assert not merged.resampled
    np.testing.assert_allclose(merged.gains, 1, atol=1e-6)


def test_overlaps_and_order_are_told_from_the_head():
    volume = whole()
    parts = [cut(volume, 0, 16), cut(volume, 12, 28), cut(volume, 26, 40)]
    merged = merge([parts[2], parts[0], parts[1]])
    heights = [part.grid.corners_mm[:, 2].mean() for part in parts]
    assert heights == sorted(heights, reverse=True)
    assert merged.order == (1, 2, 0)
    assert merged.overlaps_mm == pytest.approx((4 * 1.5, 2 * 1.5))


@pytest.mark.parametrize("gain", [0.4, 1.7, 3.0])
def test_gains_are_recovered(gain):
    volume = whole(dtype=np.float32)
    low = cut(volume, 15, 40)
    dim = Volume(low.array / np.float32(gain), low.grid)
    merged = merge([cut(volume, 0, 20), dim])
    assert merged.gains == pytest.approx((1.0, gain), rel=1e-4)
    np.testing.assert_allclose(merged.volume.array, volume.array, rtol=1e-4)


def test_known_gains_go_with_their_volumes():
    volume = whole(dtype=np.float32)
    low = cut(volume, 15, 40)
    dim = Volume(low.array / np.float32(2), low.grid)
    merged = merge([dim, cut(volume, 0, 20)], gains=[2.0, 1.0])
    assert merged.gains == (1.0, 2.0)
    np.testing.assert_allclose(merged.volume.array, volume.array, rtol=1e-6)


def test_the_seam_is_feathered():
    volume = Volume(np.full((4, 40, 8), 100, np.float32), whole().grid.crop((0, 0, 0), (4, 40, 8)))
    top, bottom = cut(volume, 0, 24), cut(volume, 16, 40)
    bottom.array[:, 4:] = 100
    bottom.array[:, 8:] = 100
    bottom.array[0, 0:8] = 130  # differs in one slice only, so that the median gain stays 1
    line = merge([top, bottom]).volume.array[0, 16:24, 0]
    assert merge([top, bottom]).gains == (1.0, 1.0)
    assert (np.diff(line) > 0).all()
    assert 100 < line[0] < 105
    assert 125 < line[-1] < 130


def test_stations_on_other_grids_are_resampled():
    rows = np.arange(40, dtype=np.float32) * 10 + 100
    volume = Volume(np.broadcast_to(rows[None, :, None], (6, 40, 10)).copy(), whole().grid)
    top = cut(volume, 0, 24)
    shift = volume.grid.affine.copy()
    shift[:3, 3] = volume.grid.to_world([[0, 16.5, 0]])[0]
    bottom = Volume(
        np.broadcast_to((rows[16:39] + 5)[None, :, None], (6, 23, 10)).copy(),
        Grid((6, 23, 10), shift),
    )
    merged = merge([top, bottom])
    assert merged.resampled
    np.testing.assert_allclose(merged.volume.array[2, :39, 5], rows[:39], rtol=2e-3)


def test_stations_that_touch_are_joined_and_a_gap_is_refused():
    volume = whole()
    assert merge([cut(volume, 0, 20), cut(volume, 20, 40)]).overlaps_mm == (0.0,)
    with pytest.raises(
        GeometryError, match=r"4 mm of the body are missing between stations 1 and 2"
    ):
        merge([cut(volume, 0, 18), cut(volume, 21, 40)])


def test_contradictory_positions_are_refused():
    volume = whole()
    part = cut(volume, 0, 20)
    with pytest.raises(GeometryError, match="show the same 30 mm"):
        require_stacked([part.grid, part.grid])
    turned = making.grid_of((6, 20, 10), (2.0, 1.5, 1.5), directions=making.OBLIQUE)
    with pytest.raises(GeometryError, match="turned"):
        require_stacked([part.grid, turned])
    coarse = making.grid_of((6, 20, 10), (2.0, 3.0, 1.5), directions=CORONAL)
    with pytest.raises(GeometryError, match="voxels of"):
        require_stacked([part.grid, coarse])
    affine = cut(volume, 20, 40).grid.affine.copy()
    affine[0, 3] += 14
    with pytest.raises(GeometryError, match="beside each other"):
        require_stacked([part.grid, Grid((6, 20, 10), affine)])


def test_one_station_is_itself():
    volume = whole()
    require_stacked([volume.grid])
    assert head_to_feet([volume.grid]) == (0,)
    merged = merge([volume])
    np.testing.assert_array_equal(merged.volume.array, volume.array)
    assert merged.overlaps_mm == ()
