import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.inference.second_reader.way import STEP_MM
from deepvein.veins.following import FollowingSettings, follow
from unit.findings.legs import VEIN_X_MM, Legs, axial, coronal, naming_in

LEGS = Legs()


@pytest.mark.parametrize("grid", [axial(), coronal()], ids=["axial", "coronal"])
def test_both_veins_are_followed_over_their_length(grid):
    study, prediction = LEGS.study(grid), LEGS.prediction(grid)
    ways = follow(prediction, naming_in(prediction, study))
    assert {way.side for way in ways} == {Side.LEFT, Side.RIGHT}
    for way in ways:
        x = VEIN_X_MM if way.side is Side.LEFT else -VEIN_X_MM
        assert way.centres_mm == pytest.approx(np.tile([x, 0.0], (len(way), 1)), abs=3)
        assert len(way) * STEP_MM > 500
        assert way.seen.mean() > 0.9
        assert {int(VeinSegment.POPLITEAL), int(VeinSegment.FEMORAL)} <= set(way.segments)


def test_a_missed_stretch_is_bridged_and_said_to_be_guessed():
    grid = axial()
    study, prediction = LEGS.study(grid), LEGS.prediction(grid)
    z = grid.body_positions_mm()
    prediction.vein_probability[(z > 250) & (z < 285)] = 0
    for way in follow(prediction, naming_in(prediction, study)):
        height = way.points_mm[:, 2]
        inside = (height > 262) & (height < 273)
        assert inside.any()
        assert not way.seen[inside].any()
        assert way.seen[(height < 240) & (height > 60)].all()


def test_a_gap_too_long_parts_the_vein():
    grid = axial()
    study, prediction = LEGS.study(grid), LEGS.prediction(grid)
    z = grid.body_positions_mm()
    prediction.vein_probability[(z > 200) & (z < 300)] = 0
    assert len(follow(prediction, naming_in(prediction, study))) == 4


def test_nothing_seen_nothing_followed():
    grid = axial()
    legs = Legs(veins=False)
    assert follow(legs.prediction(grid), naming_in(legs.prediction(grid), legs.study(grid))) == ()


def test_settings_are_checked():
    with pytest.raises(SettingsError, match="vein probability"):
        FollowingSettings(vein_probability=0.0)
