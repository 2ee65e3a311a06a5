"""What a study's images are like, in a few numbers: another scanner or protocol shows in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.findings.screening import Screening
from deepvein.studies.study import Modality

SLICES = 9
"""So many slices, evenly over the study, tell its noise."""

_LAPLACE_SD = 6.0
"""Standard deviation of the mask below on noise of 1: the root of the sum of its squares."""

_NORMAL_MAD = 0.6745
"""Median absolute value of a normal distribution of standard deviation 1."""


@dataclass(frozen=True)
class ImageStatistics:
    """pixel_mm, slice_mm: distance of the voxels within and between slices. noise: standard deviation within
    soft tissue, in Hounsfield units for CT, as a share of the tissue's signal for MR; None where there is no
    tissue. opacification: of the open deep veins above the tissue beside them, likewise; None without veins.
    """

    pixel_mm: float
    slice_mm: float
    noise: float | None
    opacification: float | None


def image_statistics(screening: Screening) -> ImageStatistics:
    """Of the study of a screening."""
    volume, modality = screening.study.volume, screening.study.modality
    slice_mm, row_mm, column_mm = volume.grid.spacing_mm
    places = np.unique(np.linspace(0, len(volume.array) - 1, SLICES).astype(int))
    planes = volume.array[places].astype(np.float32)
    soft = _soft_tissue(planes, modality)
    unit = 1.0 if modality is Modality.CT or not soft.any() else float(np.median(planes[soft]))
    noise = _noise(planes, soft)
    shown = screening.tree.opacification if screening.tree is not None else ()
    above = [one.vein - one.tissue for one in shown]
    return ImageStatistics(
        pixel_mm=float(np.sqrt(row_mm * column_mm)),
        slice_mm=float(slice_mm),
        noise=None if noise is None else noise / unit,
        opacification=float(np.median(above)) / unit if above else None,
    )


def _soft_tissue(planes: NDArray[np.float32], modality: Modality) -> NDArray[np.bool_]:
    if modality is Modality.CT:
        return (planes > -20) & (planes < 200)
    return planes > max(0.2 * float(np.percentile(planes, 99.5)), 1e-6)


def _noise(planes: NDArray[np.float32], soft: NDArray[np.bool_]) -> float | None:
    """Standard deviation of the noise (Immerkaer 1996, Comput Vis Image Underst 64:300), by the median of
    the differences instead of their mean, so that edges do not count; None for less than 100 places."""
    from scipy.ndimage import binary_erosion, convolve

    mask = np.array([[[1, -2, 1], [-2, 4, -2], [1, -2, 1]]], np.float32)
    inner = binary_erosion(soft, np.ones((1, 3, 3), bool))
    if inner.sum() < 100:
        return None
    differences = np.abs(convolve(planes, mask, mode="nearest")[inner])
    return float(np.median(differences) / _NORMAL_MAD / _LAPLACE_SD)
