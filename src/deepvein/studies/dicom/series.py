"""Series of a folder: files grouped by UID, then split where one series holds several images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.core.errors import InputError
from deepvein.studies.dicom.header import MULTI_FRAME_CLASSES, Frame, Header
from deepvein.studies.dicom.scale import require_one_scale
from deepvein.studies.dicom.slice_geometry import Stack, stack
from deepvein.studies.dicom.values import text
from deepvein.studies.source import SourceFrame, SourceSeries

_PARALLEL = 0.985
"""Cosine (10 degrees) above which two slices count as the same plane."""


@dataclass(frozen=True, eq=False)
class Series:
    """Slices of one Series Instance UID that belong to one image.

    part: what tells it from the other images of its UID ("echo 2"), empty where there is one only.
    others: slices of the same UID in other planes, left out.
    header: the first file's; `dataset` is its whole header, read when first asked for.
    """

    header: Header
    frames: tuple[Frame, ...]
    part: str = ""
    others: int = 0

    @property
    def uid(self) -> str:
        return self.header.series_uid

    @property
    def path(self) -> Path:
        return self.header.path

    @cached_property
    def dataset(self) -> Any:
        """The pydicom header of the first file, without pixels; empty if it cannot be read."""
        from pydicom import Dataset
        from pydicom.filereader import dcmread

        try:
            return dcmread(self.path, stop_before_pixels=True, force=True)
        except Exception:
            return Dataset()

    def text(self, keyword: str) -> str:
        """A header value as text, empty where it is absent."""
        return text(self.dataset, keyword)

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
        """Why its slices are not one regular grid, empty if they are."""
        try:
            self.stack  # noqa: B018
        except InputError as error:
            return str(error)
        return ""


def group(headers: Iterable[Header]) -> tuple[Series, ...]:
    """The image series of `headers`, in order of series UID and place; files without images drop out.

    One UID is split by plane and size, and further, where several slices lie at one place, by the first
    of image type, echo, temporal position, diffusion weighting, stack, acquisition or time that tells
    them apart.
    """
    by_uid: dict[str, list[Header]] = {}
    for header in headers:
        if header.frames:
            by_uid.setdefault(header.series_uid, []).append(header)
    out: list[Series] = []
    for _, members in sorted(by_uid.items()):
        members.sort(key=lambda header: (header.number or 0, str(header.path)))
        owner = {header.path: header for header in members}
        planes = _planes([frame for header in members for frame in header.frames])
        total = sum(len(plane) for plane in planes)
        for plane in planes:
            label = "" if len(planes) == 1 else "other plane or size"
            for part, frames in _split(plane):
                name = ", ".join(piece for piece in (label, part) if piece)
                header = owner[frames[0].path]
                out.append(Series(header, tuple(frames), name, total - len(plane)))
    return tuple(out)


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
    )


def _planes(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames of one plane and size each, the largest first."""
    kinds: list[tuple[Any, list[Frame]]] = []
    for frame in frames:
        size = (frame.layout.rows, frame.layout.columns, frame.layout.samples)
        for (known_size, known), members in kinds:
            if size == known_size and _same_plane(known, frame.orientation):
                members.append(frame)
                break
        else:
            kinds.append(((size, frame.orientation), [frame]))
    return sorted((members for _, members in kinds), key=len, reverse=True)


def _same_plane(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return True
    if one == other:
        return True
    a, b = np.reshape(one, (2, 3)), np.reshape(other, (2, 3))
    return bool((np.sum(a * b, axis=1) > _PARALLEL).all())


def _split(frames: Sequence[Frame]) -> list[tuple[str, list[Frame]]]:
    """(what it is, its frames): parts in which no place is taken twice, if headers tell them apart."""
    if not _crowded(frames):
        return [("", list(frames))]
    for place, (label, _) in enumerate(frames[0].split):
        parts: dict[str, list[Frame]] = {}
        for frame in frames:
            parts.setdefault(frame.split[place][1], []).append(frame)
        if len(parts) == 1 or len(parts) > len(frames) // 2:
            continue
        pieces = [(f"{label} {value}", part) for value, part in parts.items()]
        if any(_crowded(part) for _, part in pieces):
            finer = [(name, more, part) for name, piece in pieces for more, part in _split(piece)]
            if any(_crowded(part) for _, _, part in finer):
                continue
            return [(f"{name}, {more}".removesuffix(", "), part) for name, more, part in finer]
        return pieces
    return [("", list(frames))]


def _crowded(frames: Sequence[Frame]) -> bool:
    """True if two frames lie at the same place (to 0.01 mm)."""
    places = {tuple(round(x, 2) for x in frame.position or ()) for frame in frames}
    return len(places) < len(frames)
