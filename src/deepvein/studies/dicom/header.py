"""The header of one DICOM file: what is needed to group and to place its slices, without pixels."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from deepvein.studies.dicom.classic import TOLD_APART, classic_frame
from deepvein.studies.dicom.frame import Frame, Instance
from deepvein.studies.dicom.layout import DEFLATED, PixelLayout, read_layout
from deepvein.studies.dicom.sop_classes import CT_CLASSES, IMAGE_CLASSES, MR_CLASSES
from deepvein.studies.dicom.subject import KEYWORDS, NOBODY, Subject
from deepvein.studies.dicom.values import number, tag_of, text, uid
from deepvein.studies.inflation import require_small_inflation

if TYPE_CHECKING:
    from pydicom import Dataset

_KEPT = 4096
"""Headers that are remembered: those of any one study, at some 10 KB each."""

_FRESH_NS = 2 * 10**9
"""File systems tell times of change to some hundredths of a second, older ones to two seconds."""

_META_BYTES = 2048
_LONGEST_FIRST = 1 << 16
"""Bytes that the first value of a data set without preamble has at most."""

_COUNTS_PLACES = (
    (0x0021, "GEMS_RELA_01", 0x4F),
    (0x2001, "Philips Imaging DD 001", 0x18),
)
"""Private elements (group, creator, element) with the number of slices of a volume: GE's Locations in
Acquisition and Philips' Number of Slices MR, by the makers' conformance statements."""

_WANTED = [
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Modality",
    "InstanceNumber",
    "ImagesInAcquisition",
    "NumberOfSeriesRelatedInstances",
    "NumberOfStudyRelatedInstances",
    "NumberOfTemporalPositions",
    "ConcatenationUID",
    "InConcatenationNumber",
    "InConcatenationTotalNumber",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
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
    "ComplexImageComponent",
    "VolumetricProperties",
    "VolumeBasedCalculationTechnique",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    *KEYWORDS,
    *TOLD_APART.values(),
]


_PRIVATE = [
    tag
    for group, _, element in _COUNTS_PLACES
    for tag in (group << 16 | 0x10, group << 16 | 0x1000 | element)
]
"""Those elements and the names of their creators, where scanners write them."""


@dataclass(frozen=True, slots=True)
class Concatenation:
    """One of several files that hold the frames of one multi-frame image (PS3.3 C.7.6.16.2.2.4).

    number: from 1; total: None where the file does not say how many there are.
    """

    uid: str
    number: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What one file is.

    study_uid: empty where the file does not say.
    frames: empty for everything that is not a CT or MR image.
    trouble: why the file cannot be used, empty if it can.
    in_acquisition, in_series, in_study: how many images its acquisition, objects its series and objects its
    study have by the header, or None; places, passes: so for the places at which its series shows slices, and
    for its temporal positions.
    doubled: frames of its file that were left out as copies of others (see `twins`).
    undated: its dates were moved by chance and are not believed (see `dates`).
    """

    instance: Instance
    study_uid: str = ""
    subject: Subject = NOBODY
    frame_of_reference: str = ""
    modality: str = ""
    frames: tuple[Frame, ...] = ()
    trouble: str = ""
    in_acquisition: int | None = None
    in_series: int | None = None
    in_study: int | None = None
    places: int | None = None
    passes: int | None = None
    concatenation: Concatenation | None = None
    doubled: int = 0
    undated: bool = False

    @property
    def usable(self) -> bool:
        """True for a CT or MR image that is whole as far as its header tells."""
        return bool(self.frames) and not self.trouble

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

    A file that cannot be opened, or that is DICOM but damaged, comes back with its `trouble`; the rest of
    such a header is what could be read.
    """
    try:
        told = path.stat()
        # What was written this very moment may be written again without its time telling.
        is_fresh = time.time_ns() - told.st_mtime_ns < _FRESH_NS
        look = _known.__wrapped__ if is_fresh else _known
        return look(path, told.st_size, told.st_mtime_ns, told.st_ino)
    except OSError as error:
        return Header(Instance(path), trouble=_not_opened(path, error))


@lru_cache(maxsize=_KEPT)
def _known(path: Path, *_state: int) -> Header | None:
    """The header of a file in a state, read once: a study is found by its headers before it is read."""
    with path.open("rb") as file:
        if not looks_like_dicom(file):
            return None
        marked = file.read(132)[128:] == b"DICM"
        file.seek(0)
        header = _read(path, file)
    # Two bytes alone do not make a file DICOM.
    return header if marked or header.sop_class else None


def looks_like_dicom(file: BinaryIO) -> bool:
    """True for the DICM mark, or for a data set without preamble that starts in group 2 or 8."""
    start = file.read(132)
    file.seek(0)
    if start[128:132] == b"DICM":
        return True
    if start[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08") or len(start) < 132:
        return False
    # Then comes an element number of two bytes, and the type of its value or a length that is sane.
    length = int.from_bytes(start[4:8], "little")
    return (start[4:6].isalpha() and start[4:6].isupper()) or length < _LONGEST_FIRST


def require_small(path: Path, file: BinaryIO) -> None:
    """StudyError if the file is deflated as a whole, and to much less than it will be."""
    deflated = DEFLATED.encode() in file.read(_META_BYTES)
    if deflated:
        from pydicom.filereader import read_file_meta_info

        # Preamble and mark, and the element that tells how much of group 2 follows.
        start = 132 + 12 + int(read_file_meta_info(path).FileMetaInformationGroupLength)
        require_small_inflation(file, start)
    file.seek(0)


def _read(path: Path, file: BinaryIO) -> Header:
    from pydicom.filereader import dcmread

    try:
        require_small(path, file)
        dataset = dcmread(
            file,
            stop_before_pixels=True,
            force=True,
            specific_tags=[*(tag_of(keyword) for keyword in _WANTED), *_PRIVATE],
        )
        return _header(path, dataset, file)
    except Exception as error:  # noqa: BLE001  (pydicom raises whatever a damaged value makes it raise)
        # pydicom raises nearly anything on damaged bytes.
        told = (str(error).splitlines() or [""])[0][:120] or type(error).__name__
        return Header(Instance(path), trouble=f"its header is damaged ({told})")


def _not_opened(path: Path, error: OSError) -> str:
    if path.is_symlink() and not path.exists():
        return "it is a link to a file that is not there"
    return f"it cannot be opened ({error.strerror or error})"


def _header(path: Path, dataset: Dataset, file: BinaryIO) -> Header:
    sop_class = text(dataset, "SOPClassUID") or str(
        dataset.file_meta.get("MediaStorageSOPClassUID", "")
    )
    instance = Instance(
        path=path,
        sop_class=sop_class,
        sop_instance=uid(dataset, "SOPInstanceUID"),
        series_uid=uid(dataset, "SeriesInstanceUID"),
        number=_whole(dataset, "InstanceNumber"),
    )
    frames: tuple[Frame, ...] = ()
    trouble = "" if sop_class else "it is damaged: no SOP Class UID says what it is"
    if sop_class in IMAGE_CLASSES:
        layout = read_layout(dataset, file)
        frames = _frames(instance, dataset, layout)
        trouble = _incomplete(layout, frames)
    return Header(
        instance,
        study_uid=uid(dataset, "StudyInstanceUID"),
        subject=Subject.of(dataset),
        frame_of_reference=uid(dataset, "FrameOfReferenceUID"),
        modality=text(dataset, "Modality").upper() or _modality(sop_class),
        frames=frames,
        trouble=trouble,
        in_acquisition=_whole(dataset, "ImagesInAcquisition"),
        in_series=_whole(dataset, "NumberOfSeriesRelatedInstances"),
        in_study=_whole(dataset, "NumberOfStudyRelatedInstances"),
        places=_places(dataset),
        passes=_whole(dataset, "NumberOfTemporalPositions"),
        concatenation=_concatenation(dataset),
    )


def _frames(instance: Instance, dataset: Dataset, layout: PixelLayout) -> tuple[Frame, ...]:
    if "PerFrameFunctionalGroupsSequence" not in dataset:
        return (classic_frame(instance, dataset, layout),)
    from deepvein.studies.dicom.enhanced import enhanced_frames

    return enhanced_frames(instance, dataset, layout)


def _incomplete(layout: PixelLayout, frames: tuple[Frame, ...]) -> str:
    """Why an image whose header could be read is none, empty if it is one."""
    if layout.floating:
        return "its pixels are floating-point numbers; images with whole numbers can be read"
    if not layout.present:
        return "it is cut: it ends before its pixels"
    if layout.frames > 1 and len(frames) == 1:
        return f"it holds {layout.frames} frames but does not say where each of them lies"
    if len(frames) != layout.frames:
        return f"it describes {len(frames)} frames but holds {layout.frames}"
    return ""


def _modality(sop_class: str) -> str:
    """What a file without Modality is by its class, empty where that does not tell."""
    return "CT" if sop_class in CT_CLASSES else "MR" if sop_class in MR_CLASSES else ""


def _concatenation(dataset: Dataset) -> Concatenation | None:
    uid, number = text(dataset, "ConcatenationUID"), _whole(dataset, "InConcatenationNumber")
    if not uid or number is None:
        return None
    return Concatenation(uid, number, _whole(dataset, "InConcatenationTotalNumber"))


def _places(dataset: Dataset) -> int | None:
    """How many slices scanners count in a volume, in elements of their own; None where they do not."""
    for group, creator, element in _COUNTS_PLACES:
        try:
            return int(dataset.private_block(group, creator)[element].value)
        except Exception:  # noqa: BLE001,S112  (absent, or pydicom raises whatever a damaged value makes it)
            continue
    return None


def _whole(dataset: Dataset, keyword: str) -> int | None:
    value = number(dataset, keyword)
    return None if value is None else int(value)
