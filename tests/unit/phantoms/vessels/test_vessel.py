from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.phantoms.shapes.tube import Tube
from deepvein.phantoms.vessels.vessel import Vessel, Vessels

TUBE = Tube(0.0, np.tile([0.0, 0, 2, 2, 0], (5, 1)))
VEIN = Vessel("left femoral", Side.LEFT, VeinSegment.FEMORAL, TUBE, "left common femoral")
PERFORATOR = Vessel("left perforator", Side.LEFT, None, TUBE, "left femoral", unnamed_vein=True)
ARTERY = Vessel("left femoral artery", Side.LEFT, None, TUBE, "aorta")


def test_what_is_a_vein_and_what_is_labelled() -> None:
    assert VEIN.is_vein
    assert VEIN.label == encode(VeinSegment.FEMORAL, Side.LEFT)
    assert PERFORATOR.is_vein
    assert PERFORATOR.label == 0
    assert not ARTERY.is_vein
    assert ARTERY.label == 0


def test_a_graph_finds_its_vessels() -> None:
    graph = Vessels((PERFORATOR, VEIN, ARTERY))
    assert graph.veins == (PERFORATOR, VEIN)
    assert graph.arteries == (ARTERY,)
    assert graph.of(Side.LEFT, VeinSegment.FEMORAL) == (VEIN,)
    assert graph.of(Side.RIGHT, VeinSegment.FEMORAL) == ()
    assert graph.by_name["left perforator"] is PERFORATOR
