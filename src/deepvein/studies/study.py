"""What one examination is, once it has been read and found to be a regular grid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from deepvein.anatomy.veins import Side
from deepvein.studies.account import FileRecord
from deepvein.studies.source import SourceSeries
from deepvein.volumes.volume import Volume


class Modality(Enum):
    """What made the images; the value is the DICOM Modality (0008,0060)."""

    CT = "CT"
    MR = "MR"


class Format(Enum):
    """What a study was read from."""

    DICOM = "DICOM"
    NIFTI = "NIfTI"
    NRRD = "NRRD"
    OTHER = "other"
    """Of a reader that does not come with deepvein."""


@dataclass(frozen=True)
class Identity:
    """Who and when, as the headers say; empty texts where the format or the header says nothing."""

    patient_id: str = ""
    patient_name: str = ""
    patient_sex: str = ""
    patient_age: str = ""
    study_uid: str = ""
    study_date: str = ""
    study_description: str = ""
    accession_number: str = ""
    institution: str = ""
    manufacturer: str = ""
    model: str = ""


@dataclass(frozen=True)
class SeriesSummary:
    """One series that was found, and whether and why it is screened or not.

    position_mm: lowest and highest LPS z of its voxel centres along the body, or None where not known.
    rank: 1 for what is screened (several series if they are stations), 2 for the next best, and so on;
    None for what cannot be screened.
    """

    uid: str
    number: str
    description: str
    modality: str
    body_part: str
    slices: int
    rows: int
    columns: int
    spacing_mm: tuple[float, float, float] | None
    position_mm: tuple[float, float] | None
    chosen: bool
    reason: str
    rank: int | None = None


_MINUS = re.compile(r"(?<!\S)-(?=\d)")
"""A hyphen that stands for a minus: before a number, after a space."""


@dataclass(frozen=True)
class Remark:
    """Something a reader of the result should know; `code` is stable, `text` is a sentence."""

    code: str
    text: str

    @property
    def sentence(self) -> str:
        """The text with a capital, a full stop and true minus signs, for people; a first word that is a name
        stays."""
        first = self.text.split(" ", 1)[0]
        capital = self.text[:1].upper() if first.isalpha() else self.text[:1]
        end = "" if self.text.endswith((".", "!", "?")) else "."
        return _MINUS.sub("−", f"{capital}{self.text[1:]}{end}")


@dataclass(frozen=True)
class Origin:
    """Where the study came from.

    paths: the files whose pixels make the volume, ordered as the volume's slices for a classic series,
    station after station for several. They may lie in a temporary folder for zip archives, which lives
    as long as the Study (`keep_alive`).
    station_series: one tuple of file paths for each source series (one a block for CT, one a station for MR).
    files: what became of each file that lies there.
    sources: the frames of each of these series with its header, as they were parsed; () unless DICOM.
    Reports take what they need of the source from here and open no file again.
    """

    location: Path
    format: Format
    paths: tuple[Path, ...]
    station_series: tuple[tuple[Path, ...], ...] = ()
    series: tuple[SeriesSummary, ...] = ()
    files: tuple[FileRecord, ...] = ()
    sources: tuple[SourceSeries, ...] = ()
    keep_alive: object = None


@dataclass(frozen=True, eq=False)
class Study:
    """One screenable examination on one grid.

    Attributes
    ----------
    name
        How it is called: its folder or file.
    modality
        CT or MR.
    volume
        (slice, row, column). CT: Hounsfield units, int16, rescale applied, clipped to [-1024, 32767]. MR:
        arbitrary signal, int16 or float32, rescale applied, stations merged into one grid.
    identity
        Patient and study as the headers name them.
    origin
        The files that it was read from, and what became of each.
    laterality
        The side if the headers say that only one leg was examined, else None.
    synthetic
        The header marks the study as synthetic (Quality Control Image, or a phantom of ours).
    remarks
        What was repaired, left out or doubtful.
    """

    name: str
    modality: Modality
    volume: Volume
    identity: Identity
    origin: Origin
    laterality: Side | None = None
    synthetic: bool = False
    remarks: tuple[Remark, ...] = ()
