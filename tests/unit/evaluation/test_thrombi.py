import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.errors import MaskError
from deepvein.evaluation.thrombi import Extent, Location, true_thrombi
from deepvein.volumes.grid import AXIAL, CORONAL, Grid

V = VeinSegment


def maps(directions=AXIAL):
    grid = Grid.from_directions((20, 20, 20), (2.0, 1.0, 1.0), directions=directions)
    return np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint8), grid


def test_no_thrombus_is_nothing():
    assert true_thrombi(*maps()) == ()


def test_each_thrombus_is_described_by_its_voxels():
    thrombi, segments, grid = maps()
    segments[:10, 4, 4] = encode(V.POPLITEAL, Side.LEFT)
    segments[10:, 4, 4] = encode(V.FEMORAL, Side.LEFT)
    segments[:, 15, 15] = encode(V.PERONEAL, Side.RIGHT)
    thrombi[8:14, 4, 4] = 1
    thrombi[3, 15, 15] = 4
    first, second = true_thrombi(thrombi, segments, grid)
    assert (first.number, first.side, first.segments) == (1, Side.LEFT, (V.FEMORAL, V.POPLITEAL))
    assert (first.length_mm, first.volume_ml) == (12.0, pytest.approx(6 * 2 / 1000))
    assert (first.location, first.extent) == (Location.FEMOROPOPLITEAL, Extent.SHORT)
    assert (second.number, second.side, second.location) == (4, Side.RIGHT, Location.CALF)
    assert first.acute is None
    assert first.occlusive is None


def test_length_runs_along_the_body_whatever_the_slices():
    thrombi, segments, grid = maps(CORONAL)
    thrombi[5:7, 2:12, 3] = 1
    (one,) = true_thrombi(thrombi, segments, grid)
    assert one.length_mm == 10.0
    assert one.segments == ()
    assert one.location is None
    assert one.side is Side.UNKNOWN


def test_a_voxel_of_the_neighbour_is_not_named_and_the_cava_has_no_side():
    thrombi, segments, grid = maps()
    thrombi[:, :10, 4] = 1
    segments[:, :10, 4] = encode(V.COMMON_ILIAC, Side.RIGHT)
    segments[0, 0, 4] = encode(V.EXTERNAL_ILIAC, Side.LEFT)
    segments[19, :, 4] = encode(V.INFERIOR_VENA_CAVA, Side.MIDLINE)
    (one,) = true_thrombi(thrombi, segments, grid)
    assert one.segments == (V.INFERIOR_VENA_CAVA, V.COMMON_ILIAC)
    assert one.side is Side.RIGHT


@given(st.sets(st.sampled_from([s for s in V if s.is_deep]), min_size=1))
def test_a_thrombus_that_grows_upwards_never_moves_to_a_lower_group(segments):
    order = [Location.CALF, Location.FEMOROPOPLITEAL, Location.ILIOFEMORAL]
    now = order.index(Location.of(tuple(segments)))
    for more in (V.POPLITEAL, V.FEMORAL, V.COMMON_FEMORAL, V.EXTERNAL_ILIAC):
        assert order.index(Location.of((*segments, more))) >= now


@pytest.mark.parametrize(
    ("length", "extent"),
    [(50.0, Extent.SHORT), (50.1, Extent.MIDDLE), (200.0, Extent.MIDDLE), (201.0, Extent.LONG)],
)
def test_extents_meet_without_a_gap(length, extent):
    assert Extent.of(length) is extent


def test_maps_of_different_shape_are_an_error():
    thrombi, segments, grid = maps()
    with pytest.raises(MaskError, match="one grid"):
        true_thrombi(thrombi[1:], segments, grid)
