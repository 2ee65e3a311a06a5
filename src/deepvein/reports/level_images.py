"""Axial sections at the levels that a reader looks at first, whatever was found."""

from __future__ import annotations

import numpy as np

from deepvein.anatomy.veins import VeinSegment
from deepvein.drawing.picture import KeyImage, Picture
from deepvein.drawing.views import mask_of
from deepvein.drawing.windows import Window
from deepvein.findings.screening import Screening
from deepvein.reports.masks import vein_probability
from deepvein.reports.texts import level
from deepvein.veins.tree import VeinTree

_LEVELS = (
    ("Groin", (VeinSegment.COMMON_FEMORAL,)),
    ("Thigh", (VeinSegment.FEMORAL,)),
    ("Knee", (VeinSegment.POPLITEAL,)),
    (
        "Calf",
        (VeinSegment.POSTERIOR_TIBIAL, VeinSegment.PERONEAL, VeinSegment.ANTERIOR_TIBIAL),
    ),
)
WIDTH_PX = 860


def level_heights(
    tree: VeinTree | None, covered_mm: tuple[float, float]
) -> tuple[tuple[str, float], ...]:
    """Name and LPS z of each level whose veins were recognised, from head to feet.

    Four evenly spaced heights where no veins were recognised: they show why.
    """
    low, high = covered_mm
    if tree is None or not tree.courses:
        return tuple(("Section", float(z)) for z in np.linspace(high, low, 6)[1:-1])
    heights = []
    for name, segments in _LEVELS:
        spans = [tree.spans_mm[segment] for segment in segments if segment in tree.spans_mm]
        if spans:
            heights.append((name, (spans[0][0] + spans[0][1]) / 2))
    return tuple(heights)


def level_images(screening: Screening, window: Window) -> tuple[KeyImage, ...]:
    """A section for each level with the outlines of veins and findings."""
    grid = screening.study.volume.grid
    masks = tuple(mask_of(finding.indices, grid) for finding in screening.findings)
    picture = Picture(screening.study.volume, vein_probability(screening), masks, window)
    corners = screening.study.volume.grid.corners_mm[:, 2]
    return tuple(
        KeyImage(picture.draw_section(z, width_px=WIDTH_PX), name, f"z = {level(z)} mm")
        for name, z in level_heights(screening.tree, (float(corners.min()), float(corners.max())))
    )
