"""The files of a DICOM folder or DICOMDIR, and their headers."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepvein.core.errors import StudyError
from deepvein.core.progress import Progress, silent
from deepvein.studies.dicom.frame import Instance
from deepvein.studies.dicom.header import Header, looks_like_dicom, read_header
from deepvein.studies.dicom.values import text

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
DICOMDIR_NAME = "a DICOMDIR"
ARCHIVE = "a zip archive"
OTHER_ARCHIVE = "an archive (tar, 7z, rar, iso)"
_IMAGE_SUFFIXES = (".dcm", ".dicom", ".ima", ".dc3", ".acr")
_WRAPPERS = (".gz", ".bz2", ".xz", ".zst", ".part", ".filepart", ".partial", ".crdownload", ".tmp")
"""Endings of files that are packed, or whose copy was broken off."""
_SHOW_EVERY = 20


@dataclass(frozen=True, eq=False)
class Look:
    """What lies in files: the headers of all that are DICOM, or should be and cannot be read (see
    `Header.trouble`), and the other files with a word on what they are."""

    headers: tuple[Header, ...]
    others: tuple[tuple[Path, str], ...] = ()


def files_below(folder: Path) -> tuple[Path, ...]:
    """All files below a folder in a fixed order; hidden folders are passed over.

    A folder that cannot be entered stands among them itself, so that it is not passed over in silence.
    Links to folders are followed, as data stores are made of them, but each folder is entered once, and
    never one that holds `folder` itself: so no loop of links can catch the walk.
    """
    return tuple(_walk(folder))


def _walk(folder: Path) -> Iterator[Path]:
    top = os.path.realpath(folder)
    entered = {top}
    closed: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=closed.append, followlinks=True):
        below = []
        for name in sorted(folders):
            actual = os.path.realpath(os.path.join(root, name))
            holds_top = Path(top).is_relative_to(actual)
            if name.startswith(".") or actual in entered or holds_top:
                continue
            entered.add(actual)
            below.append(name)
        folders[:] = below
        yield from (Path(root, name) for name in sorted(names))
    yield from (Path(str(error.filename)) for error in closed)


def is_dicom(path: Path) -> bool:
    """True if the first bytes of a file look like DICOM."""
    try:
        with path.open("rb") as file:
            return looks_like_dicom(file)
    except OSError:
        return False


def look_into(paths: Iterable[Path], progress: Progress = silent, *, listed: bool = False) -> Look:
    """The headers of `paths`, in their order, and what the other files are.

    A file that is not DICOM counts as one that cannot be read if its name is like that of an image: by
    its suffix, or because it differs only in numbers from the names of files that are DICOM; where a
    DICOMDIR has `listed` the paths, always. Beside images that holds also for one that is packed by itself
    or was copied in part (`IM7.dcm.gz`, `IM7.dcm.part`), unless it is there as it should be, too.
    """
    every = tuple(paths)
    found: dict[Path, Header | None] = {}
    for done, path in enumerate(every):
        if done % _SHOW_EVERY == 0:
            progress("reading headers", done, len(every))
        found[path] = None if _is_beside(path) else read_header(path)
    progress("reading headers", len(every), len(every))
    patterns = {_pattern(path) for path, header in found.items() if header is not None}
    headers, others = [], []
    for path, header in found.items():
        if header is not None and header.sop_class == DICOMDIR_CLASS:
            others.append((path, DICOMDIR_NAME))
        elif header is not None:
            headers.append(header)
        elif listed or _is_called_image(path, patterns) or _is_wrapped_image(path, patterns, found):
            headers.append(Header(Instance(path), trouble=_why_not_dicom(path)))
        else:
            others.append((path, _what(path)))
    return Look(tuple(headers), tuple(others))


def _is_beside(path: Path) -> bool:
    """True for what must not be opened: hidden files, and pipes and devices, which may never answer."""
    if path.name.startswith("."):
        return True
    try:
        return stat.S_IFMT(path.stat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR)
    except OSError:
        return False


def read_headers(paths: Iterable[Path], progress: Progress = silent) -> tuple[Header, ...]:
    """The headers alone, see `look_into`."""
    return look_into(paths, progress).headers


def _pattern(path: Path) -> str:
    """A name in which numbers, also hexadecimal ones, do not matter."""
    return re.sub(r"[0-9a-f]*[0-9][0-9a-f]*", "#", path.name.lower())


def _is_called_image(path: Path, patterns: set[str]) -> bool:
    if _is_beside(path):
        return False
    return path.suffix.lower() in _IMAGE_SUFFIXES or _pattern(path) in patterns


def _is_wrapped_image(path: Path, patterns: set[str], found: Mapping[Path, Header | None]) -> bool:
    """True for an image beside others that is packed or not copied whole and not there otherwise."""
    inner = path.with_suffix("")
    wrapped = path.suffix.lower() in _WRAPPERS and found.get(inner) is None and bool(patterns)
    return wrapped and not _is_beside(path) and _is_called_image(inner, patterns)


def _why_not_dicom(path: Path) -> str:
    if path.suffix.lower() in _WRAPPERS:
        return "it is packed, or was not copied whole"
    if path.stat().st_size == 0:
        return "it is empty"
    return "it is not DICOM, or its beginning is damaged"


def _what(path: Path) -> str:
    if path.name.startswith("."):
        return "a hidden file"
    if _is_beside(path):
        return "a pipe or device"
    if path.suffix.lower() == ".zip":
        return ARCHIVE
    if is_archive(path):
        return OTHER_ARCHIVE
    if path.suffix.lower() == ".gz":
        return "packed by gzip"
    return "not DICOM"


def is_archive(path: Path) -> bool:
    """True for what is called like an archive that is not opened here."""
    return (
        re.search(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|7z|rar|iso|dmg)$", path.name.lower()) is not None
    )


def is_dicomdir(path: Path) -> bool:
    """Whether a file is a DICOMDIR, whatever it is called."""
    header = read_header(path) if path.is_file() and is_dicom(path) else None
    return header is not None and header.sop_class == DICOMDIR_CLASS


def dicomdir_files(path: Path) -> tuple[Path, ...]:
    """The files that a DICOMDIR lists, in its order.

    Raises StudyError if it cannot be read, names files that are not there, or names one outside its folder.
    """
    there, lost = listed_files(path)
    if lost:
        raise StudyError(
            f"the DICOMDIR {path} lists {len(lost)} file(s) that are not there under these names, first "
            f"{next(iter(lost))}; copy the whole medium, or give its folder instead"
        )
    return there


def listed_files(path: Path) -> tuple[tuple[Path, ...], dict[Path, str]]:
    """Of the files that a DICOMDIR lists, in its order, those that are there, and those that are not with the
    SOP Instance UID that it gives for them.

    Copies may have lost capitals, blanks and versions (`;1`) of names or have got the suffix .dcm. Raises
    StudyError if it cannot be read or names a file outside its folder.
    """
    from pydicom.filereader import dcmread

    try:
        records = dcmread(path).DirectoryRecordSequence
        listed = [
            (record.get("ReferencedFileID"), text(record, "ReferencedSOPInstanceUIDInFile"))
            for record in records
        ]
    except Exception as error:
        raise StudyError(f"the DICOMDIR {path} is damaged: give its folder instead") from error
    root = path.parent.resolve()
    below = [(file.relative_to(root).as_posix().lower(), file) for file in files_below(root)]
    actual = {name.removesuffix(".dcm"): file for name, file in below} | dict(below)
    out: list[Path] = []
    lost: dict[Path, str] = {}
    for entry, uid in listed:
        if not entry:
            continue
        parts = [entry] if isinstance(entry, str) else [str(part) for part in entry]
        wanted = root.joinpath(*parts)
        if not Path(os.path.normpath(wanted)).is_relative_to(root):
            raise StudyError(f"the DICOMDIR {path} names {'/'.join(parts)}, outside its folder")
        plain = "/".join(re.sub(r";\d+$", "", part.strip()) for part in parts).lower()
        found = wanted if wanted.is_file() else actual.get(plain)
        if found:
            out.append(found)
        else:
            lost[wanted] = uid
    return tuple(out), lost


def without_copies(headers: Sequence[Header]) -> tuple[tuple[Header, ...], dict[Path, Path]]:
    """`headers` without files that are byte for byte copies of an earlier one, and which copy of which."""
    alike: dict[tuple[object, ...], list[Header]] = {}
    for header in headers:
        if header.usable:
            place = header.frames[0].position
            key = (header.instance.sop_instance, header.series_uid, header.number, place)
            alike.setdefault((*key, header.path.stat().st_size), []).append(header)
    copies: dict[Path, Path] = {}
    for members in alike.values():
        first: dict[bytes, Path] = {}
        for header in members if len(members) > 1 else ():
            original = first.setdefault(_digest(header.path), header.path)
            if original != header.path:
                copies[header.path] = original
    return tuple(header for header in headers if header.path not in copies), copies


def _digest(path: Path) -> bytes:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
