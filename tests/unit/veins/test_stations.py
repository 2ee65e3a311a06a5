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
