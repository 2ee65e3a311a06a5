"""The pictures of one finding: the whole section, the thrombus magnified, and the vein along its course."""

from __future__ import annotations

import numpy as np

from deepvein.drawing.picture import KeyImage, Picture
from deepvein.drawing.views import along, axial, coronal, mask_of
from deepvein.drawing.windows import Window
from deepvein.findings.finding import Finding
from deepvein.inference.prediction import Prediction
from deepvein.reports.texts import level
from deepvein.studies.study import Modality, Study
from deepvein.veins.path import PATH_STEP_MM, path_through
from deepvein.veins.tree import VeinTree
from deepvein.volumes.volume import Volume

CROP_MM = 90.0
PIXEL_MM = 0.3
ALONG_BEYOND_MM = 40.0
ALONG_LONGEST_MM = 260.0
ALONG_WIDTHS_MM = (90.0, 160.0)
ALONG_ASPECT = 0.85


def key_images(
    finding: Finding, study: Study, prediction: Prediction, tree: VeinTree, window: Window
) -> tuple[KeyImage, ...]:
    """The whole axial section with a frame, the frame magnified without and with the outline, for MR the
    coronal plane, and the vein along its course. Outside the volume is black."""
    veins = Volume(prediction.vein_probability, prediction.grid)
    mask = mask_of(finding.indices, prediction.grid)
    picture = Picture(study.volume, veins, (mask,), window)
    point = finding.key_point_mm
    crop = axial(point, CROP_MM, CROP_MM, PIXEL_MM)
    images = [
        KeyImage(
            picture.draw_section(point[2], (point, CROP_MM)),
            "Axial section",
            f"z = {level(point[2])} mm",
        ),
        KeyImage(picture.draw(crop, outline=False), "Axial, magnified", window.text),
        KeyImage(picture.draw(crop), "Axial, with outline", f"{CROP_MM:.0f} mm across"),
    ]
    if study.modality is Modality.MR:
        flat = coronal(point, CROP_MM, CROP_MM, PIXEL_MM)
        detail = f"y = {level(point[1])} mm"
        images.append(KeyImage(picture.draw(flat), "Coronal, with outline", detail))
    points = prediction.grid.to_world(finding.indices)
    path = path_through(tree, points, *_shown_along(finding))
    width = float(np.clip(len(path) * PATH_STEP_MM * ALONG_ASPECT, *ALONG_WIDTHS_MM))
    images.append(
        KeyImage(
            picture.draw(along(path, width, PATH_STEP_MM), cross_mm=point[2]),
            "Along the vein",
            "coronal, following its course",
        )
    )
    return tuple(images)


def _shown_along(finding: Finding) -> tuple[float, float]:
    """Lowest and highest z of the picture along the vein: the thrombus and a little beyond, cut around the
    key point where that is too long."""
    low, high = finding.start_mm - ALONG_BEYOND_MM, finding.end_mm + ALONG_BEYOND_MM
    if high - low <= ALONG_LONGEST_MM:
        return low, high
    key = finding.key_point_mm[2]
    low = min(max(low, key - ALONG_LONGEST_MM / 2), high - ALONG_LONGEST_MM)
    return low, low + ALONG_LONGEST_MM
