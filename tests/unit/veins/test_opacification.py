import pytest

from deepvein.anatomy.veins import Side
from deepvein.veins.opacification import Opacification
from deepvein.veins.stations import Station
from deepvein.veins.tree import vein_tree
from unit.findings.legs import Legs, Tube, axial

GRID = axial()


def measured_in(legs: Legs) -> tuple[Opacification, ...]:
    study, prediction = legs.study(GRID), legs.prediction(GRID)
    return vein_tree(prediction, study).opacification


def test_medians_of_each_side_and_station():
    legs = Legs(blood=(90, 130))
    measured = measured_in(legs)
    assert [(one.station, one.side) for one in measured] == [
        (station, side) for station in Station for side in (Side.RIGHT, Side.LEFT)
    ]
    assert {one.vein for one in measured if one.side is Side.RIGHT} == {90}
    assert {one.vein for one in measured if one.side is Side.LEFT} == {130}
    assert {one.tissue for one in measured} == {55}


def test_thrombus_is_not_blood():
    legs = Legs((Tube(Side.LEFT, 0, 600),))
    measured = measured_in(legs)
    assert {one.side for one in measured} == {Side.RIGHT}


def test_no_vein_no_measurement():
    legs = Legs(veins=False)
    assert measured_in(legs) == ()


def test_visibility_is_the_share_of_levels_with_a_vein():
    legs = Legs()
    study, prediction = legs.study(GRID), legs.prediction(GRID)
    # The left vein of the lower half of the calf (0 to 200 mm) is not seen.
    prediction.vein_probability[:10, :, 60:] = 0
    tree = vein_tree(prediction, study)
    seen = {(one.side, one.station): one.share for one in tree.visibility}
    assert seen[Side.RIGHT, Station.CALF] == 1
    assert seen[Side.LEFT, Station.CALF] == pytest.approx(0.5, abs=0.06)
    assert seen[Side.LEFT, Station.THIGH] == 1
