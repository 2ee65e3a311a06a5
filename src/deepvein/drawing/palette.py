"""The colours of the figures: red is kept for findings."""

from __future__ import annotations

from deepvein.anatomy.veins import VeinSegment

FINDING = "#d62828"
CONTOUR = "#ffd23f"
"""On grey images: a thrombus's outline. Yellow stands out from grey for the colour-blind too."""
VEIN_CONTOUR = "#58c4dd"
INK = "#1d2b36"
QUIET = "#66757f"
LINE = "#cdd6dc"

SEGMENTS: dict[VeinSegment, str] = {
    VeinSegment.INFERIOR_VENA_CAVA: "#1f3b73",
    VeinSegment.COMMON_ILIAC: "#2f6db5",
    VeinSegment.EXTERNAL_ILIAC: "#4aa3df",
    VeinSegment.INTERNAL_ILIAC: "#8ab6e8",
    VeinSegment.COMMON_FEMORAL: "#0f7f86",
    VeinSegment.DEEP_FEMORAL: "#63bfb0",
    VeinSegment.FEMORAL: "#2a9d5f",
    VeinSegment.POPLITEAL: "#6a4fb3",
    VeinSegment.ANTERIOR_TIBIAL: "#c19ae0",
    VeinSegment.POSTERIOR_TIBIAL: "#4b3f91",
    VeinSegment.PERONEAL: "#9563b5",
    VeinSegment.GASTROCNEMIUS: "#b59f34",
    VeinSegment.SOLEAL: "#84751f",
    VeinSegment.GREAT_SAPHENOUS: "#8c8c8c",
    VeinSegment.SMALL_SAPHENOUS: "#b0b0b0",
}
