"""Contours of a DICOM RTSTRUCT, drawn onto an image's slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError
from deepvein.studies.mask_alignment import require_same_frame
from deepvein.volumes.grid import Grid
from deepvein.volumes.polygon import fill

_FLAT = 0.3
"""A contour may leave its slice by this share of the slice distance."""

RTSTRUCT_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"


def rois(dataset: Any, path: Path, onto: Grid) -> list[tuple[str, NDArray[np.uint8]]]:
    """(name, mask on the grid `onto`) of each region that has contours.

    Contours of one region on one slice are combined by exclusive or, so that an inner contour is a hole
    (PS3.3 C.8.8.6.3). Slices between contours are not filled. Raises MaskError for contours that are not
    closed and planar on the image's slices, lie outside the image or in another frame of reference.
    """
    names = {}
    for item in dataset.get("StructureSetROISequence") or []:
        names[int(item.ROINumber)] = str(item.get("ROIName", "")) or f"region {item.ROINumber}"
        require_same_frame(str(item.get("ReferencedFrameOfReferenceUID", "")), onto, path.name)
    out = []
    for item in dataset.get("ROIContourSequence") or []:
        contours = item.get("ContourSequence") or []
        name = names.get(int(item.ReferencedROINumber), f"region {item.ReferencedROINumber}")
        if contours:
            mask = np.zeros(onto.shape, dtype=np.uint8)
            for contour in contours:
                _draw(contour, name, onto, mask)
            out.append((name, mask))
    if not out:
        raise MaskError(f"{path} holds no contours")
    return out


def _draw(contour: Any, name: str, onto: Grid, mask: NDArray[np.uint8]) -> None:
    kind = str(contour.get("ContourGeometricType", ""))
    if kind == "POINT":
        return
    if kind not in ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR"):
        raise MaskError(
            f"region {name} has a contour of type {kind or 'none'}; CLOSED_PLANAR is needed"
        )
    points = np.array([float(value) for value in contour.get("ContourData") or []])
    if len(points) < 9 or len(points) % 3 or not np.isfinite(points).all():
        raise MaskError(
            f"region {name} has a contour of {len(points)} numbers; three or more points are needed"
        )
    index = onto.to_index(points.reshape(-1, 3))
    depth = index[:, 0]
    if np.ptp(depth) > 2 * _FLAT:
        raise MaskError(f"region {name} was drawn in another plane than the image's slices")
    place = round(float(depth.mean()))
    rows, columns = onto.shape[1:]
    beyond = index[:, 1:].max(axis=0) > np.array([rows, columns]) + 0.5
    if not 0 <= place < onto.shape[0] or (index[:, 1:] < -1.5).any() or beyond.any():
        raise MaskError(f"region {name} lies outside the image (slice {place} of {onto.shape[0]})")
    mask[place] ^= fill(index[:, 1:], (rows, columns)).astype(np.uint8)
