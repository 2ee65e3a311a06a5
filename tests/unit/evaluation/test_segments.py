import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.evaluation.segments import SegmentOutcome, segment_outcomes
from unit.findings.legs import Legs, Tube, axial, findings_in, points

GRID = axial()


def test_found_missed_and_open_segments():
    legs = Legs((Tube(Side.LEFT, 310, 400, probability=0.8),))
    prediction, study = legs.prediction(GRID), legs.study(GRID)
    x, _, z = points(GRID)
    vein = prediction.vein_probability > 0
    segments = np.zeros(GRID.shape, np.uint8)
    for side, half in ((Side.LEFT, x > 0), (Side.RIGHT, x < 0)):
        segments[vein & half & (z > 200)] = encode(VeinSegment.POPLITEAL, side)
        segments[vein & half & (z > 300)] = encode(VeinSegment.FEMORAL, side)
    segments[:, 0, 0] = VeinSegment.GREAT_SAPHENOUS
    thrombi = (prediction.thrombus_probability > 0).astype(np.uint8)
    thrombi[vein & (x < 0) & (z > 250) & (z < 300)] = 2
    outcomes = segment_outcomes(findings_in(prediction, study), segments, thrombi, GRID)
    assert outcomes == (
        SegmentOutcome(VeinSegment.FEMORAL, Side.RIGHT, False, 0.0),
        SegmentOutcome(VeinSegment.POPLITEAL, Side.RIGHT, True, 0.0),
        SegmentOutcome(VeinSegment.FEMORAL, Side.LEFT, True, 204 / 255),
        SegmentOutcome(VeinSegment.POPLITEAL, Side.LEFT, False, 0.0),
    )


def test_a_speck_of_thrombus_does_not_count():
    segments = np.full((1, 2, 2), VeinSegment.FEMORAL, np.uint8)
    thrombi = np.zeros((1, 2, 2), np.uint8)
    thrombi[0, 0, 0] = 1
    grid = type(GRID).from_directions((1, 2, 2), (1.0, 1.0, 1.0))
    (outcome,) = segment_outcomes((), segments, thrombi, grid)
    assert not outcome.has_thrombus
    (outcome,) = segment_outcomes((), segments, thrombi, grid, smallest_ml=0.0)
    assert outcome.has_thrombus
