"""Words of Image Type (PS3.3 C.7.6.1.1.2, C.8.16.1) that tell what was computed from a scan."""

from __future__ import annotations

import re
from collections.abc import Iterable

NOT_MAGNITUDE = {"P", "PHASE", "R", "REAL", "I", "IMAGINARY", "VELOCITY"}
PROJECTIONS = {
    "MIP",
    "MINIP",
    "PROJECTION",
    "MAX",
    "MIN",
    "VOLREN",
    "VRT",
    "RENDERING",
    "RENDER",
    "RAYSUM",
    "CURVED",
    "CPR",
    "DISTORTED",
}
"""Also what is no plane of the body: curved reformats, whose Volumetric Properties are distorted."""

SCREENS = {"SCREENSAVE", "SCREENSHOT", "SCREENCAPTURE", "SCREEN"}
AVERAGES = {"AVERAGE", "AVG", "THICK", "MEAN"}
SUBTRACTIONS = {"SUB", "SUBTRACTION", "SUBTRACTED", "SUBTRACT"}
WITHOUT_IODINE = {"VNC", "VNCA", "VNI", "VNIA", "VUE"}
MATERIALS = {"IODINE", "MATERIAL"}
EFFECTIVE = {"ZEFF", "RHOZ", "RHOE"}
MATERIAL_KINDS = {"MAT_SPECIFIC", "MAT_FRACTIONAL", "MAT_VALUE_BASED"}
MULTI_ENERGY = {"EFF_ATOMIC_NUM", "ELECTRON_DENSITY"}
MAPS = {
    "FIELD",
    "B0",
    "ADC",
    "FA",
    "TTP",
    "MTT",
    "RCBF",
    "RCBV",
    "CBF",
    "CBV",
    "PBP",
    "TMAX",
    "T1MAP",
    "T2MAP",
    "STDDEVIATION",
    "MULTIPLICATION",
    "DIVISION",
    "QUANTITY",
}
MAPS_IF_DERIVED = {"PERFUSION", "DIFFUSION", "MAP", "TRACEW"}

COMPUTED = PROJECTIONS | AVERAGES | SUBTRACTIONS | WITHOUT_IODINE | MATERIALS | EFFECTIVE | MAPS
"""Words that no slice of a scan has where the others have none."""


def words_of(values: Iterable[str]) -> set[str]:
    """The words of values: MATERIAL_IODINE gives MATERIAL and IODINE, Z_EFF gives Z, EFF and ZEFF."""
    every = list(values)
    parts = {word for value in every for word in re.split(r"[^A-Z0-9]+", value) if word}
    return parts | {re.sub(r"[^A-Z0-9]", "", value) for value in every}
