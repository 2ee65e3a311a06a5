from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.veins.stations import Station
from deepvein.veins.tree import vein_tree
from unit.findings.legs import Legs, Tube, axial, coronal

WAY = [
    VeinSegment.POSTERIOR_TIBIAL,
    VeinSegment.POPLITEAL,
    VeinSegment.FEMORAL,
    VeinSegment.EXTERNAL_ILIAC,
]


@pytest.mark.parametrize("grid", [axial((5, 2, 2)), coronal()])
def test_both_legs_from_calf_to_pelvis(grid):
    legs = Legs((Tube(Side.LEFT, 320, 420),))
    tree = vein_tree(legs.prediction(grid), legs.study(grid))
    assert len(tree.courses) == 8
    for side, x in ((Side.RIGHT, -95), (Side.LEFT, 95)):
        (first,) = [
            number
            for number, course in enumerate(tree.courses)
            if course.side is side and course.segment is WAY[0]
        ]
        way = [tree.courses[number] for number in tree.passed(first)]
        assert [course.segment for course in way] == WAY
        assert {course.side for course in way} == {side}
        points = tree.line_mm(first)
        assert np.abs(points[:, 0] - x).max() < 3
        assert np.abs(points[:, 1]).max() < 3
        assert points[0, 2] < 15
        assert points[-1, 2] > 585
        assert np.diff(points[:, 2]).min() >= 0


def test_a_thrombosed_stretch_belongs_to_the_tree_without_blood():
    legs = Legs((Tube(Side.LEFT, 320, 420),))
    grid = axial((5, 2, 2))
    prediction = legs.prediction(grid)
    vein = np.where(prediction.thrombus_probability > 0, 0, prediction.vein_probability)
    tree = vein_tree(replace(prediction, vein_probability=vein), legs.study(grid))
    (femoral,) = [
        c for c in tree.courses if (c.segment, c.side) == (VeinSegment.FEMORAL, Side.LEFT)
    ]
    z = femoral.points_mm[:, 2]
    assert np.isnan(femoral.blood[(z > 330) & (z < 410)]).all()
    assert femoral.blood[z > 430] == pytest.approx(120)


def test_coverage_and_opacification_are_found_once():
    legs = Legs()
    study, prediction = legs.study(axial()), legs.prediction(axial())
    tree = vein_tree(prediction, study)
    assert list(tree.coverage.shown) == list(Station)
    assert [one.vein for one in tree.opacification] == [120] * 8
    assert tree.seen_share == 1
    assert list(tree.spans_mm) == WAY[::-1]
    assert tree.spans_mm[VeinSegment.FEMORAL] == pytest.approx((300, 500), abs=12)
    assert {one.share for one in tree.visibility} == {1.0}


def test_one_leg_of_unknown_side():
    legs = Legs(right=False)
    tree = vein_tree(legs.prediction(axial()), legs.study(axial()))
    assert {course.side for course in tree.courses} == {Side.UNKNOWN}


def test_no_vein_has_an_empty_tree():
    legs = Legs(veins=False, legs=False)
    tree = vein_tree(legs.prediction(axial()), legs.study(axial()))
    assert (tree.courses, tree.coverage.shown, tree.opacification) == ((), {}, ())
