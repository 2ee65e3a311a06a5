import colorsys

from deepvein.anatomy.veins import VeinSegment
from deepvein.drawing import palette


def hue(colour: str) -> tuple[float, float]:
    rgb = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    h, s, _ = colorsys.rgb_to_hsv(*rgb)
    return h, s


def test_every_segment_has_its_own_colour() -> None:
    assert set(palette.SEGMENTS) == set(VeinSegment)
    assert len(set(palette.SEGMENTS.values())) == len(VeinSegment)


def test_red_is_kept_for_findings() -> None:
    assert hue(palette.FINDING)[0] < 0.03
    for colour in palette.SEGMENTS.values():
        h, s = hue(colour)
        assert s < 0.1 or 0.08 < h < 0.92
