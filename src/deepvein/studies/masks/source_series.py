"""On which series a DICOM mask was drawn, as it says itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from deepvein.core.errors import MaskError
from deepvein.studies.dicom.files import is_dicom

_WAYS = (
    ("ReferencedSeriesSequence",),
    (
        "ReferencedFrameOfReferenceSequence",
        "RTReferencedStudySequence",
        "RTReferencedSeriesSequence",
    ),
)
"""Sequences in one another that lead to the series of a SEG's images, and of an RTSTRUCT's."""


def series_remarks(path: Path, series: Collection[str]) -> tuple[str, ...]:
    """A remark on a DICOM mask that names the series on which it was drawn, if the image is of none of them.

    series: the image's Series Instance UIDs. One frame of reference holds several passes; between them
    patients move, and contrast comes and goes. Raises MaskError for a file that is damaged.
    """
    named = named_series(path) if series else frozenset()
    if not named or named & set(series):
        return ()
    return (
        f"{path.name} was drawn on series {min(named)}, and the image is another of the same scan; it is read "
        "by its place, which is wrong if the patient moved between them",
    )


def named_series(path: Path) -> frozenset[str]:
    """The Series Instance UIDs on which a DICOM mask says that it was drawn; none for other files. MaskError
    for a file that is damaged."""
    if not is_dicom(path):
        return frozenset()
    from pydicom.filereader import dcmread

    try:
        dataset = dcmread(
            path, specific_tags=[way[0] for way in _WAYS], force=True, stop_before_pixels=True
        )
        found = {str(item.get("SeriesInstanceUID") or "") for item in _items(dataset)}
    except Exception as error:
        raise MaskError(f"{path} cannot be read as DICOM; copy it again") from error
    return frozenset(found - {""})


def _items(dataset: Any) -> Iterator[Any]:
    """The items at the ends of all ways."""
    for way in _WAYS:
        found = [dataset]
        for sequence in way:
            found = [item for one in found for item in one.get(sequence) or ()]
        yield from found
