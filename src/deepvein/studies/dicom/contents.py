"""What lies at a location that holds DICOM: a folder, a DICOMDIR, a zip archive or one file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from deepvein.core.errors import StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.archive import Extracted, extract, is_zip
from deepvein.studies.dicom.dates import without_scattered
from deepvein.studies.dicom.examination import Examination, examinations
from deepvein.studies.dicom.files import (
    DICOMDIR_NAME,
    OTHER_ARCHIVE,
    Look,
    dicomdir_files,
    files_below,
    is_archive,
    is_dicomdir,
    listed_files,
    look_into,
    read_headers,
    without_copies,
)
from deepvein.studies.dicom.header import Header
from deepvein.studies.dicom.twins import without_twins
from deepvein.studies.location import printable
from deepvein.studies.nifti import is_nifti
from deepvein.studies.nrrd import is_nrrd

MOST_NAMES = 5
"""Files that a sentence lists by name."""

_LEVELS = 3
"""Folders between a study and the DICOMDIR of its medium: patient, study and series at most."""


@dataclass(frozen=True, eq=False)
class Contents:
    """The files at a location, each of them in one of these.

    headers: files that are DICOM or should be; copies: files that are the same as another one, and
    which; twins: images that another one shows as well, under another UID, and which; others: the rest,
    with a word on what each is. lost: files that a DICOMDIR lists and that are not there; unlisted: images
    beside a DICOMDIR that it does not list. root: the folder that names are given from; extracted: the
    archive, if it was one.
    """

    root: Path
    headers: tuple[Header, ...]
    copies: dict[Path, Path] = field(default_factory=dict)
    twins: dict[Path, Path] = field(default_factory=dict)
    others: tuple[tuple[Path, str], ...] = ()
    lost: tuple[Path, ...] = ()
    unlisted: tuple[Header, ...] = ()
    extracted: Extracted | None = None

    @cached_property
    def examinations(self) -> tuple[Examination, ...]:
        """The examinations that its images belong to, in the order met."""
        return examinations(self.headers)

    @property
    def unreadable(self) -> tuple[Header, ...]:
        """Files that should be DICOM and cannot be used."""
        return tuple(header for header in self.headers if header.trouble)

    def name(self, path: Path) -> str:
        """How people know a file: where it lies below the root."""
        try:
            return printable(path.relative_to(self.root).as_posix())
        except ValueError:
            return printable(str(path))

    def names(self, paths: Iterable[Path]) -> str:
        """A few names as a list, and how many there are beside them."""
        every = [self.name(path) for path in paths]
        more = f" and {len(every) - MOST_NAMES} more" if len(every) > MOST_NAMES else ""
        return ", ".join(every[:MOST_NAMES]) + more


def contents(path: Path, progress: Progress = silent) -> Contents:
    """What lies at `path`; raises StudyError if there is no DICOM at all."""
    extracted, listed = None, False
    beside: Sequence[Path] = ()
    root = path if path.is_dir() else path.parent
    if path.is_dir():
        files: Sequence[Path] = files_below(path)
    elif is_zip(path):
        extracted = extract(path)
        root = extracted.folder
        files = files_below(root)
    elif is_dicomdir(path):
        root, listed = path.parent.resolve(), True
        files = dicomdir_files(path)
        known = set(files)
        beside = [file for file in files_below(root) if file not in known]
    else:
        files = (path,)
    look = look_into(files, progress, listed=listed)
    if not look.headers:
        raise StudyError(_empty(path, files))
    whole, copies = without_copies(look.headers)
    headers, twins = without_twins(whole)
    unlisted = tuple(header for header in read_headers(beside) if header.usable)
    lost = _lost(root, look)
    headers = without_scattered(headers)
    return Contents(root, headers, copies, twins, look.others, lost, unlisted, extracted)


def _lost(root: Path, look: Look) -> tuple[Path, ...]:
    """What DICOMDIRs in a folder or above it list within the folder and is not there, under any name.

    A DICOMDIR that is damaged says nothing.
    """
    top = root.resolve()
    there = {header.instance.sop_instance for header in look.headers} - {""}
    directories = [path for path, what in look.others if what == DICOMDIR_NAME]
    above = [folder / "DICOMDIR" for folder in top.parents[:_LEVELS]]
    out: dict[Path, None] = {}
    for path in (*directories, *(file for file in above if file.is_file())):
        try:
            lost = listed_files(path)[1]
        except StudyError:
            continue
        for file, uid in lost.items():
            if file.is_relative_to(top) and uid not in there:
                out[root / file.relative_to(top)] = None
    return tuple(out)


def _empty(path: Path, files: Sequence[Path]) -> str:
    """Why there is no DICOM at `path`, and what there is."""
    images = [file for file in files if is_nifti(file) or is_nrrd(file)]
    zipped = [file for file in files if file.suffix.lower() == ".zip"]
    packed = [file for file in files if file.suffix.lower() == ".gz"]
    archives = [file for file in files if is_archive(file)]
    if any(map(is_dicomdir, files)):
        told = "holds a DICOMDIR, and none of the images that it lists; copy the whole medium"
    elif archives:
        told = f"holds no DICOM, but {OTHER_ARCHIVE}, {archives[0].name}, which is not opened: unpack it"
    elif path.is_dir() and images:
        told = f"holds no DICOM, but {len(images)} NIfTI or NRRD file(s): each is a study, give one"
    elif zipped:
        told = f"holds no DICOM, but {len(zipped)} zip archive(s), first {zipped[0].name}: unpack and give that"
    elif packed:
        told = f"holds files packed by gzip, first {packed[0].name}: unpack them"
    elif not path.is_dir():
        told = "holds nothing that can be read as DICOM"
    elif not files:
        told = "is an empty folder or holds no DICOM; give the folder that holds the images"
    else:
        return f"none of the {len(files)} files in {path} is DICOM that can be read, first {files[0].name}"
    return f"{path} {told}"
