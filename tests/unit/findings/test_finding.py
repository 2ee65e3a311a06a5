from dataclasses import replace

import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.findings.shares import SegmentShare
from unit.findings.legs import Legs, Tube, axial, findings_in


@pytest.mark.parametrize(
    ("side", "segments", "expected"),
    [
        (Side.LEFT, [VeinSegment.FEMORAL], "left femoral vein"),
        (
            Side.RIGHT,
            [VeinSegment.POPLITEAL, VeinSegment.FEMORAL],
            "right popliteal and femoral veins",
        ),
        (
            Side.LEFT,
            [VeinSegment.SOLEAL, VeinSegment.PERONEAL, VeinSegment.POPLITEAL],
            "left soleal, peroneal and popliteal veins",
        ),
        (
            Side.RIGHT,
            [VeinSegment.COMMON_ILIAC, VeinSegment.INFERIOR_VENA_CAVA, VeinSegment.EXTERNAL_ILIAC],
            "right common iliac and external iliac veins and inferior vena cava",
        ),
        (
            Side.LEFT,
            [VeinSegment.INFERIOR_VENA_CAVA, VeinSegment.COMMON_ILIAC],
            "inferior vena cava and left common iliac vein",
        ),
        (Side.MIDLINE, [VeinSegment.INFERIOR_VENA_CAVA], "inferior vena cava"),
        (Side.UNKNOWN, [VeinSegment.FEMORAL], "femoral vein"),
        (Side.LEFT, [], "left unnamed vein"),
    ],
)
def test_place_in_words(side: Side, segments: list[VeinSegment], expected: str):
    legs, grid = Legs((Tube(),)), axial()
    (finding,) = findings_in(legs.prediction(grid), legs.study(grid))
    shares = tuple(SegmentShare(segment, 1.0, 10.0) for segment in segments)
    assert replace(finding, side=side, segments=shares).place == expected
