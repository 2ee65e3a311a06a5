import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.core.seeds import generator
from deepvein.laboratory.second_opinion.legs.canvas import Frame
from deepvein.laboratory.second_opinion.real.tables import ONE, OTHER
from deepvein.laboratory.second_opinion.real.vessels import Pose, vessels

LEVELS = np.arange(-120.0, 120.0, 2.0)
FRAME = Frame(LEVELS, np.arange(-180.0, 180.0), np.arange(-100.0, 100.0), 1.0, (2.0, 1.0, 1.0))
POSES = [Pose(0.0, (0.0, 0.0), False), Pose(0.06, (0.02, -0.03), True)]


@pytest.mark.parametrize("pose", POSES)
def test_what_is_placed_is_found_again(pose):
    column, row = np.array([100.0, 210.0]), np.array([170.0, 190.0])
    x, y = pose.placed(column, row, np.full(2, 50.0))
    rows, columns = pose.found(x, y, 50.0)
    np.testing.assert_allclose(rows, row)
    np.testing.assert_allclose(columns, column)


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("leg", [ONE, OTHER])
def test_main_vessels_come_first_and_do_not_overlap(pose, leg):
    for number in range(6):
        artery, vein = vessels(generator(number, "test"), FRAME, pose, leg)[:2]
        assert artery.artery
        assert artery.segment is None
        assert vein.segment is VeinSegment.POPLITEAL
        dx, dy = (a - v for a, v in zip(artery.course, vein.course, strict=True))
        both = (artery.radius > 0) & (vein.radius > 0)
        assert (np.hypot(dx, dy) > 0.9 * (artery.radius + vein.radius))[both].all()
        assert 1.2 < np.median(vein.radius[vein.radius > 0]) < 5


def test_legs_lie_on_their_sides_and_change_sides_when_mirrored():
    for pose, sign in zip(POSES, (1, -1), strict=True):
        for leg, side in ((ONE, sign), (OTHER, -sign)):
            for one in vessels(generator(1, "test"), FRAME, pose, leg):
                assert (side * one.course[0][one.radius > 0] > 0).all()


def test_veins_of_the_calf_are_there_below_the_knee_alone():
    for leg in (ONE, OTHER):
        found = vessels(generator(2, "test"), FRAME, POSES[0], leg)
        # Those beside an artery are paired.
        for segment, least in (
            (VeinSegment.PERONEAL, 2),
            (VeinSegment.POSTERIOR_TIBIAL, 2),
            (VeinSegment.SOLEAL, 1),
        ):
            those = [one for one in found if one.segment is segment]
            assert len(those) >= least
            assert all((LEVELS[one.radius > 0] < -60).all() for one in those)
