"""Published figures that the phantoms' are held beside; sources stand with each."""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.anatomy.veins import VeinSegment

_SEG = VeinSegment


@dataclass(frozen=True)
class Range:
    """A published middle (mean or median) and the spread around it, with its source.

    low, high: mean ± SD, or the range or percentiles that the source gives; equal to the middle where it
    gives none.
    """

    middle: float
    low: float
    high: float
    source: str

    @classmethod
    def mean(cls, mean: float, sd: float, source: str) -> Range:
        return cls(mean, mean - sd, mean + sd, source)


TEXTBOOK = "textbook value"

DIAMETER_MM: dict[VeinSegment, Range] = {
    _SEG.INFERIOR_VENA_CAVA: Range(18.4, 18.4, 18.4, "intravascular ultrasound, n = 33"),
    _SEG.COMMON_ILIAC: Range(15.0, 14.2, 15.7, "intravascular ultrasound, n = 33, right and left"),
    _SEG.EXTERNAL_ILIAC: Range(
        13.2, 12.8, 13.5, "intravascular ultrasound, n = 33, left and right"
    ),
    _SEG.COMMON_FEMORAL: Range(
        10.5, 10.5, 13.6, "Hertzberg 1997, 975 legs; Phlebology 2018, supine"
    ),
    _SEG.DEEP_FEMORAL: Range(7.0, 6.0, 8.0, TEXTBOOK),
    _SEG.FEMORAL: Range(6.6, 6.4, 6.8, "Hertzberg 1997, 975 legs"),
    _SEG.POPLITEAL: Range(6.6, 6.4, 6.8, "Hertzberg 1997, 975 legs"),
    _SEG.ANTERIOR_TIBIAL: Range(3.0, 2.0, 4.0, TEXTBOOK),
    _SEG.POSTERIOR_TIBIAL: Range(3.0, 2.0, 4.0, TEXTBOOK),
    _SEG.PERONEAL: Range(3.0, 2.0, 4.0, TEXTBOOK),
    _SEG.GREAT_SAPHENOUS: Range.mean(3.7, 0.9, "Mendoza 2013, proximal thigh"),
    _SEG.SMALL_SAPHENOUS: Range(3.0, 2.0, 4.0, TEXTBOOK),
}
"""Normal veins, mm."""

_BOSSON = "Bosson 1998, 3,767 segments, P10 to P90"
THROMBUS_MM: dict[VeinSegment, Range] = {
    _SEG.INFERIOR_VENA_CAVA: Range(12, 7, 17, _BOSSON),
    _SEG.COMMON_ILIAC: Range(12, 7, 17, _BOSSON),
    _SEG.EXTERNAL_ILIAC: Range(9, 5, 14, _BOSSON),
    _SEG.COMMON_FEMORAL: Range(9, 5, 14, _BOSSON),
    _SEG.DEEP_FEMORAL: Range(6, 4, 10, _BOSSON),
    _SEG.FEMORAL: Range(6, 4, 10, _BOSSON),
    _SEG.POPLITEAL: Range(6, 4, 10, _BOSSON),
    _SEG.ANTERIOR_TIBIAL: Range(5, 4, 8, _BOSSON),
    _SEG.POSTERIOR_TIBIAL: Range(5, 4, 8, _BOSSON),
    _SEG.PERONEAL: Range(5, 4, 8, _BOSSON),
}
"""Acute thrombi from front to back, mm."""

LEFT_SHARE = Range(0.57, 0.57, 0.65, "De Maeseneer 2016, n = 1,338; VSI 2021, n = 356")
BILATERAL_SHARE = Range(0.10, 0.08, 0.12, "VSI 2021; registry of more than 5,000")
CALF_SHARE = Range(0.28, 0.15, 0.28, "De Maeseneer 2016; another registry")
ILIOFEMORAL_SHARE = Range(0.38, 0.38, 0.38, "De Maeseneer 2016")
SEGMENTS = Range(3, 1, 5, "De Maeseneer 2016, proximal thrombi, of five levels")
VOLUME_ML = Range.mean(12.8, 10.1, "Yonsei 2022, thrombosis without pulmonary embolism")
LENGTH_CM = Range(
    19, 18, 20, "derived from the volume at 9 mm of lumen; three of five levels measure more"
)

VEIN_HU: dict[int, Range] = {
    120: Range(118.0, 118.0, 118.0, "Cho 2013, 120 kVp, 370 mgI/mL"),
    100: Range(144.3, 122.4, 144.3, "Cho 2013, 100 kVp, 370 and 300 mgI/mL"),
}
THROMBUS_HU = Range(57.3, 30.0, 70.0, "Yonsei 2022 (57.3 ± 10.4 HU); in general 30 to 70 HU")
ARTEFACT_HU = Range.mean(57.1, 23.6, "Weill Cornell 2015, n = 40, reader 1")
MUSCLE_HU = Range(58.0, 50.0, 65.0, TEXTBOOK)
FAT_HU = Range.mean(-100.0, 15.0, TEXTBOOK)
NOISE_HU = Range(7.0, 7.0, 7.0, "derived from Cho 2013's contrast-to-noise ratios, SD in muscle")

VEIN_TO_MUSCLE = Range(2.15, 2.0, 2.3, "spoiled gradient echo at equilibrium, derived")
ACUTE_TO_MUSCLE = Range(1.0, 1.0, 1.0, "derived from Acta Radiol 2022's T1")
CHRONIC_TO_MUSCLE = Range(0.7, 0.7, 0.7, "derived from Acta Radiol 2022's T1")
VEIN_TO_CLOT = Range(2.6, 1.9, 3.4, "derived from Acta Radiol 2022's T1")
