"""What the numbers of a header can mean: outside these bounds a value is damaged, not unusual.

The bounds are wide (see `studies.plausible` for lengths; slopes of MR signal span some nine powers of
ten). Nothing that a scanner writes lies beyond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deepvein.studies.dicom.values import number, numbers, stored, text
from deepvein.studies.plausible import POSITION_MM, SPACING_MM


@dataclass(frozen=True)
class Bounds:
    """An element with `count` numbers, each from `low` to `high`; absent or empty is no fault."""

    keyword: str
    count: int
    low: float
    high: float
    unit: str = ""


POSITION = (Bounds("ImagePositionPatient", 3, -POSITION_MM, POSITION_MM, " mm"),)
ORIENTATION = (Bounds("ImageOrientationPatient", 6, -1.01, 1.01),)
MEASURES = (Bounds("PixelSpacing", 2, *SPACING_MM, " mm"),)
RESCALE = (
    Bounds("RescaleSlope", 1, 1e-9, 1e5),
    Bounds("RescaleIntercept", 1, -1e5, 1e5),
)
IMAGE = (
    Bounds("PixelPaddingValue", 1, -(2.0**31), 2.0**32),
    Bounds("PixelPaddingRangeLimit", 1, -(2.0**31), 2.0**32),
    Bounds("NumberOfFrames", 1, 1, 1e5),
    Bounds("BitsAllocated", 1, 1, 64),
    Bounds("PixelRepresentation", 1, 0, 1),
)
CLASSIC = (*POSITION, *ORIENTATION, *MEASURES, *RESCALE, *IMAGE)
"""All of them, as they lie side by side in a single-frame file."""


def fault(dataset: Any, elements: tuple[Bounds, ...]) -> str:
    """A sentence on the first of `elements` that is there but outside its bounds or no number at all."""
    for element in elements:
        values = numbers(dataset, element.keyword, element.count)
        if values is not None and all(element.low <= one <= element.high for one in values):
            continue
        told = stored(dataset, element.keyword)
        if told:
            return _sentence(element, told)
    return ""


def kind_fault(dataset: Any) -> str:
    """A sentence if the pixels are no grey values that slope and intercept turn into a signal."""
    colours = text(dataset, "PhotometricInterpretation").upper()
    if colours and not colours.startswith("MONOCHROME") and number(dataset, "SamplesPerPixel") == 1:
        return f"PhotometricInterpretation (0028,0004) is {colours!r}; MONOCHROME1 and MONOCHROME2 can be read"
    if dataset.get("ModalityLUTSequence"):
        return (
            "its values run through a table, ModalityLUTSequence (0028,3000); images with RescaleSlope and "
            "RescaleIntercept can be read"
        )
    return ""


def _sentence(element: Bounds, told: str) -> str:
    from pydicom.datadict import tag_for_keyword
    from pydicom.tag import Tag

    tag = Tag(tag_for_keyword(element.keyword) or 0)
    many = "one number" if element.count == 1 else f"{element.count} numbers"
    return (
        f"{element.keyword} ({tag.group:04X},{tag.element:04X}) is {told[:60]!r}; {many} from "
        f"{element.low:g} to {element.high:g}{element.unit} can be read"
    )
