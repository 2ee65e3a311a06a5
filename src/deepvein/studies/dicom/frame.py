"""One slice as a header describes it: a whole classic file, or one frame of an Enhanced file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.studies.dicom.image_types import COMPUTED, words_of
from deepvein.studies.dicom.layout import PixelLayout
from deepvein.studies.dicom.values import Vector, number

if TYPE_CHECKING:
    from pydicom import Dataset

OF_SERIES = {
    "modality": "Modality",
    "class": "SOPClassUID",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "device": "DeviceSerialNumber",
    "station name": "StationName",
    "institution": "InstitutionName",
    "series date": "SeriesDate",
    "study time": "StudyTime",
    "study ID": "StudyID",
    "patient weight": "PatientWeight",
}
"""What is the same in all images of a series, where it is given, by the words for it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One DICOM file and how its header names it; empty texts and None where it does not."""

    path: Path
    sop_class: str = ""
    sop_instance: str = ""
    series_uid: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One slice: a whole classic file, or one frame of an Enhanced file (`index`, from 0).

    position: LPS millimetres of the first voxel's centre; orientation: row and column cosines;
    spacing: millimetres between rows and between columns. None where the header does not say.
    slope, intercept: stored value -> HU or signal; None where the header does not say.
    split: values that tell apart images taken at one place (image type, echo, acquisition, …).
    rescale_type: what slope and intercept lead to ("HU"), in capitals, empty where the header does not say.
    padding: lowest and highest stored value that stands for "no image here", None if there is none.
    fault: the first value that is there but cannot be meant, as a sentence; empty if all are sound.
    """

    instance: Instance
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
    rescale_type: str = ""
    padding: tuple[int, int] | None = None
    fault: str = ""

    @property
    def path(self) -> Path:
        return self.instance.path


def image_kind(kind: tuple[str, ...]) -> tuple[str, str]:
    """The values of Image Type that say what an image is; those behind them say how it was made, but for
    words of what was computed."""
    computed = (value for value in kind[3:] if words_of([value]) & COMPUTED)
    return "image type", "\\".join([*kind[:3], *computed])


def padding(dataset: Dataset) -> tuple[int, int] | None:
    """The lowest and the highest stored value that Pixel Padding Value and Range Limit name."""
    ends = [number(dataset, key) for key in ("PixelPaddingValue", "PixelPaddingRangeLimit")]
    if ends[0] is None:
        return None
    whole = [int(end) for end in ends if end is not None]
    return min(whole), max(whole)
