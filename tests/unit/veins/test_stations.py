import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.veins.stations import STATION_OF, Station, coverage
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume
from unit.findings.legs import Legs, axial


def test_whole_legs_show_every_station_where_it_lies():
    shown = coverage(Legs().territories(axial()))
    assert list(shown.shown) == list(Station)
    assert shown.missing == ()
    assert shown.shown[Station.KNEE] == (205, 295)


def test_what_lies_below_the_field_of_view_is_missing():
    shown = coverage(Legs().territories(axial(bottom_mm=320)))
    assert shown.missing == (Station.KNEE, Station.CALF)


def test_a_sliver_is_not_a_station():
    shown = coverage(Legs().territories(axial(bottom_mm=290)))
    assert Station.KNEE in shown.missing


def test_nothing_recognised_shows_nothing():
    assert coverage(Legs(legs=False).territories(axial())).shown == {}


@pytest.mark.parametrize("segment", [s for s in VeinSegment if s.is_deep])
def test_every_deep_segment_belongs_to_a_station(segment: VeinSegment):
    array = np.full((10, 2, 2), segment, np.uint8)
    territories = Volume(array, Grid.from_directions((10, 2, 2), (5.0, 5.0, 5.0)))
    assert list(coverage(territories).shown) == [STATION_OF[segment]]


def stack(*levels: tuple[VeinSegment, ...]) -> Volume:
    """Territories of ten voxels a level, 10 mm apart; a level repeats the segments that it names."""
    rows = [[level[k % len(level)] for k in range(10)] for level in levels]
    array = np.array(rows, np.uint8)[:, None, :]
    return Volume(array, Grid.from_directions(array.shape, (10.0, 10.0, 10.0)))


CALF, KNEE, GROIN = (
    VeinSegment.POSTERIOR_TIBIAL,
    VeinSegment.POPLITEAL,
    VeinSegment.COMMON_FEMORAL,
)


def test_single_voxels_of_another_station_do_not_show_it():
    astray = (CALF, CALF, CALF, CALF, GROIN)
    assert list(coverage(stack(*[astray] * 8)).shown) == [Station.CALF]


def test_a_level_may_show_two_stations():
    shown = coverage(stack(*[(CALF,)] * 4, *[(CALF, KNEE)] * 3, *[(KNEE,)] * 4))
    assert shown.shown == {Station.KNEE: (40.0, 100.0), Station.CALF: (0.0, 60.0)}


def test_of_stations_that_are_no_neighbours_the_longer_hold():
    shown = coverage(stack(*[(CALF,)] * 9, *[(GROIN,)] * 3))
    assert list(shown.shown) == [Station.CALF]
