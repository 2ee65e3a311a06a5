"""The header of one DICOM file: what is needed to group and to place its slices, without pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from pydicom import Dataset

Vector = tuple[float, ...]

CT_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT Image",
    "1.2.840.10008.5.1.4.1.1.2.1": "Enhanced CT Image",
    "1.2.840.10008.5.1.4.1.1.2.2": "Legacy Converted Enhanced CT Image",
}
MR_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.4": "MR Image",
    "1.2.840.10008.5.1.4.1.1.4.1": "Enhanced MR Image",
    "1.2.840.10008.5.1.4.1.1.4.4": "Legacy Converted Enhanced MR Image",
}
IMAGE_CLASSES = CT_CLASSES | MR_CLASSES
"""SOP classes whose pixels can be screened (PS3.4 annex B)."""

NATIVE_SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
"""Transfer syntaxes that store pixels as they are: implicit, explicit little and big endian."""

DEFLATED = "1.2.840.10008.1.2.1.99"
"""Deflated explicit little endian: header and pixels are compressed as one stream."""

DAMAGED = "damaged"
"""Stands for the SOP class of a file whose header cannot be read."""

NAMELESS = "unknown"
"""Stands for a Study Instance UID that a file does not give."""

_PLAIN_TEXT = frozenset({"CS", "UI", "DA", "TM", "DS", "IS", "LO", "SH", "AE", "AS"})
_NUMBER_TEXT = frozenset({"DS", "IS"})
_LONG_FORM = (b"OB", b"OW", b"OF", b"OD", b"UN")
_UNDEFINED = 0xFFFFFFFF
_PIXEL_DATA = (0x7FE0, 0x0010)
_WANTED = [
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "ImageType",
    "InstanceNumber",
    "AcquisitionNumber",
    "EchoNumbers",
    "TemporalPositionIdentifier",
    "DiffusionBValue",
    "TriggerTime",
    "AcquisitionTime",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "RescaleSlope",
    "RescaleIntercept",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "SamplesPerPixel",
    "NumberOfFrames",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """How a file stores its pixels.

    offset: first byte of uncompressed pixels in the file, or None if they have to be decoded.
    length: bytes that the file has from `offset` on, at most what the element claims.
    """

    syntax: str
    offset: int | None
    length: int
    present: bool
    rows: int
    columns: int
    frames: int
    allocated: int
    stored: int
    high_bit: int
    signed: bool
    samples: int
    big_endian: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """One slice: a whole classic file, or one frame of an Enhanced file (`index`, from 0).

    position: LPS millimetres of the first voxel's centre; orientation: row and column cosines;
    spacing: millimetres between rows and between columns. None where the header does not say.
    slope, intercept: stored value -> HU or signal; None where the header does not say.
    split: values that tell apart images taken at one place (image type, echo, acquisition, …).
    """

    path: Path
    index: int
    position: Vector | None
    orientation: Vector | None
    spacing: Vector | None
    thickness: float | None
    slope: float | None
    intercept: float | None
    image_type: tuple[str, ...]
    split: tuple[tuple[str, str], ...]
    layout: PixelLayout


@dataclass(frozen=True, slots=True)
class Header:
    """What one file is. `frames` is empty for everything that is not a CT or MR image."""

    path: Path
    sop_class: str
    sop_instance: str
    study_uid: str
    series_uid: str
    frame_of_reference: str
    modality: str
    number: int | None
    frames: tuple[Frame, ...]


def read_header(path: Path) -> Header | None:
    """The header of a file, or None if it is not DICOM.

    A file that calls itself DICOM but is too damaged to tell what it is comes back with `DAMAGED` in
    place of its SOP class.
    """
    from pydicom.filereader import dcmread

    try:
        with path.open("rb") as file:
            if not looks_like_dicom(file):
                return None
            marked = file.read(132)[128:] == b"DICM"
            file.seek(0)
            dataset = dcmread(file, stop_before_pixels=True, force=True, specific_tags=_WANTED)
            header = _header(path, dataset, file)
    except OSError:
        return None
    except Exception:
        # pydicom raises nearly anything on damaged bytes.
        header = None
    return header or (_damaged(path) if marked else None)


def looks_like_dicom(file: BinaryIO) -> bool:
    """True for the DICM mark, or for a data set without preamble that starts with group 2 or 8."""
    start = file.read(132)
    file.seek(0)
    if start[128:132] == b"DICM":
        return True
    return start[:2] in (b"\x02\x00", b"\x08\x00", b"\x00\x08") and len(start) == 132


def text(dataset: Any, keyword: str) -> str:
    """A value as plain text, empty where it is absent or cannot be read."""
    try:
        raw = _unconverted(dataset, keyword, _PLAIN_TEXT)
        if raw is not None:
            return raw
        value = dataset.get(keyword)
    except Exception:
        return ""
    if value is None:
        return ""
    if isinstance(value, list | tuple) or type(value).__name__ == "MultiValue":
        return "\\".join(str(part) for part in value).strip()
    return str(value).strip()


def numbers(dataset: Any, keyword: str, count: int) -> Vector | None:
    """`count` finite numbers, or None where they are absent, too few or not numbers."""
    try:
        raw = _unconverted(dataset, keyword, _NUMBER_TEXT)
        if raw is not None:
            values = raw.split("\\")
        else:
            value = dataset.get(keyword)
            values = [value] if count == 1 else list(value)
        if len(values) != count:
            return None
        out = tuple(float(part) for part in values)
    except Exception:
        return None
    return out if all(abs(part) < 1e9 for part in out) else None


def _unconverted(dataset: Any, keyword: str, kinds: frozenset[str]) -> str | None:
    """The stored text of an element that pydicom has not converted yet, if it is plain ASCII.

    Converting every element costs as much as finding it; a series has hundreds of headers.
    """
    from pydicom.dataelem import RawDataElement

    get_item = getattr(dataset, "get_item", None)
    item = get_item(keyword) if get_item else None
    if not isinstance(item, RawDataElement) or item.VR not in kinds or not item.value:
        return None
    return item.value.decode("ascii").strip(" \0") if item.value.isascii() else None


def number(dataset: Any, keyword: str) -> float | None:
    """One finite number, or None."""
    out = numbers(dataset, keyword, 1)
    return out[0] if out else None


def image_type(dataset: Any, keyword: str = "ImageType") -> tuple[str, ...]:
    return tuple(part for part in text(dataset, keyword).upper().split("\\") if part)


def _header(path: Path, dataset: Dataset, file: BinaryIO) -> Header | None:
    sop_class = text(dataset, "SOPClassUID") or str(
        dataset.file_meta.get("MediaStorageSOPClassUID", "")
    )
    if not sop_class:
        return None
    frames: tuple[Frame, ...] = ()
    if sop_class in IMAGE_CLASSES:
        layout = _layout(dataset, file)
        if "PerFrameFunctionalGroupsSequence" in dataset:
            from deepvein.studies.dicom.enhanced import enhanced_frames

            frames = enhanced_frames(path, dataset, layout)
        else:
            frames = (_classic_frame(path, dataset, layout),)
    place = number(dataset, "InstanceNumber")
    return Header(
        path=path,
        sop_class=sop_class,
        sop_instance=text(dataset, "SOPInstanceUID"),
        study_uid=text(dataset, "StudyInstanceUID") or NAMELESS,
        series_uid=text(dataset, "SeriesInstanceUID"),
        frame_of_reference=text(dataset, "FrameOfReferenceUID"),
        modality=text(dataset, "Modality").upper(),
        number=int(place) if place is not None else None,
        frames=frames,
    )


def _damaged(path: Path) -> Header:
    return Header(path, DAMAGED, "", NAMELESS, "", "", "", None, ())


def _classic_frame(path: Path, dataset: Dataset, layout: PixelLayout) -> Frame:
    split = (
        ("image type", text(dataset, "ImageType")),
        ("echo", text(dataset, "EchoNumbers")),
        ("temporal position", text(dataset, "TemporalPositionIdentifier")),
        ("diffusion weighting", text(dataset, "DiffusionBValue")),
        ("acquisition", text(dataset, "AcquisitionNumber")),
        ("trigger time", text(dataset, "TriggerTime")),
        ("acquisition time", text(dataset, "AcquisitionTime")),
    )
    return Frame(
        path=path,
        index=0,
        position=numbers(dataset, "ImagePositionPatient", 3),
        orientation=numbers(dataset, "ImageOrientationPatient", 6),
        spacing=numbers(dataset, "PixelSpacing", 2),
        thickness=number(dataset, "SpacingBetweenSlices") or number(dataset, "SliceThickness"),
        slope=number(dataset, "RescaleSlope"),
        intercept=number(dataset, "RescaleIntercept"),
        image_type=image_type(dataset),
        split=split,
        layout=layout,
    )


def _layout(dataset: Any, file: BinaryIO) -> PixelLayout:
    implicit, little = dataset.original_encoding[0], dataset.original_encoding[1]
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", "")) or _guessed(implicit, little)
    offset, length, present = None, 0, True
    if syntax != DEFLATED:
        tag, claimed = _element_at(file, implicit, little)
        present = tag == _PIXEL_DATA
        if present and claimed != _UNDEFINED and syntax in NATIVE_SYNTAXES:
            offset = file.tell()
            length = min(claimed, file.seek(0, 2) - offset)
    whole = {
        key: int(number(dataset, key) or default)
        for key, default in (
            ("Rows", 0),
            ("Columns", 0),
            ("NumberOfFrames", 1),
            ("BitsAllocated", 0),
            ("BitsStored", 0),
            ("HighBit", 0),
            ("PixelRepresentation", 0),
            ("SamplesPerPixel", 1),
        )
    }
    return PixelLayout(
        syntax=syntax,
        offset=offset,
        length=length,
        present=present,
        rows=whole["Rows"],
        columns=whole["Columns"],
        frames=whole["NumberOfFrames"],
        allocated=whole["BitsAllocated"],
        stored=whole["BitsStored"] or whole["BitsAllocated"],
        high_bit=whole["HighBit"] or (whole["BitsStored"] or whole["BitsAllocated"]) - 1,
        signed=whole["PixelRepresentation"] == 1,
        samples=whole["SamplesPerPixel"],
        big_endian=not little,
    )


def _guessed(implicit: bool, little: bool) -> str:
    return NATIVE_SYNTAXES[0] if implicit else NATIVE_SYNTAXES[1 if little else 2]


def _element_at(file: BinaryIO, implicit: bool, little: bool) -> tuple[tuple[int, int], int]:
    """Tag and length of the element at which reading stopped; the file then stands at its value."""
    order = "<" if little else ">"
    start = file.read(8)
    if len(start) < 8:
        return (0, 0), 0
    group, element = struct.unpack(order + "HH", start[:4])
    if implicit:
        return (group, element), struct.unpack(order + "L", start[4:])[0]
    if start[4:6] in _LONG_FORM:
        return (group, element), struct.unpack(order + "L", file.read(4).ljust(4, b"\0"))[0]
    return (group, element), struct.unpack(order + "H", start[6:])[0]
