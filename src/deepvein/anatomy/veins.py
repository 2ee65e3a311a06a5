"""The veins of the legs: names, levels and coded terms.

Coded terms are SNOMED CT identifiers listed in DICOM PS3.16 (CID 4, CID 12110, CID 244).
"Proximal" follows clinical use: the popliteal vein and everything above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError


class Side(Enum):
    """The patient's side; UNKNOWN where the study does not tell."""

    RIGHT = "right"
    LEFT = "left"
    MIDLINE = "midline"
    UNKNOWN = "unknown"

    @property
    def code(self) -> str | None:
        """SNOMED CT identifier of the laterality, or None."""
        return {"right": "24028007", "left": "7771000"}.get(self.value)


class Level(Enum):
    """Where a vein lies: above the knee (popliteal vein included), below it, or under the skin."""

    PROXIMAL = "proximal"
    DISTAL = "distal"
    SUPERFICIAL = "superficial"


class VeinSegment(IntEnum):
    """Vein segments; the value is the label in segment maps (0 is no vein), cranial to caudal."""

    INFERIOR_VENA_CAVA = 1
    COMMON_ILIAC = 2
    EXTERNAL_ILIAC = 3
    INTERNAL_ILIAC = 4
    COMMON_FEMORAL = 5
    DEEP_FEMORAL = 6
    FEMORAL = 7
    POPLITEAL = 8
    ANTERIOR_TIBIAL = 9
    POSTERIOR_TIBIAL = 10
    PERONEAL = 11
    GASTROCNEMIUS = 12
    SOLEAL = 13
    GREAT_SAPHENOUS = 14
    SMALL_SAPHENOUS = 15

    @property
    def term(self) -> VeinTerm:
        return TERMS[self]

    @property
    def level(self) -> Level:
        return TERMS[self].level

    @property
    def is_deep(self) -> bool:
        return TERMS[self].level is not Level.SUPERFICIAL

    @property
    def drains_into(self) -> tuple[VeinSegment, ...]:
        """The veins that take up its blood directly; empty for the vena cava and superficial veins."""
        return _DRAINS_INTO.get(self, ())


@dataclass(frozen=True)
class VeinTerm:
    """How a segment is called: text for people, abbreviation for figures, SNOMED CT code for machines."""

    name: str
    abbreviation: str
    level: Level
    code: str
    code_meaning: str


TERMS: dict[VeinSegment, VeinTerm] = {
    VeinSegment.INFERIOR_VENA_CAVA: VeinTerm(
        "inferior vena cava", "IVC", Level.PROXIMAL, "64131007", "Inferior vena cava"
    ),
    VeinSegment.COMMON_ILIAC: VeinTerm(
        "common iliac vein", "CIV", Level.PROXIMAL, "46027005", "Common iliac vein"
    ),
    VeinSegment.EXTERNAL_ILIAC: VeinTerm(
        "external iliac vein", "EIV", Level.PROXIMAL, "63507001", "External iliac vein"
    ),
    VeinSegment.INTERNAL_ILIAC: VeinTerm(
        "internal iliac vein", "IIV", Level.PROXIMAL, "40300007", "Internal iliac vein"
    ),
    VeinSegment.COMMON_FEMORAL: VeinTerm(
        "common femoral vein", "CFV", Level.PROXIMAL, "397363009", "Common femoral vein"
    ),
    VeinSegment.DEEP_FEMORAL: VeinTerm(
        "deep femoral vein", "DFV", Level.PROXIMAL, "23438002", "Profunda Femoris Vein"
    ),
    VeinSegment.FEMORAL: VeinTerm("femoral vein", "FV", Level.PROXIMAL, "83419000", "Femoral vein"),
    VeinSegment.POPLITEAL: VeinTerm(
        "popliteal vein", "POPV", Level.PROXIMAL, "56849005", "Popliteal vein"
    ),
    VeinSegment.ANTERIOR_TIBIAL: VeinTerm(
        "anterior tibial vein", "ATV", Level.DISTAL, "26703007", "Anterior Tibial Vein"
    ),
    VeinSegment.POSTERIOR_TIBIAL: VeinTerm(
        "posterior tibial vein", "PTV", Level.DISTAL, "4258007", "Posterior Tibial Vein"
    ),
    VeinSegment.PERONEAL: VeinTerm(
        "peroneal vein", "PERV", Level.DISTAL, "71758008", "Peroneal Vein"
    ),
    VeinSegment.GASTROCNEMIUS: VeinTerm(
        "gastrocnemius vein", "GASV", Level.DISTAL, "264481007", "Gastrocnemius vein"
    ),
    VeinSegment.SOLEAL: VeinTerm("soleal vein", "SOLV", Level.DISTAL, "397427005", "Soleal vein"),
    VeinSegment.GREAT_SAPHENOUS: VeinTerm(
        "great saphenous vein", "GSV", Level.SUPERFICIAL, "60734001", "Great Saphenous Vein"
    ),
    VeinSegment.SMALL_SAPHENOUS: VeinTerm(
        "small saphenous vein", "SSV", Level.SUPERFICIAL, "26805005", "Lesser Saphenous Vein"
    ),
}

_V = VeinSegment
_DRAINS_INTO: dict[VeinSegment, tuple[VeinSegment, ...]] = {
    _V.COMMON_ILIAC: (_V.INFERIOR_VENA_CAVA,),
    _V.EXTERNAL_ILIAC: (_V.COMMON_ILIAC,),
    _V.INTERNAL_ILIAC: (_V.COMMON_ILIAC,),
    _V.COMMON_FEMORAL: (_V.EXTERNAL_ILIAC,),
    _V.DEEP_FEMORAL: (_V.COMMON_FEMORAL,),
    _V.FEMORAL: (_V.COMMON_FEMORAL,),
    _V.POPLITEAL: (_V.FEMORAL,),
    _V.ANTERIOR_TIBIAL: (_V.POPLITEAL,),
    _V.POSTERIOR_TIBIAL: (_V.POPLITEAL, _V.PERONEAL),
    _V.PERONEAL: (_V.POPLITEAL,),
    _V.GASTROCNEMIUS: (_V.POPLITEAL,),
    _V.SOLEAL: (_V.POSTERIOR_TIBIAL, _V.PERONEAL, _V.POPLITEAL),
}
"""Confluences of the deep veins; the tibioperoneal trunk joins the posterior tibial and peroneal veins."""


def in_words(side: Side, segments: Iterable[VeinSegment]) -> str:
    """Side and segments in the order given, such as `left popliteal and femoral veins`.

    The vena cava has no side, so it stands apart: `right common iliac vein and inferior vena cava`.
    """
    prefix = f"{side.value} " if side in (Side.LEFT, Side.RIGHT) else ""
    names = [segment.term.name for segment in segments]
    if not names:
        return f"{prefix}unnamed vein"
    veins = [name.removesuffix(" vein") for name in names if name.endswith(" vein")]
    parts = [name for name in names if not name.endswith(" vein")]
    if veins:
        listed = " and ".join(filter(None, (", ".join(veins[:-1]), veins[-1])))
        own = f"{prefix}{listed} vein{'s' if len(veins) > 1 else ''}"
        parts.insert(len(parts) if names[0] in parts else 0, own)
    return " and ".join(parts)


_LEFT = 32
"""Added to the segment's label on the left in maps that carry both."""


def encode(segment: VeinSegment, side: Side) -> int:
    """Label of a segment on a side in a segment map (uint8): left is the segment's value plus 32."""
    return int(segment) + (_LEFT if side is Side.LEFT else 0)


def decode(label: int) -> tuple[VeinSegment, Side] | None:
    """Inverse of `encode`; None for 0. The vena cava lies in the midline.

    Raises MaskError for a label that `encode` does not give.
    """
    if label == 0:
        return None
    if not 0 < label < 2 * _LEFT or not 0 < label % _LEFT <= max(VeinSegment):
        raise MaskError(
            f"label {label} is no vein segment: 1 to {max(VeinSegment)} on the right and in the midline, "
            f"{_LEFT + 1} to {_LEFT + max(VeinSegment)} on the left"
        )
    segment = VeinSegment(label % _LEFT)
    if segment is VeinSegment.INFERIOR_VENA_CAVA:
        return segment, Side.MIDLINE
    return segment, Side.LEFT if label >= _LEFT else Side.RIGHT


def segment_labels(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Segment values (0 to 15) of a map of encoded labels, the side removed."""
    return labels % np.uint8(_LEFT)


def deep_mask(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """True where an encoded segment map shows a deep vein."""
    segments = segment_labels(labels)
    return (segments > 0) & (segments < VeinSegment.GREAT_SAPHENOUS)
