"""Veins and thrombi as people name them in their segmentations, and as coded terms name them."""

from __future__ import annotations

import re

from deepvein.anatomy.veins import TERMS, Side, VeinSegment

_SIDES = {
    Side.LEFT: {"left", "l", "lt", "li", "links", "sin", "sinistra", "sinister"},
    Side.RIGHT: {"right", "r", "rt", "re", "rechts", "dex", "dextra", "dexter"},
}
# The first that fits: what is more special stands before what is more general.
_VEINS: tuple[tuple[str, VeinSegment], ...] = (
    (r"\bivc\b|\bvci\b|inferior vena cava|vena cava inferior", VeinSegment.INFERIOR_VENA_CAVA),
    (r"\bciv\b|common iliac|iliaca? comm?unis", VeinSegment.COMMON_ILIAC),
    (r"\beiv\b|external iliac|iliaca? externa", VeinSegment.EXTERNAL_ILIAC),
    (r"\biiv\b|internal iliac|iliaca? interna|hypogastric", VeinSegment.INTERNAL_ILIAC),
    (r"\bcfv\b|common femoral|femoralis communis", VeinSegment.COMMON_FEMORAL),
    (r"\b[dp]fv\b|deep femoral|femoral deep|profunda", VeinSegment.DEEP_FEMORAL),
    (r"\bs?fv\b|femoral", VeinSegment.FEMORAL),
    (r"\bpopv?\b|poplite", VeinSegment.POPLITEAL),
    (r"\batv\b|anterior tibial|tibial anterior|tibialis anterior", VeinSegment.ANTERIOR_TIBIAL),
    (r"\bptv\b|posterior tibial|tibial posterior|tibialis posterior", VeinSegment.POSTERIOR_TIBIAL),
    (r"\bperv?\b|peroneal|peronea|fibular", VeinSegment.PERONEAL),
    (r"\bgasv\b|gastrocnemi", VeinSegment.GASTROCNEMIUS),
    (r"\bsolv\b|soleal", VeinSegment.SOLEAL),
    (r"\bgsv\b|(great|greater|long) saphen|saphen\w+ magna", VeinSegment.GREAT_SAPHENOUS),
    (r"\bssv\b|(small|lesser|short) saphen|saphen\w+ parva", VeinSegment.SMALL_SAPHENOUS),
)
_VEIN = re.compile(r"\bvei?ns?\b|\bvena|\biliac|saphen|tibial|\bv\b")
_NO_VEIN = re.compile(r"arter|\ba\b|muscle|\bbone|nerve|femur|lymph|vein wall")
_THROMBUS = re.compile(r"thromb|\bclots?\b|\bdvt\b|filling defect")
_NONE_OF_IT = re.compile(
    r"\b(no|not|non|without|free of|w o|kein\w*|ohne|sans|pas de|sin|senza|negative for)\b( \w+){0,2} "
    r"(\w*thromb|clots?\b|dvt\b|filling defect)|\b(thromb\w*|clots?|dvt) (free|negative|frei)\b|thrombusfrei"
)
_BY_CODE = {term.code: segment for segment, term in TERMS.items()}
_SIDE_BY_CODE = {side.code: side for side in Side if side.code}


def vein_named(name: str) -> tuple[VeinSegment, Side] | None:
    """The vein that a free text such as `Left popliteal vein` or `FV_r` names; None if it names none.

    The vena cava lies in the midline; a vein without a side is on side UNKNOWN. The old name superficial
    femoral vein is the femoral vein.
    """
    text = _plain(name)
    if _NO_VEIN.search(text):
        return None
    for pattern, segment in _VEINS:
        if re.search(pattern, text):
            midline = segment is VeinSegment.INFERIOR_VENA_CAVA
            return segment, Side.MIDLINE if midline else side_named(name)
    return None


def names_vein(name: str) -> bool:
    """Whether a free text speaks of a vein, be it one that `vein_named` knows or not."""
    text = _plain(name)
    return _VEIN.search(text) is not None and _NO_VEIN.search(text) is None


def side_named(name: str) -> Side:
    """The side that a free text names, UNKNOWN for none or both."""
    words = set(_plain(name).split())
    found = [side for side, known in _SIDES.items() if words & known]
    return found[0] if len(found) == 1 else Side.UNKNOWN


def names_thrombus(name: str) -> bool:
    """Whether a free text names a thrombus: thrombus, thrombosis, clot, DVT, filling defect.

    `vein without clot`, `kein Thrombus` and `DVT-free` name none.
    """
    text = _plain(name)
    return _THROMBUS.search(text) is not None and _NONE_OF_IT.search(text) is None


def vein_coded(code: str, laterality: str = "") -> tuple[VeinSegment, Side] | None:
    """The vein of a SNOMED CT code, with the side of a laterality's code; None for any other code."""
    segment = _BY_CODE.get(code)
    if segment is None:
        return None
    if segment is VeinSegment.INFERIOR_VENA_CAVA:
        return segment, Side.MIDLINE
    return segment, _SIDE_BY_CODE.get(laterality, Side.UNKNOWN)


def _plain(name: str) -> str:
    """Words in lower case with single spaces: `LeftFemoral_Vein` is `left femoral vein`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[^a-z0-9]+", " ", parted.lower()).strip()
