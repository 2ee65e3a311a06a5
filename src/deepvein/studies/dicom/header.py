"""The header of one DICOM file: what is needed to group and to place its slices, without pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from deepvein.studies.dicom.bounds import CLASSIC, fault, kind_fault
from deepvein.studies.dicom.layout import PixelLayout, read_layout
from deepvein.studies.dicom.values import Vector, image_type, number, numbers, text

if TYPE_CHECKING:
    from pydicom import Dataset

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

MULTI_FRAME_CLASSES = {uid for uid, name in IMAGE_CLASSES.items() if "Enhanced" in name}
"""Those whose frames are told apart by functional groups (PS3.3 C.7.6.16)."""

DAMAGED = "damaged"
"""Stands for the SOP class of a file whose header cannot be read."""

NAMELESS = "unknown"
"""Stands for a Study Instance UID that a file does not give."""

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
    "RescaleType",
    "ModalityLUTSequence",
    "PhotometricInterpretation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
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


@dataclass(frozen=True, slots=True)
class Header:
    """What one file is. `frames` is empty for everything that is not a CT or MR image."""

    instance: Instance
    study_uid: str = NAMELESS
    frame_of_reference: str = ""
    modality: str = ""
    frames: tuple[Frame, ...] = ()

    @property
    def path(self) -> Path:
        return self.instance.path

    @property
    def sop_class(self) -> str:
        return self.instance.sop_class

    @property
    def series_uid(self) -> str:
        return self.instance.series_uid

    @property
    def number(self) -> int | None:
        return self.instance.number


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


def _header(path: Path, dataset: Dataset, file: BinaryIO) -> Header | None:
    sop_class = text(dataset, "SOPClassUID") or str(
        dataset.file_meta.get("MediaStorageSOPClassUID", "")
    )
    if not sop_class:
        return None
    place = number(dataset, "InstanceNumber")
    instance = Instance(
        path=path,
        sop_class=sop_class,
        sop_instance=text(dataset, "SOPInstanceUID"),
        series_uid=text(dataset, "SeriesInstanceUID"),
        number=int(place) if place is not None else None,
    )
    frames: tuple[Frame, ...] = ()
    if sop_class in IMAGE_CLASSES:
        layout = read_layout(dataset, file)
        if "PerFrameFunctionalGroupsSequence" in dataset:
            from deepvein.studies.dicom.enhanced import enhanced_frames

            frames = enhanced_frames(instance, dataset, layout)
        else:
            frames = (_classic_frame(instance, dataset, layout),)
    return Header(
        instance,
        study_uid=text(dataset, "StudyInstanceUID") or NAMELESS,
        frame_of_reference=text(dataset, "FrameOfReferenceUID"),
        modality=text(dataset, "Modality").upper(),
        frames=frames,
    )


def _damaged(path: Path) -> Header:
    return Header(Instance(path, DAMAGED))


def _classic_frame(instance: Instance, dataset: Dataset, layout: PixelLayout) -> Frame:
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
        instance=instance,
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
        rescale_type=text(dataset, "RescaleType").upper(),
        padding=padding(dataset),
        fault=fault(dataset, CLASSIC) or kind_fault(dataset),
    )


def padding(dataset: Dataset) -> tuple[int, int] | None:
    """The lowest and the highest stored value that Pixel Padding Value and Range Limit name."""
    ends = [number(dataset, key) for key in ("PixelPaddingValue", "PixelPaddingRangeLimit")]
    if ends[0] is None:
        return None
    whole = [int(end) for end in ends if end is not None]
    return min(whole), max(whole)
