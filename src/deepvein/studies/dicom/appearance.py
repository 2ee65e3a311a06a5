"""What a few slices of a CT series show, where headers leave several series to choose from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.core.errors import InputError
from deepvein.studies.bodypart import BodyPart, body_part
from deepvein.studies.dicom.pixels import read_pixels
from deepvein.studies.dicom.series import Series
from deepvein.studies.opacification import opacified_share
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid, Plane
from deepvein.volumes.volume import Volume

_SLICES = 7
"""Looked at, evenly spread."""
_AIR_HU = -300.0
"""Some voxel around or in a body is darker than that."""


@dataclass(frozen=True)
class Appearance:
    """has_air: some voxel is as dark as air, as in Hounsfield units; opacified: some section shows a
    spot like a vessel with contrast; part: the part of the body that the sections look like."""

    has_air: bool
    opacified: bool
    part: BodyPart


def look(series: Series) -> Appearance | None:
    """What some slices of an axial CT series show; None for others, and where they cannot be read."""
    if series.problem or series.stack.grid.plane is not Plane.AXIAL:
        return None
    frames = series.stack.frames
    places = np.unique(np.linspace(0, len(frames) - 1, _SLICES + 2).round().astype(int)[1:-1])
    some = [frames[place] for place in places]
    try:
        array = read_pixels(some, Modality.CT)
    except InputError:
        return None
    whole = series.stack.grid
    grid = Grid((len(some), *whole.shape[1:]), whole.affine)
    shown = Volume(array, grid)
    has_air = bool(array.min() < _AIR_HU)
    return Appearance(
        has_air, has_air and opacified_share(shown) > 0, body_part(shown, Modality.CT)
    )
