"""Compressed files that unpack to far more than they weigh, as only bombs and damaged headers do."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

from deepvein.core.errors import StudyError

MOST_RATIO = 400
"""Unpacked to packed size; images of air reach about 100, a bomb is beyond 1000."""

SMALL_BYTES = 2**28
"""Nothing that unpacks to less does harm."""

_CHUNK = 1 << 20


def require_inflatable(path: Path, claimed_bytes: int) -> None:
    """StudyError if a compressed file says that it holds more than it can be believed to."""
    size = path.stat().st_size
    if claimed_bytes > max(SMALL_BYTES, MOST_RATIO * size):
        raise StudyError(
            f"{path} says that it unpacks to {claimed_bytes / 2**30:.1f} GB, more than {MOST_RATIO} times its "
            "size, as a bomb does; save it again"
        )


def require_small_inflation(file: BinaryIO, start: int) -> None:
    """StudyError if the raw deflated data of a file, from byte `start` on, unpack to too much.

    They are counted while they are unpacked, and not kept.
    """
    file.seek(0, 2)
    most = max(SMALL_BYTES, MOST_RATIO * file.tell())
    file.seek(start)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    while not inflate.eof and (chunk := file.read(_CHUNK)):
        while chunk and not inflate.eof:
            total += len(inflate.decompress(chunk, _CHUNK))
            chunk = inflate.unconsumed_tail
            if total > most:
                raise StudyError(
                    f"it unpacks to more than {MOST_RATIO} times its size, as a bomb does"
                )
