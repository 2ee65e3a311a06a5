"""Masks as DICOM RTSTRUCT: contours, drawn onto an image's slices as their writers read them back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import MaskError
from deepvein.studies.masks.alignment import frames_of, require_same_frame
from deepvein.studies.masks.dicom_class import sop_class_of
from deepvein.studies.masks.labels import Labels, Region, combine
from deepvein.studies.masks.planes import Contour, draw
from deepvein.studies.masks.reader import MASK_READERS
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

RTSTRUCT_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"

_FLAT = 0.3
"""A contour may leave its plane by this share of the slice distance."""
_FRAMES = "ReferencedFrameOfReferenceSequence"
_EXCLUSIVE = ("CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR")
_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR", "INTERPOLATED_PLANAR", *_EXCLUSIVE)
"""Also as some programs write it; interpolated ones are closed, and a program drew them between others."""
_OPEN = ("POINT", "OPEN_PLANAR", "OPEN_NONPLANAR")


class RtstructMaskReader:
    """Regions are numbered from 1 in the order of their contours, then those without any as they are listed;
    ROI numbers may be any."""

    def accepts(self, path: Path) -> bool:
        return sop_class_of(path) == RTSTRUCT_CLASS

    def regions(self, path: Path) -> tuple[Region, ...]:
        return tuple(one.region for one in _drawings(path))

    def read(self, path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
        asked = [one for one in _drawings(path) if only is None or one.region.number in only]
        remarks = [remark for one in asked for remark in one.remarks]
        closed = [one for one in asked if one.closed]
        if not closed and any(one.drawn for one in asked):
            raise MaskError(f"{path} holds no closed contours: {'; '.join(remarks)}")
        drawn = []
        for drawing in closed:
            drawing.require_frame(onto, path)
            mask, said = draw(drawing.region.name, drawing.contours(onto), onto)
            drawn.append((drawing.region, Volume(mask, onto)))
            remarks += said
        if drawn and not any(mask.array.any() for _, mask in drawn):
            raise MaskError(f"the contours of {path} mark no voxel: {'; '.join(remarks)}")
        return combine(drawn, onto, path, remarks)


@dataclass(frozen=True)
class _Drawing:
    """Closed contours of a region as (type, (n, 3) LPS points), and what was left out of it.

    frames: those of reference in one of which it lies, as the file says. drawn: whether it has any contours.
    """

    region: Region
    frames: tuple[str, ...]
    drawn: bool
    closed: tuple[tuple[str, NDArray[np.float64]], ...]
    remarks: tuple[str, ...]

    def require_frame(self, onto: Grid, path: Path) -> None:
        """MaskError for frames of other scans, and for a text that is no UID, whatever the image's is."""
        from pydicom.uid import UID

        if any(frame in self.frames for frame in frames_of(onto)):
            return
        for frame in self.frames:
            require_same_frame(frame, onto, path.name)
            if not UID(frame).is_valid:
                raise MaskError(
                    f"{path.name} has the frame of reference {frame[:64]!r}, which is no UID; export it again"
                )

    def contours(self, onto: Grid) -> Iterator[Contour]:
        """The contours on the voxels of an image, where MaskError for what leaves its slices or edges."""
        for kind, points in self.closed:
            index = onto.to_index(points)
            if np.ptp(index[:, 0]) > 2 * _FLAT:
                raise MaskError(
                    f"region {self.region.name} was drawn in another plane than the image's slices"
                )
            depth = float(index[:, 0].mean())
            beyond = np.array(onto.shape[1:]) + 0.5
            if (
                not -1 < depth < onto.shape[0]
                or (index[:, 1:] < -1.5).any()
                or (index[:, 1:] > beyond).any()
            ):
                raise MaskError(
                    f"region {self.region.name} lies outside the image (slice {round(depth)} of "
                    f"{onto.shape[0]})"
                )
            yield Contour(depth, index[:, 1:], exclusive=kind in _EXCLUSIVE)


def _drawings(path: Path) -> list[_Drawing]:
    """All regions of a file; MaskError if none has closed contours or the file is damaged."""
    from pydicom.filereader import dcmread

    try:
        found = list(_parse(dcmread(path, force=True)))
    except MaskError:
        raise
    except Exception as error:
        raise MaskError(f"{path} is damaged: its contours cannot be read") from error
    if not any(drawing.closed for drawing in found):
        kinds = sorted({kind for drawing in found if drawing.drawn for kind in drawing.remarks})
        raise MaskError(f"{path} holds no closed contours{': ' if kinds else ''}{'; '.join(kinds)}")
    return found


def _parse(dataset: Any) -> Iterator[_Drawing]:
    listed: dict[int, Any] = {}
    for item in dataset.get("StructureSetROISequence") or []:
        first = listed.setdefault(int(item.ROINumber), item)
        if first.get("ROIName") != item.get("ROIName"):
            raise MaskError(
                f"the file lists two regions under number {item.ROINumber}, "
                f"{listed[int(item.ROINumber)].get('ROIName')} and {item.get('ROIName')}; it is damaged"
            )
    contours: dict[int, list[Any]] = {}
    for item in dataset.get("ROIContourSequence") or []:
        number = int(item.ReferencedROINumber)
        if number not in listed:
            raise MaskError(
                f"the file has contours of region {number}, which it does not list; it is damaged"
            )
        contours.setdefault(number, []).extend(item.get("ContourSequence") or [])
    shared = [item.get("FrameOfReferenceUID") for item in dataset.get(_FRAMES) or []]
    for order, number in enumerate(
        (*contours, *(one for one in listed if one not in contours)), start=1
    ):
        name = str(listed[number].get("ROIName") or f"region {number}")
        own = listed[number].get("ReferencedFrameOfReferenceUID")
        frames = [own] if own else [*shared, dataset.get("FrameOfReferenceUID")]
        drawn = contours.get(number, [])
        closed, remarks = _closed(drawn, name)
        if not drawn:
            remarks += (f"region {name} has no contours; it marks nothing",)
        elif not any(frames):
            remarks += (
                f"region {name} names no frame of reference; it is placed by position alone",
            )
        known = tuple(str(frame) for frame in dict.fromkeys(frames) if frame)
        region = Region.named(order, name, marks=bool(closed))
        yield _Drawing(region, known, bool(drawn), closed, remarks)


def _closed(
    contours: Sequence[Any], name: str
) -> tuple[tuple[tuple[str, NDArray[np.float64]], ...], tuple[str, ...]]:
    closed, remarks = [], []
    for contour in contours:
        kind = str(contour.get("ContourGeometricType") or "").strip().upper().replace(" ", "_")
        points = np.array([float(value) for value in _values(contour)])
        told = int(contour.get("NumberOfContourPoints") or 0)
        if len(points) % 3 or len(points) < 3 * told or not np.isfinite(points).all():
            raise MaskError(
                f"region {name} has a contour of {len(points)} numbers for {told} points; it is damaged"
            )
        if kind in _OPEN:
            remarks.append(f"{kind} contours of region {name} enclose nothing and were left out")
        elif kind and kind not in _CLOSED:
            raise MaskError(f"region {name} has a contour of type {kind}; CLOSED_PLANAR is needed")
        elif len(points):
            if not kind:
                remarks.append(f"contours of region {name} without a type were taken as closed")
            closed.append((kind, points.reshape(-1, 3)))
    return tuple(closed), tuple(dict.fromkeys(remarks))


def _values(contour: Any) -> Sequence[Any]:
    """The numbers of a contour; of one that is longer than 64 KB, as explicit value representations allow, its
    writer had to say that they are bytes of an unknown kind."""
    data = contour.get("ContourData") or []
    if isinstance(data, bytes):
        return data.decode("ascii").strip("\0 ").split("\\")
    return data


MASK_READERS.add("rtstruct", RtstructMaskReader())
