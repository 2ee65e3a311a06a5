"""Bytes behind the voxels of a file: none belong there; their writer may have meant another size or type."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from deepvein.core.errors import StudyError

_CHUNK = 1 << 20
_MOST = 1 << 28
"""Bytes that are counted; who packs more behind his voxels need not be told how many."""


def surplus(path: Path, start: int, size: int, *, part: int, packed: bool, skipped: int = 0) -> str:
    """A sentence on what lies behind the voxels of a file, empty if that is nothing, or zeros behind
    a gzip stream.

    start: first byte of the voxels, of what is unpacked where gzip has `packed` it; size: bytes of the voxels;
    part: bytes of one slice, skipped: of the file before the gzip stream. StudyError for as much as a slice or
    more: then it is not what its header says. OSError if it cannot be read.
    """
    if not packed:
        behind = path.stat().st_size - start - size
        return _judged(path, behind, part) if behind > 0 else ""
    if _ends_with(path, start + size):
        return ""
    held, garbage = _unpacked(path, skipped, start + size + _MOST)
    if held > start + size:
        return _judged(path, held - start - size, part)
    return _told(path, garbage) if garbage else ""


def _judged(path: Path, count: int, part: int) -> str:
    """`_told`, or StudyError."""
    if count < part:
        return _told(path, count)
    raise StudyError(
        f"{path} holds {_many(count)} more than the voxels that its header describes: their number or type is "
        "not what it says; save it again"
    )


def _many(count: int) -> str:
    return f"{count} bytes" if count < _MOST else f"more than {_MOST} bytes"


def _told(path: Path, count: int) -> str:
    return (
        f"{path.name} holds {_many(count)} behind the voxels that its header describes; they were not read, "
        "which is wrong if its size or type of voxels is not what the header says"
    )


def _ends_with(path: Path, size: int) -> bool:
    """True if the last bytes say, as those of one gzip stream do (RFC 1952), that so much was packed."""
    with path.open("rb") as file:
        file.seek(-4, 2)
        return int.from_bytes(file.read(4), "little") == size % 2**32


def _unpacked(path: Path, skipped: int, most: int) -> tuple[int, int]:
    """How much the gzip streams of a file hold, up to `most`, and the bytes behind them that are no zeros."""
    held = 0
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    with path.open("rb") as file:
        file.seek(skipped)
        for chunk in _chunks(file):
            rest = chunk
            while rest and held < most:
                if inflate.eof:
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    if not rest.startswith(b"\x1f"):
                        return held, len(rest) + sum(map(len, _chunks(file)))
                    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
                held += len(inflate.decompress(rest, _CHUNK))
                rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    return held, 0


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
