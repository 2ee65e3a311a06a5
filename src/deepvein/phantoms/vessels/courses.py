"""The courses of veins and arteries through the reference adult, as keyframes (see `frame`).

Radii in mm. Diameters: inferior vena cava 18.4, common iliac 14 to 16, external iliac 13 (intravascular
ultrasound, n = 33); common femoral 10.5 (Hertzberg, AJR 1997, 975 legs); femoral and popliteal 6.4 to 6.8
(ibid.), popliteal axes 8.7 x 5.2 (measured on a labelled knee); calf veins 2 to 4; arteries thinner than
their veins by 1.3 at the common femoral and 1.2 below (Hertzberg). Places are read by eye off axial MR.
"""

from __future__ import annotations

from deepvein.anatomy.veins import VeinSegment
from deepvein.phantoms.person.frame import Key

Keys = tuple[Key, ...]

VENA_CAVA: Keys = (
    (2.93, -11, -15, 9.0, 6.5, 0),
    (3.02, -14, -14, 10.5, 7.8, 0),
    (3.3, -17, -11, 10.8, 8.0, 0),
    (3.8, -18, -10, 10.8, 8.2, 0),
)

DEEP_AXIS: Keys = (
    (0.86, 3, 14, 2.7, 2.3, 0),
    (0.92, 3, 27, 4.1, 2.5, 0),
    (1.0, 4, 41, 4.7, 2.65, 0),
    (1.1, 2, 38, 4.5, 2.7, 0),
    (1.2, -9, 23, 3.6, 2.95, 0),
    (1.3, -19, 11, 3.3, 3.2, 0),
    (1.4, -27, -1, 3.3, 3.2, 0),
    (1.5, -32, -13, 3.4, 3.3, 0),
    (1.65, -26, -31, 3.6, 3.5, 0),
    (1.8, -20, -53, 4.0, 3.8, 0),
    (1.88, -18, -66, 4.5, 4.3, 0),
    (1.93, -18, -73, 5.3, 4.7, 0),
    (2.0, -20, -78, 5.8, 5.2, 0),
    (2.06, -24, -78, 6.2, 5.6, 0),
    (2.2, 62, -63, 6.4, 6.0, 0),
    (2.4, 47, -40, 6.5, 6.1, 0),
    (2.5, 39, -24, 6.7, 6.3, 0),
    (2.58, 33, -9, 7.1, 6.4, 0),
)
"""From the popliteal to the common iliac vein, the same on both sides; COMMON_ILIAC_* go on."""

COMMON_ILIAC_RIGHT: Keys = (*DEEP_AXIS, (2.75, 24, -11, 7.5, 6.8, 0), (2.95, 13, -15, 7.6, 6.8, 0))
COMMON_ILIAC_LEFT: Keys = (
    *DEEP_AXIS,
    (2.72, 21, -10, 7.6, 6.4, 0),
    (2.84, 6, -12, 7.9, 6.6, 0),  # before it is flattened: see vessels
    (2.95, -9, -15, 8.0, 6.6, 0),
)

AXIS_SEGMENTS: tuple[tuple[VeinSegment, float, float], ...] = (
    (VeinSegment.POPLITEAL, 0.86, 1.30),
    (VeinSegment.FEMORAL, 1.30, 1.885),
    (VeinSegment.COMMON_FEMORAL, 1.885, 2.06),
    (VeinSegment.EXTERNAL_ILIAC, 2.06, 2.58),
    (VeinSegment.COMMON_ILIAC, 2.58, 2.95),
)
"""Where the segments of the deep axis begin and end, in t."""

INTERNAL_ILIAC: Keys = (
    (2.22, 40, 36, 2.6, 2.6, 0),
    (2.35, 44, 26, 3.6, 3.4, 0),
    (2.5, 38, 6, 4.4, 4.2, 0),
    (2.6, 32, -8, 4.6, 4.4, 0),
)
DEEP_FEMORAL: Keys = (
    (1.24, 10, 8, 0.9, 0.9, 0),
    (1.34, 10, 7.5, 1.4, 1.4, 0),
    (1.45, 5.5, 6, 2.0, 2.0, 0),
    (1.6, 0, -5, 2.6, 2.5, 0),
    (1.72, -2, -20, 3.2, 3.0, 0),
    (1.82, -10, -46, 3.5, 3.3, 0),
    (1.885, -17, -67, 3.6, 3.4, 0),
)
POSTERIOR_TIBIAL: Keys = (
    (-0.02, -20, 16, 1.2, 1.1, 0),
    (0.1, -19, 13, 1.3, 1.2, 0),
    (0.25, -14, 11, 1.4, 1.3, 0),
    (0.45, -9, 7, 1.6, 1.5, 0),
    (0.7, -3, 7, 1.8, 1.6, 0),
    (0.82, 2, 11, 2.1, 1.9, 0),
    (0.87, 3, 16, 2.1, 1.9, 0),
)
PERONEAL: Keys = (
    (0.02, 10, 9, 1.1, 1.0, 0),
    (0.2, 11.5, 5, 1.4, 1.3, 0),
    (0.45, 15, 3, 1.7, 1.6, 0),
    (0.65, 13, 6, 1.9, 1.7, 0),
    (0.8, 5, 10, 2.0, 1.8, 0),
    (0.87, 3, 16, 2.0, 1.8, 0),
)
ANTERIOR_TIBIAL: Keys = (
    (-0.02, 0, -29, 1.0, 0.9, 0),
    (0.15, 4, -25, 1.1, 1.0, 0),
    (0.35, 9, -17, 1.3, 1.2, 0),
    (0.6, 13, -14, 1.4, 1.3, 0),
    (0.78, 17, -8, 1.5, 1.4, 0),
    (0.83, 18, 0, 1.5, 1.4, 0),
    (0.87, 4, 15, 1.5, 1.4, 0),
)
MEDIAL_GASTROCNEMIUS: Keys = (
    (0.6, -21, 37, 0.9, 0.8, 0),
    (0.75, -23, 37, 1.7, 1.4, 0),
    (0.9, -15, 37, 2.0, 1.7, 0),
    (0.99, 3, 41, 2.0, 1.7, 0),
)
LATERAL_GASTROCNEMIUS: Keys = (
    (0.63, 22, 38, 0.9, 0.8, 0),
    (0.78, 21, 37, 1.6, 1.3, 0),
    (0.9, 16, 37, 1.9, 1.6, 0),
    (0.98, 4, 40, 1.9, 1.6, 0),
)
MEDIAL_SOLEAL: Keys = (
    (0.38, -8, 20, 0.9, 0.8, 0),
    (0.52, -9, 20, 1.7, 1.4, 0),
    (0.64, -7, 16, 1.8, 1.5, 0),
    (0.72, -2, 8, 1.6, 1.4, 0),
)
LATERAL_SOLEAL: Keys = (
    (0.36, 10, 20, 0.9, 0.8, 0),
    (0.5, 12, 20, 1.8, 1.5, 0),
    (0.6, 13, 14, 1.8, 1.5, 0),
    (0.67, 12, 7, 1.6, 1.4, 0),
)

GREAT_SAPHENOUS: tuple[tuple[float, float, float], ...] = (
    (0.0, 218, 1.2),
    (0.1, 202, 1.25),
    (0.2, 190, 1.3),
    (0.5, 178, 1.4),
    (0.8, 165, 1.5),
    (1.0, 153, 1.6),
    (1.15, 158, 1.65),
    (1.3, 170, 1.75),
    (1.55, 195, 1.85),
    (1.75, 222, 2.1),
    (1.86, 240, 2.8),
)
"""t, direction (degrees from outwards towards backwards) and radius; then the arch to the junction.
Diameters 3.7 +/- 0.9 in the proximal thigh, 7.5 +/- 1.8 at the junction (Mendoza 2013), 3.2 at the knee."""
POSTERIOR_ARCH: tuple[tuple[float, float, float], ...] = (
    (0.1, 165, 0.8),
    (0.3, 150, 1.0),
    (0.6, 145, 1.1),
    (0.85, 155, 1.1),
    (0.95, 154, 1.1),
)
"""The posterior arch (Leonardo's) vein, as GREAT_SAPHENOUS; an unnamed vein in segment maps."""
ANTERIOR_ACCESSORY: tuple[tuple[float, float, float], ...] = (
    (1.4, 262, 0.8),
    (1.6, 262, 1.1),
    (1.8, 254, 1.4),
    (1.88, 246, 1.5),
)
"""The anterior accessory saphenous vein, there in 75 of 200 limbs (Saudi Med J 2008; 29:672)."""
GREAT_SAPHENOUS_ARCH: Keys = ((1.915, -22, -84, 3.4, 3.2, 0), (1.945, -18, -75, 3.4, 3.2, 0))

SMALL_SAPHENOUS: tuple[tuple[float, float, float], ...] = (
    (0.0, 55, 1.0),
    (0.2, 74, 1.1),
    (0.5, 88, 1.2),
    (0.85, 86, 1.3),
)
SMALL_SAPHENOUS_ARCH: Keys = ((0.98, 6, 52, 1.5, 1.4, 0), (1.05, 3, 42, 1.5, 1.4, 0))

AORTA: Keys = ((3.03, 4, -18, 8.0, 7.5, 0), (3.3, 6, -13, 8.3, 8.3, 0), (3.8, 6, -12, 8.6, 8.6, 0))
ARTERY_AXIS: Keys = (
    (0.86, 2, 9, 1.9, 1.9, 0),
    (0.92, 2.2, 21.7, 2.6, 2.5, 0),
    (1.0, 2.8, 35.6, 2.8, 2.7, 0),
    (1.1, 1, 32.6, 2.9, 2.8, 0),
    (1.2, -9.6, 17.3, 2.9, 2.8, 0),
    (1.3, -19.8, 4.9, 2.8, 2.8, 0),
    (1.4, -27.6, -7.8, 2.8, 2.8, 0),
    (1.5, -30.6, -19.6, 2.9, 2.9, 0),
    (1.65, -20, -38, 3.0, 3.0, 0),
    (1.8, -11, -58, 3.2, 3.2, 0),
    (1.88, -8, -69, 3.6, 3.6, 0),
    (1.93, -7, -75.5, 4.1, 4.1, 0),
    (2.0, -8.5, -80, 4.3, 4.3, 0),
    (2.06, -11.5, -81, 4.3, 4.3, 0),
    (2.2, 75, -74, 4.3, 4.3, 0),
    (2.4, 58, -53, 4.5, 4.5, 0),
    (2.55, 47, -33, 4.8, 4.8, 0),
)
COMMON_ILIAC_ARTERY_RIGHT: Keys = (
    *ARTERY_AXIS,
    (2.7, 34, -24, 5.0, 5.0, 0),
    (2.9, 6, -26, 5.1, 5.1, 0),
    (3.04, -3, -19, 5.4, 5.4, 0),
)
COMMON_ILIAC_ARTERY_LEFT: Keys = (
    *ARTERY_AXIS,
    (2.7, 36, -23, 5.0, 5.0, 0),
    (2.9, 19, -22, 5.1, 5.1, 0),
    (3.04, 4, -19, 5.4, 5.4, 0),
)
INTERNAL_ILIAC_ARTERY: Keys = (
    (2.25, 46, 30, 2.0, 2.0, 0),
    (2.4, 50, 14, 2.6, 2.6, 0),
    (2.57, 46, -30, 3.0, 3.0, 0),
)
DEEP_FEMORAL_ARTERY: Keys = (
    (1.4, 3, 1.5, 1.0, 1.0, 0),
    (1.6, 1.5, -12.5, 1.8, 1.8, 0),
    (1.72, -0.5, -29, 2.3, 2.3, 0),
    (1.82, -1.5, -53, 2.7, 2.7, 0),
    (1.89, -6, -70, 2.8, 2.8, 0),
)

COMPANION_ARTERY: dict[VeinSegment, float] = {
    VeinSegment.POSTERIOR_TIBIAL: 1.25,
    VeinSegment.PERONEAL: 1.15,
    VeinSegment.ANTERIOR_TIBIAL: 1.15,
}
"""Radius of the artery that runs between a pair of calf veins."""

PAIR_OFFSET: dict[VeinSegment, tuple[float, float]] = {
    VeinSegment.POSTERIOR_TIBIAL: (3.2, 0.8),
    VeinSegment.PERONEAL: (2.6, 2.2),
    VeinSegment.ANTERIOR_TIBIAL: (0.6, 2.9),
}
"""Where the pair's veins lie, plus and minus, from the artery between them (u, v)."""
