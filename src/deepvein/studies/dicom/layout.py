"""How one DICOM file stores its pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from deepvein.studies.dicom.values import number

NATIVE_SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
"""Transfer syntaxes that store pixels as they are: implicit, explicit little and big endian."""

DEFLATED = "1.2.840.10008.1.2.1.99"
"""Deflated explicit little endian: header and pixels are compressed as one stream."""

HTJ2K = ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203")
"""High-throughput JPEG 2000 (ISO 15444-15): lossless, lossless with the resolution first, either."""

LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
"""JPEG that never keeps pixels as they were; others may, and their headers have to say if they do not."""

_LONG_FORM = (b"OB", b"OW", b"OF", b"OD", b"UN")
_PIXEL_FORMS = (b"OB", b"OW")
_UNDEFINED = 0xFFFFFFFF
_ITEM = (0xFFFE, 0xE000)
_PIXEL_DATA = (0x7FE0, 0x0010)
_FLOAT_PIXELS = {(0x7FE0, 0x0008), (0x7FE0, 0x0009)}


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """How a file stores its pixels.

    offset: first byte of uncompressed pixels in the file, or None if they have to be decoded.
    length: bytes that the file has from `offset` on, at most what the element claims.
    whole: False if the file ends within a fragment of compressed pixels.
    sign_told: whether the file says if its values may be negative; if not, they are not `signed`.
    floating: True for Float or Double Float Pixel Data (PS3.3 C.7.6.24), which are not `present`.
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
    whole: bool = True
    floating: bool = False
    sign_told: bool = True

    @property
    def surplus(self) -> int:
        """Bytes of uncompressed pixels beyond those of its frames and the one that makes their number even."""
        if self.offset is None:
            return 0
        needed = self.frames * self.rows * self.columns * self.samples * self.allocated // 8
        return max(0, self.length - needed - needed % 2)


def read_layout(dataset: Any, file: BinaryIO) -> PixelLayout:
    """The layout of a file whose header has been read up to its pixels, where `file` stands now."""
    implicit, little = dataset.original_encoding[0], dataset.original_encoding[1]
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", "")) or _guessed(implicit, little)
    offset, length, present, complete, floating = None, 0, True, True, False
    if syntax != DEFLATED:
        tag, claimed = _element_at(file, implicit, little)
        present, floating = tag == _PIXEL_DATA, tag in _FLOAT_PIXELS
        if present and claimed != _UNDEFINED and syntax in NATIVE_SYNTAXES:
            offset = file.tell()
            length = min(claimed, file.seek(0, 2) - offset)
        elif present and claimed == _UNDEFINED:
            complete = _fragments_are_whole(file)
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
        stored=whole["BitsStored"]
        or (whole["HighBit"] + 1 if whole["HighBit"] else whole["BitsAllocated"]),
        high_bit=whole["HighBit"] or (whole["BitsStored"] or whole["BitsAllocated"]) - 1,
        signed=whole["PixelRepresentation"] == 1,
        sign_told=number(dataset, "PixelRepresentation") is not None,
        samples=whole["SamplesPerPixel"],
        big_endian=not little,
        whole=complete,
        floating=floating,
    )


def _fragments_are_whole(file: BinaryIO) -> bool:
    """True if no item of the compressed pixels that begin here reaches beyond the end of the file.

    That the delimiter behind the last item lacks harms nothing.
    """
    begin = file.tell()
    end = file.seek(0, 2)
    file.seek(begin)
    while len(start := file.read(8)) == 8:
        group, element, length = struct.unpack("<HHL", start)
        if (group, element) != _ITEM:
            return True
        if file.tell() + length > end:
            return False
        file.seek(length, 1)
    return True


def _guessed(implicit: bool, little: bool) -> str:
    return NATIVE_SYNTAXES[0] if implicit else NATIVE_SYNTAXES[1 if little else 2]


def _element_at(file: BinaryIO, implicit: bool, little: bool) -> tuple[tuple[int, int], int]:
    """Tag and length of the element at which reading stopped; the file then stands at its value."""
    order = "<" if little else ">"
    start = file.read(8)
    if len(start) < 8:
        return (0, 0), 0
    group, element = struct.unpack(order + "HH", start[:4])
    # Files that call themselves the other way: as lengths, which are even, these letters are odd.
    if not start[4:6].isalpha() or (implicit and start[4:6] not in _PIXEL_FORMS):
        return (group, element), struct.unpack(order + "L", start[4:])[0]
    if start[4:6] in _LONG_FORM:
        return (group, element), struct.unpack(order + "L", file.read(4).ljust(4, b"\0"))[0]
    return (group, element), struct.unpack(order + "H", start[6:])[0]
