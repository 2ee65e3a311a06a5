"""How tissues look: CT attenuation and MR relaxation, with sources.

Attenuation is in Hounsfield units at 120 kVp. T1, T2* and T2 are milliseconds at 1.5 T, proton density is
relative to water. "M" marks textbook values that were not looked up one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Tissue(IntEnum):
    """Everything that a section through the legs can show; blood is unenhanced blood."""

    AIR = 0
    SKIN = 1
    FAT = 2
    MUSCLE = 3
    CORTICAL_BONE = 4
    SPONGY_MARROW = 5
    FATTY_MARROW = 6
    BLOOD = 7
    VESSEL_WALL = 8
    ORGAN = 9
    FLUID = 10
    LYMPH_NODE = 11
    CALCIFICATION = 12
    CUSHION = 13
    GAS = 14
    TENDON = 15
    METAL = 16
    PLASTIC = 17
    HAEMATOMA = 18
    OEDEMA = 19
    SYNOVIAL_FLUID = 20
    CLOTH = 21


@dataclass(frozen=True)
class TissueProperties:
    """Attenuation at 120 kVp and its growth per unit of (120 - kVp)/20; relaxation at 1.5 T.

    fat: part of the MR signal that fat suppression removes, 0 to 1.
    """

    hu: float
    hu_per_20_kvp: float
    t1_ms: float
    t2_star_ms: float
    proton_density: float
    fat: float = 0.0
    t2_ms: float = 50.0


# T2 at 3 T: muscle 29 +/- 4 ms, marrow 49 +/- 4 ms, subcutaneous fat 68 +/- 4 ms (de Bazelaire, Radiology
# 2004; 230:652), here a little longer for 1.5 T. Other T2: M.
TISSUES: dict[Tissue, TissueProperties] = {
    Tissue.AIR: TissueProperties(-1000, 0, 1, 1, 0, t2_ms=1),
    Tissue.SKIN: TissueProperties(30, 1, 700, 15, 0.6, t2_ms=30),  # M
    # Subcutaneous fat -100 +/- 15 HU, muscle 50 to 65 HU after contrast, cortex 900 to 1,700 HU.
    Tissue.FAT: TissueProperties(-100, -7, 290, 40, 0.9, 1.0, t2_ms=75),
    # T1 of muscle after gadolinium 850 ms.
    Tissue.MUSCLE: TissueProperties(58, 1, 850, 30, 0.92, t2_ms=33),
    Tissue.CORTICAL_BONE: TissueProperties(1250, 190, 500, 0.5, 0.15, t2_ms=1),
    Tissue.SPONGY_MARROW: TissueProperties(170, 45, 350, 15, 0.8, 0.85, t2_ms=50),
    Tissue.FATTY_MARROW: TissueProperties(-45, -5, 300, 30, 0.85, 0.95, t2_ms=65),
    Tissue.BLOOD: TissueProperties(42, 0, 1500, 150, 0.95, t2_ms=120),
    Tissue.VESSEL_WALL: TissueProperties(55, 3, 800, 30, 0.8, t2_ms=40),
    Tissue.ORGAN: TissueProperties(48, 2, 700, 40, 0.9, t2_ms=55),
    Tissue.FLUID: TissueProperties(8, 0, 3000, 300, 1.0, t2_ms=1000),
    Tissue.LYMPH_NODE: TissueProperties(75, 6, 550, 45, 0.9, t2_ms=80),
    Tissue.CALCIFICATION: TissueProperties(700, 120, 500, 1, 0.1, t2_ms=1),
    Tissue.CUSHION: TissueProperties(-880, 0, 1, 1, 0, t2_ms=1),
    # Tendons, menisci and joint capsules: short T2*.
    Tissue.TENDON: TissueProperties(85, 2, 500, 1.2, 0.5, t2_ms=5),
    Tissue.GAS: TissueProperties(-850, 0, 1, 1, 0, t2_ms=1),
    # Steel and cobalt-chrome read as the top of the 12-bit scale; no signal in MR.
    Tissue.METAL: TissueProperties(3071, 0, 1, 0.05, 0, t2_ms=1),  # M
    Tissue.PLASTIC: TissueProperties(250, 20, 1, 0.05, 0, t2_ms=1),  # M: a radio-opaque catheter
    Tissue.HAEMATOMA: TissueProperties(55, 0, 700, 30, 0.85, t2_ms=60),  # M
    Tissue.OEDEMA: TissueProperties(12, 0, 1400, 80, 0.95, t2_ms=130),  # M: water between the cells
    Tissue.SYNOVIAL_FLUID: TissueProperties(14, 0, 2400, 250, 1.0, t2_ms=600),  # M
    Tissue.CLOTH: TissueProperties(-930, 0, 1, 1, 0, t2_ms=1),  # M
}

VEIN_HU: dict[int, float] = {120: 118.0, 100: 144.3, 80: 184.0}
"""Mean opacified vein by tube voltage: 120 and 100 kVp, 370 mgI/mL: Cho, Korean J Radiol 2013; 14:183.
80 kVp is extrapolated by the energy dependence of iodine (M)."""

CLOT_HU: dict[str, tuple[float, float]] = {"acute": (58.0, 9.0), "chronic": (40.0, 7.0)}
"""Mean and SD by age. Thrombus on CT venography 57.3 +/- 10.4 HU without and 67.4 +/- 8.6 HU with
pulmonary embolism (Yonsei 2022); 30 to 70 HU in general, chronic lower."""

CLOT_T1_MS: dict[str, tuple[float, float]] = {"acute": (819.0, 224.0), "chronic": (1265.0, 271.0)}
"""Mean and SD: Acta Radiol 2022, 57 patients."""

BLOOD_T1_GADOLINIUM_MS = 340.0
"""Blood at equilibrium after 0.1 mmol/kg (M)."""

CLOT_T2_MS: dict[str, tuple[float, float]] = {"acute": (95.0, 18.0), "chronic": (45.0, 9.0)}
"""Mean and SD (M): fresh thrombus holds more water than an organised one."""

GADOLINIUM_RELAXIVITY = 4.5
"""Longitudinal relaxivity of gadopentetate in blood at 1.5 T, per second and mmol/L (M)."""

GADOLINIUM_T2_STAR_RELAXIVITY = 6.0
"""Of T2* in blood at 1.5 T, per second and mmol/L (M)."""

_T1_AT_3_T = 1.21
"""T1 at 3 T over T1 at 1.5 T, the mean of abdominal and pelvic tissues (de Bazelaire 2004)."""
_T2_AT_3_T, _T2_STAR_AT_3_T = 0.93, 0.65
"""The same for T2 and T2* (M)."""


@dataclass(frozen=True)
class Relaxation:
    """Relaxation times in milliseconds."""

    t1_ms: float
    t2_ms: float
    t2_star_ms: float


def relaxation(tissue: Tissue, field_t: float = 1.5) -> Relaxation:
    """Relaxation times of `tissue` at a field strength in tesla, linear between and beyond 1.5 and 3 T."""
    p = TISSUES[tissue]
    more = (field_t - 1.5) / 1.5
    return Relaxation(
        t1_ms=p.t1_ms * (1 + more * (_T1_AT_3_T - 1)),
        t2_ms=p.t2_ms * (1 + more * (_T2_AT_3_T - 1)),
        t2_star_ms=p.t2_star_ms * (1 + more * (_T2_STAR_AT_3_T - 1)),
    )


def attenuation(tissue: Tissue, kvp: int) -> float:
    """Hounsfield units of `tissue` at a tube voltage of `kvp` (80 to 140 kV)."""
    properties = TISSUES[tissue]
    return properties.hu + properties.hu_per_20_kvp * (120 - kvp) / 20
