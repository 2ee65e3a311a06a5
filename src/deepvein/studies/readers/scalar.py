"""What NIfTI and NRRD share: one nameless volume whose modality the user has to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import StudyError
from deepvein.studies.account import Fate, FileRecord
from deepvein.studies.dicom.blank import lost_parts
from deepvein.studies.location import StudyLocation
from deepvein.studies.readers.reader import Survey
from deepvein.studies.study import Format, Identity, Modality, Origin, Remark, SeriesSummary, Study
from deepvein.volumes.grid import Grid, Plane
from deepvein.volumes.volume import Volume

_CT_RANGE = (-1024, 32767)


def require_modality(path: Path, modality: Modality | None) -> Modality:
    """The modality; StudyError for None."""
    if modality is None:
        raise StudyError(
            f"{path} does not tell its modality; say whether it is CT or MR (--modality ct)"
        )
    return modality


def scalar_study(
    location: StudyLocation, volume: Volume, modality: Modality, kind: Format, behind: str = ""
) -> Study:
    """A Study of one volume without identity; CT becomes int16 HU, MR int16 or float32.

    behind: a sentence on bytes behind the voxels, see `surplus`."""
    path = location.path
    require_no_label(path, location)
    volume.require_finite()
    convert = _hounsfield if modality is Modality.CT else _signal
    volume = Volume(convert(volume.array), volume.grid)
    summary = scalar_summary(path, volume.grid, modality)
    origin = Origin(
        path, kind, (path,), ((path,),), (summary,), (FileRecord(path.name, Fate.USED),)
    )
    remarks = [Remark("surplus-bytes", behind)] if behind else []
    remarks += _losses(volume, modality)
    return Study(location.name, modality, volume, Identity(), origin, remarks=tuple(remarks))


def _losses(volume: Volume, modality: Modality) -> list[Remark]:
    """On the first slice that lacks its image or a part of it; sagittal ones may show air alone."""
    if volume.grid.plane is Plane.SAGITTAL:
        return []
    axial = volume.grid.plane is Plane.AXIAL
    lost = {one.index: one.what for one in lost_parts(volume.array, modality, axial=axial)}
    if not lost:
        return []
    first = min(lost)
    more = f", and so it is in {len(lost) - 1} more" if len(lost) > 1 else ""
    text = (
        f"slice {first + 1} of {len(volume.array)} {lost[first]}{more}: images may have been missing when the "
        "file was made"
    )
    return [Remark("blank-slices", text)]


def scalar_survey(path: Path, grid: Grid, modality: Modality | None) -> Survey:
    """One file is one series."""
    return Survey((scalar_summary(path, grid, modality),), (FileRecord(path.name, Fate.USED),))


def scalar_summary(path: Path, grid: Grid, modality: Modality | None) -> SeriesSummary:
    """The one volume of a file as a series."""
    heights = grid.body_positions_mm()
    return SeriesSummary(
        uid="",
        number="",
        description=path.name,
        modality=modality.value if modality else "",
        body_part="",
        slices=grid.shape[0],
        rows=grid.shape[1],
        columns=grid.shape[2],
        spacing_mm=grid.spacing_mm,
        position_mm=(float(heights.min()), float(heights.max())),
        chosen=True,
        reason="the only image of the file",
        rank=1,
    )


def require_no_label(path: Path, location: StudyLocation) -> None:
    """StudyError if the location names one of several studies, of which such a file has none."""
    if location.study_uid:
        raise StudyError(f"{path} holds one nameless study, not {location.study_uid}")


def _hounsfield(array: NDArray[Any]) -> NDArray[np.int16]:
    if array.dtype == np.int16 and array.dtype.isnative and array.min() >= _CT_RANGE[0]:
        return array
    out = np.empty(array.shape, dtype=np.int16)
    for source, target in zip(array, out, strict=True):
        whole = np.rint(source) if source.dtype.kind == "f" else source
        np.clip(whole, *_CT_RANGE, out=target, casting="unsafe", dtype=np.float64)
    return out


def _signal(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == np.int16 and array.dtype.isnative:
        return array
    kind = array.dtype.kind
    if kind in "iu":
        limits = np.iinfo(np.int16)
        if array.min() >= limits.min and array.max() <= limits.max:
            return array.astype(np.int16)
    return array.astype(np.float32)
