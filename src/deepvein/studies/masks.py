"""Masks that people or programs drew, brought onto the image that they belong to."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError, MaskError, StudyError
from deepvein.studies.dicom.files import is_dicom
from deepvein.studies.mask_alignment import place, require_same_frame
from deepvein.studies.nifti import is_nifti, read_nifti
from deepvein.studies.nrrd import Nrrd, is_nrrd, read_layers, read_nrrd_header
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


@dataclass(frozen=True, eq=False)
class Labels:
    """volume: uint8, 0 is background; names: label -> name where the file gives one."""

    volume: Volume
    names: Mapping[int, str] = field(default_factory=dict)


def read_mask(path: Path, onto: Grid) -> Volume:
    """The labels of a mask file on the grid `onto`, uint8; see `read_labels`."""
    return read_labels(path, onto).volume


def read_labels(path: Path, onto: Grid) -> Labels:
    """Read NIfTI, NRRD (also 3D Slicer's .seg.nrrd), DICOM SEG or RTSTRUCT onto the grid of an image.

    NIfTI and NRRD keep their values, which must be whole numbers from 0 to 255; segments of a SEG and
    regions of an RTSTRUCT become 1 to n in the file's order. A mask on another grid in the same space is
    sampled at the nearest voxel. Raises MaskError if the file is damaged, segments overlap, or the mask
    cannot belong to the image: another frame of reference, no contact, marked voxels outside.
    """
    if not path.is_file():
        raise MaskError(f"the mask {path} does not exist")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if is_nifti(path):
                volume = read_nifti(path)
                return Labels(
                    place(Volume(_whole(volume.array, path), volume.grid), onto, path.name)
                )
            if is_nrrd(path):
                return _nrrd(read_nrrd_header(path), onto)
            if is_dicom(path):
                return _dicom(path, onto)
        except (GeometryError, StudyError) as error:
            raise MaskError(f"the mask cannot be used: {error}") from error
    raise MaskError(f"{path} is neither NIfTI, NRRD nor DICOM (SEG or RTSTRUCT)")


def _nrrd(header: Nrrd, onto: Grid) -> Labels:
    array = read_layers(header)
    values = header.values
    count = len([key for key in values if key.endswith("_LabelValue")])
    found = [
        (
            int(values.get(f"Segment{n}_Layer", "0")),
            int(values[f"Segment{n}_LabelValue"]),
            values.get(f"Segment{n}_Name", f"segment {n + 1}"),
        )
        for n in range(count)
        if values.get(f"Segment{n}_LabelValue", "").isdigit()
        and values.get(f"Segment{n}_Layer", "0").isdigit()
    ]
    if header.layers == 1:
        labels = place(Volume(_whole(array, header.path), header.grid), onto, header.path.name)
        return Labels(labels, {label: name for _, label, name in found})
    # Layers exist because segments overlap, or once did; each is told apart and numbered anew.
    if not found:
        raise MaskError(f"{header.path} has {header.layers} layers and does not name its segments")
    masks = (
        (name, Volume((array[..., layer] == label).astype(np.uint8), header.grid))
        for layer, label, name in found
        if layer < header.layers
    )
    return _combine(((name, place(mask, onto, name)) for name, mask in masks), onto, header.path)


def _dicom(path: Path, onto: Grid) -> Labels:
    from pydicom.filereader import dcmread

    from deepvein.studies.dicom.rtstruct import RTSTRUCT_CLASS, rois
    from deepvein.studies.dicom.seg import SEG_CLASSES, segments

    try:
        dataset = dcmread(path, stop_before_pixels=True, force=True)
        kind = str(dataset.get("SOPClassUID", ""))
    except Exception as error:
        raise MaskError(f"{path} cannot be read as DICOM; copy it again") from error
    if kind in SEG_CLASSES:
        require_same_frame(str(dataset.get("FrameOfReferenceUID", "")), onto, path.name)
        placed = (
            (name, place(mask, onto, f"{name} of {path.name}")) for name, mask in segments(path)
        )
        return _combine(placed, onto, path)
    if kind == RTSTRUCT_CLASS:
        try:
            drawn = rois(dataset, path, onto)
        except MaskError:
            raise
        except Exception as error:
            raise MaskError(f"{path} is damaged: its contours cannot be read") from error
        return _combine(((name, Volume(mask, onto)) for name, mask in drawn), onto, path)
    named = dataset.get("Modality") or "unknown"
    raise MaskError(f"{path} is DICOM of modality {named}; a mask is a SEG or an RTSTRUCT")


def _combine(masks: Iterable[tuple[str, Volume]], onto: Grid, path: Path) -> Labels:
    """One label map of binary masks on one grid, numbered from 1; MaskError where two overlap."""
    out = np.zeros(onto.shape, dtype=np.uint8)
    names: dict[int, str] = {}
    for label, (name, mask) in enumerate(masks, start=1):
        if label > 255:
            raise MaskError(f"{path} has more than 255 segments")
        marked = mask.array > 0
        taken = out[marked]
        if taken.any():
            other = names[int(taken[taken > 0][0])]
            raise MaskError(
                f"{other} and {name} of {path} overlap in {np.count_nonzero(taken)} voxels; store them in "
                "separate files"
            )
        out[marked] = label
        names[label] = name
    return Labels(Volume(out, onto), names)


def _whole(array: NDArray[Any], path: Path) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    low, high = array.min(), array.max()
    # NaN fails the comparison too.
    if not (low >= 0 and high <= 255):
        raise MaskError(
            f"{path} has values from {low} to {high}; labels are whole numbers from 0 to 255"
        )
    labels: NDArray[np.uint8] = array.astype(np.uint8)
    if array.dtype.kind == "f" and not np.array_equal(labels, array):
        raise MaskError(
            f"{path} has fractional values; labels are whole numbers (threshold it first)"
        )
    return labels
