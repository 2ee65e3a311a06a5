from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.phantoms.shapes.tube import Tube
from deepvein.phantoms.vessels.valves import Valve, bulged, sample_valves

STRAIGHT = Tube(0.0, np.tile([0.0, 0, 4, 3, 0], (101, 1)))


@pytest.mark.parametrize(
    ("segment", "length", "low", "high"),
    [
        (VeinSegment.FEMORAL, 250.0, 2.0, 5.0),  # 1 to 6 (Moore 2011)
        (VeinSegment.POPLITEAL, 180.0, 1.0, 3.0),  # 0 to 4 (ibid.)
        (VeinSegment.GREAT_SAPHENOUS, 800.0, 7.0, 10.5),  # 8.7 (20 limbs)
        (VeinSegment.COMMON_FEMORAL, 60.0, 0.35, 0.67),  # in 51 % (Sun 1990)
        (VeinSegment.EXTERNAL_ILIAC, 90.0, 0.26, 0.58),  # in 42 % (ibid.)
        (VeinSegment.COMMON_ILIAC, 60.0, 0.0, 0.0),  # none (ibid.)
        (VeinSegment.POSTERIOR_TIBIAL, 340.0, 9.0, 17.0),
    ],
)
def test_as_many_valves_as_published(
    segment: VeinSegment, length: float, low: float, high: float
) -> None:
    counts = [len(sample_valves(s, "x", segment, 0.0, length, 3.0)) for s in range(80)]
    assert low <= np.mean(counts) <= high


def test_valves_lie_in_the_vein_from_below() -> None:
    valves = sample_valves(1, "x", VeinSegment.FEMORAL, 100.0, 350.0, 3.5)
    heights = [valve.z_mm for valve in valves]
    assert heights == sorted(heights)
    assert heights[0] >= 100
    assert heights[-1] <= 351
    assert valves == sample_valves(1, "x", VeinSegment.FEMORAL, 100.0, 350.0, 3.5)


def test_a_sinus_widens_the_vein_where_the_valve_stands_and_nowhere_else() -> None:
    wide = bulged(STRAIGHT, [Valve(100.0, 0.25, 16.0)])
    assert wide.radii(100.0) == pytest.approx((5.0, 3.75))
    away = np.abs(STRAIGHT.z_mm - 100) >= 8
    assert np.array_equal(wide.nodes[away], STRAIGHT.nodes[away])
    assert bulged(STRAIGHT, ()) is STRAIGHT
