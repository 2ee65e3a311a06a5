"""Series of a folder: files grouped by UID, then split where one series holds several images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.core.errors import InputError
from deepvein.studies.dicom.completeness import doubled_numbers, missing_parts, without_patient
from deepvein.studies.dicom.dates import KEYWORDS as DATES
from deepvein.studies.dicom.enhanced import text_in_groups
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.layout import LOSSY
from deepvein.studies.dicom.parting import differing, parts
from deepvein.studies.dicom.rejoining import rejoined
from deepvein.studies.dicom.scale import require_one_scale
from deepvein.studies.dicom.slice_geometry import Stack, stack
from deepvein.studies.dicom.sop_classes import MULTI_FRAME_CLASSES
from deepvein.studies.dicom.values import drop_unreadable, text
from deepvein.studies.source import SourceFrame, SourceSeries

_PARALLEL = 0.985
"""Cosine (10 degrees) above which two slices count as the same plane."""

_SAME_PIXEL = 1e-3
"""Share by which pixels of one image may differ in size."""

_FEW = 5
"""Files that a message still lists."""

_OF_FRAME = {"ConvolutionKernel": "kernel", "KVP": "tube voltage"}
"""Values that may differ between images of one Enhanced file, whose header is that of its first frame."""


@dataclass(frozen=True, eq=False)
class Series:
    """Slices of one Series Instance UID that belong to one image.

    part: what tells it from the other images of its UID ("echo 2"), empty where there is one only.
    station: from 1 where its UID holds several stations of one kind, else 0.
    others: slices of the same UID in other planes, left out.
    header: the first file's; `dataset` is its whole header, read when first asked for.
    files: all files of its UID, or of its UIDs where each slice has its own.
    """

    header: Header
    frames: tuple[Frame, ...]
    part: str = ""
    station: int = 0
    others: int = 0
    files: tuple[Header, ...] = ()

    @property
    def uid(self) -> str:
        return self.header.series_uid

    @property
    def description(self) -> str:
        """Its Series Description, and what tells it from the other images of its UID."""
        station = f"station {self.station}" if self.station else ""
        part = ", ".join(piece for piece in (self.part, station) if piece)
        return (
            f"{self.text('SeriesDescription')} ({part})".strip()
            if part
            else self.text("SeriesDescription")
        )

    @property
    def path(self) -> Path:
        return self.header.path

    @cached_property
    def dataset(self) -> Any:
        """The pydicom header of the first file, without pixels and without elements that cannot be read;
        empty if all of it is."""
        from pydicom import Dataset
        from pydicom.filereader import dcmread

        try:
            return drop_unreadable(dcmread(self.path, stop_before_pixels=True, force=True))
        except Exception:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
            return Dataset()

    def text(self, keyword: str) -> str:
        """A header value as text, empty where it is absent; for Enhanced files also from their sequences. Dates
        that were moved by chance are empty."""
        if self.header.undated and keyword in DATES:
            return ""
        told = dict(self.frames[0].split).get(_OF_FRAME.get(keyword, ""))
        return told or text(self.dataset, keyword) or text_in_groups(self.dataset, keyword)

    @property
    def is_lossy(self) -> bool:
        """Whether its images were compressed with loss, by their header or their transfer syntax."""
        told = self.text("LossyImageCompression") == "01"
        return told or self.frames[0].layout.syntax in LOSSY

    @cached_property
    def stack(self) -> Stack:
        """Its ordered slices on a grid; raises GeometryError (see `slice_geometry.stack`), and StudyError
        if a value of a header cannot be meant (see `require_one_scale`)."""
        require_one_scale(self.frames, self.header.modality == "CT")
        return stack(self.frames, self.header.frame_of_reference)

    @property
    def source(self) -> SourceSeries:
        """Its ordered slices as reports name them; raises GeometryError as `stack` does."""
        frames = tuple(_source(frame) for frame in self.stack.frames)
        return SourceSeries(frames, self.dataset, self.header.frame_of_reference)

    @cached_property
    def problem(self) -> str:
        """Why its slices are not one whole regular grid, empty if they are."""
        checks = (
            missing_parts(self.files),
            doubled_numbers(self.frames),
            without_patient(self.frames, self.files),
        )
        if any(checks):
            return next(filter(None, checks))
        try:
            self.stack  # noqa: B018
        except InputError as error:
            return f"{error}{self._set_apart}"
        return ""

    @property
    def _set_apart(self) -> str:
        """The few files of the same UID that are not of this image, as the end of a sentence."""
        own = {frame.path for frame in self.frames}
        others = [header for header in self.files if header.path not in own]
        if not 0 < len(others) <= _FEW:
            return ""
        names = ", ".join(header.path.name for header in others)
        why = next(filter(None, (_unlike(self.frames[0], one.frames[0]) for one in others)), "")
        told = f"being of another kind ({why})" if why else "being of another kind"
        return f"; of the same series, {names} was set apart, {told}"


def group(headers: Iterable[Header]) -> tuple[Series, ...]:
    """The image series of `headers`, in order of series UID and place; files without images drop out.

    One UID is split by plane, size and pixel size, and further by what else tells images apart (see
    `parting`). Slices that have each a UID of their own, as some archives give them, are joined if they
    are of one kind and bear one series number, or make one regular row; those that lost theirs to the one UID
    with whose slices they make a row.
    """
    by_uid: dict[str, list[Header]] = {}
    for header in headers:
        if header.usable:
            by_uid.setdefault(header.series_uid, []).append(header)
    out: list[Series] = []
    for _, members in sorted(rejoined(by_uid).items()):
        members.sort(key=lambda header: (header.number or 0, str(header.path)))
        owner = {header.path: header for header in members}
        planes = _planes([frame for header in members for frame in header.frames])
        total = sum(len(plane) for _, plane in planes)
        for label, plane in planes:
            for part in parts(plane):
                name = ", ".join(piece for piece in (label, part.kind) if piece)
                header, others = owner[part.frames[0].path], total - len(plane)
                made = Series(header, part.frames, name, part.station, others, tuple(members))
                out.append(made)
    return tuple(out)


def _unlike(one: Frame, other: Frame) -> str:
    """What tells another frame from one of an image: its values, its size or how it is turned."""
    if told := differing(one, other):
        return told
    a, b = one.layout, other.layout
    if a.samples != b.samples:
        return "a colour picture"
    if (a.rows, a.columns) != (b.rows, b.columns):
        return f"{b.rows} x {b.columns} instead of {a.rows} x {a.columns} pixels"
    if not (other.position and other.orientation):
        return "without a place"
    return "" if _same_plane(one, other) else "turned, or with other pixels"


def _source(frame: Frame) -> SourceFrame:
    named, layout = frame.instance, frame.layout
    return SourceFrame(
        path=named.path,
        sop_class_uid=named.sop_class,
        sop_instance_uid=named.sop_instance,
        series_instance_uid=named.series_uid,
        instance_number=named.number,
        number=frame.index + 1 if named.sop_class in MULTI_FRAME_CLASSES else None,
        rows=layout.rows,
        columns=layout.columns,
        position_mm=frame.position or (),
        orientation=frame.orientation or (),
        spacing_mm=frame.spacing or (),
        thickness_mm=frame.thickness,
        slope=1.0 if frame.slope is None else frame.slope,
        intercept=frame.intercept or 0.0,
    )


def _planes(frames: Sequence[Frame]) -> list[tuple[str, list[Frame]]]:
    """(what tells them from the first, frames) of one plane and size each, the largest first.

    Frames without a position, as pages of text have none, are set apart if others have one; frames with
    a faulty value stay, so that the series is refused for it.
    """
    placed = [one for one in frames if (one.position and one.orientation) or one.fault]
    if not placed:
        placed = list(frames)
    kinds: list[tuple[Any, list[Frame]]] = []
    for frame in placed:
        size = (frame.layout.rows, frame.layout.columns, frame.layout.samples)
        for (known_size, known), members in kinds:
            if size == known_size and _same_plane(known, frame):
                members.append(frame)
                break
        else:
            kinds.append(((size, frame), [frame]))
    ordered = sorted((members for _, members in kinds), key=len, reverse=True)
    out = [("other plane or size" if place else "", one) for place, one in enumerate(ordered)]
    if len(placed) < len(frames):
        taken = {id(frame) for frame in placed}
        out.append(("without position", [one for one in frames if id(one) not in taken]))
    return out


def _same_plane(one: Frame, other: Frame) -> bool:
    if one.fault or other.fault:
        return True
    if one.spacing and other.spacing:
        wide = max(abs(a - b) for a, b in zip(one.spacing, other.spacing, strict=True))
        if wide > _SAME_PIXEL * min(one.spacing):
            return False
    if one.orientation is None or other.orientation is None or one.orientation == other.orientation:
        return True
    a, b = (np.reshape(frame.orientation or (), (2, 3)) for frame in (one, other))
    return bool((np.sum(a * b, axis=1) > _PARALLEL).all())
