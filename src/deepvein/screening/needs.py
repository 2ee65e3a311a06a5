"""How much memory the screening of a study will take, told by its files before any is read."""

from __future__ import annotations

from pathlib import Path

from deepvein.core.errors import StudyError
from deepvein.studies.location import StudyLocation

BASE_BYTES = 1.1e9
"""What a process takes for a study of a few slices: libraries, networks and their tiles (measured by
benchmarks/screen.py)."""

_BYTES_A_BYTE = 2.5
"""Of stored pixels: the volume itself, two maps of probabilities of half its size, and what reports draw of
them (likewise)."""

_PACKED = 3.0
"""A packed file holds some three times its size."""


def needed_bytes(source: Path) -> float:
    """About what a process that screens the study at `source` will take at most, in bytes.

    An estimate from the sizes of all files that lie there, for a study that shares its folder too much. Files
    that are gone count as nothing.
    """
    try:
        place = StudyLocation.parse(source).path
    except StudyError:  # gone since it was found
        return BASE_BYTES
    files = place.rglob("*") if place.is_dir() else [place]
    stored = 0.0
    for path in files:
        try:
            size = path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
        stored += size * (_PACKED if path.suffix.lower() in (".gz", ".zip") else 1.0)
    return BASE_BYTES + _BYTES_A_BYTE * stored
