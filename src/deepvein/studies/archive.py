"""Unpacking zip archives that come from outside."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import weakref
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deepvein.core.errors import DeepveinError, StudyError
from deepvein.core.files import stage, storage_error

_CHUNK = 1 << 20
_SMALL = 1 << 20
_FOLDER_BIT = 0x10
"""Of MS-DOS, in the attributes of an entry."""
_ENCRYPTED = 0x1
"""Of the flags of an entry."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_OTHERS = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x1f\x8b": "packed by gzip",
    b"\xfd7zXZ": "packed by xz",
    b"BZh": "packed by bzip2",
}
"""How files begin that are called .zip and are not."""
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class ArchiveSettings:
    """Bounds of what an archive may unpack to.

    most_bytes: in all; most_files: in all; most_ratio: unpacked to packed size of one entry above 1 MB
    (images of air reach about 100, a bomb is beyond 1000).
    """

    most_bytes: int = 32 * 2**30
    most_files: int = 100_000
    most_ratio: float = 400.0


@dataclass(frozen=True, eq=False)
class Extracted:
    """An unpacked archive; its folder is removed when this object is no longer used."""

    folder: Path
    archive: Path
    _held: ExitStack

    def __post_init__(self) -> None:
        weakref.finalize(self, self._held.close)


def is_zip(path: Path) -> bool:
    """True for a file that is called .zip or starts like one."""
    if not path.is_file():
        return False
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def extract(path: Path, settings: ArchiveSettings | None = None) -> Extracted:
    """Unpack a zip archive into a temporary folder.

    Entries of one name, as viewers make them that flatten folders, become files beside one another
    ("IM1", "IM1~2"). Raises StudyError, and leaves nothing behind, for archives that are damaged or
    encrypted, hold links or entries that would leave the folder, or unpack to more than `settings` allow;
    sizes are counted while unpacking, whatever the directory of the archive claims. OutputError where the
    disk of temporary files is full.
    """
    limits = settings or ArchiveSettings()
    # A killed run leaves images of patients behind, which the next one clears away.
    with ExitStack() as held:
        folder = held.enter_context(stage(Path(tempfile.gettempdir()).resolve()))
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, path, folder, limits)
        except StudyError:
            raise
        # Damaged archives make zipfile and its codecs raise nearly anything.
        except Exception as error:
            if storage_error(error) is not None:
                raise  # no fault of the archive: `stage` says so
            raise StudyError(f"{path} cannot be unpacked: {_told(path, error)}") from error
        return Extracted(folder, path, held.pop_all())


def _unpack(archive: zipfile.ZipFile, path: Path, folder: Path, limits: ArchiveSettings) -> None:
    entries = [entry for entry in archive.infolist() if not _is_folder(entry)]
    if not entries:
        raise StudyError(f"{path} is an empty archive")
    if len(entries) > limits.most_files:
        raise StudyError(f"{path} holds {len(entries)} files, more than {limits.most_files}")
    for entry in entries:
        why = _locked(entry)
        if why:
            raise StudyError(
                f"{path} cannot be unpacked: {why}; unpack it yourself and give the folder"
            )
    total = 0
    for entry in entries:
        target = _free(_target(entry, path, folder))
        target.parent.mkdir(parents=True, exist_ok=True)
        written = 0
        with archive.open(entry) as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                total += len(chunk)
                if written > _SMALL and written > limits.most_ratio * max(1, entry.compress_size):
                    raise StudyError(
                        f"{path}: {entry.filename} unpacks to more than {limits.most_ratio:.0f} times its "
                        "size, as a zip bomb does"
                    )
                if total > limits.most_bytes:
                    raise StudyError(
                        f"{path} unpacks to more than {limits.most_bytes / 2**30:.1f} GB; unpack it yourself "
                        "and give the folder"
                    )
                out.write(chunk)


def _locked(entry: zipfile.ZipInfo) -> str:
    """Why an entry cannot be opened although nothing is wrong with it, else empty."""
    if entry.flag_bits & _ENCRYPTED:
        return f"{entry.filename} is locked by a password"
    if entry.compress_type not in _METHODS:
        return (
            f"{entry.filename} is packed by method {entry.compress_type} (9 is Deflate64, by which Windows "
            "packs large folders), which is not read"
        )
    return ""


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """True also for folders that a program packed without the slash behind their names."""
    marked = entry.external_attr & _FOLDER_BIT or stat.S_ISDIR(entry.external_attr >> 16)
    return entry.is_dir() or (entry.file_size == 0 and bool(marked))


def _told(path: Path, error: Exception) -> str:
    if path.stat().st_size == 0:
        return "it is empty; pack it again"
    if isinstance(error, OSError) and error.strerror:
        # Its path is that of a folder which is gone when this is read.
        return f"{error.strerror} ({Path(str(error.filename)).name[:80]}); pack it again"
    told = (str(error).splitlines() or [type(error).__name__])[0]
    with path.open("rb") as file:
        start = file.read(6)
    other = next((name for mark, name in _OTHERS.items() if start.startswith(mark)), "")
    if other:
        return f"it is {other}, whatever it is called: unpack it and give the folder"
    if told == "File is not a zip file":
        told = "the table of its contents at its end is missing, as in a file that was not copied whole"
    return f"{told}; pack it again"


def _free(target: Path) -> Path:
    """`target`, or a name like it that is not taken."""
    free, number = target, 2
    while os.path.lexists(free):
        free, number = target.with_name(f"{target.stem}~{number}{target.suffix}"), number + 1
    return free


def _target(entry: zipfile.ZipInfo, path: Path, folder: Path) -> Path:
    name = entry.filename.replace("\\", "/")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise StudyError(
            f"{path} holds the link {entry.filename}; only plain files can be unpacked"
        )
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or _DRIVE.match(name) or "\0" in name:
        raise StudyError(
            f"{path}: the entry {entry.filename} would leave the folder it is unpacked to"
        )
    # A colon is plain text elsewhere (a time in a folder's name), but no file of Windows may bear one.
    target = (folder / name.replace(":", "_")).resolve()
    if not target.is_relative_to(folder):
        raise StudyError(
            f"{path}: the entry {entry.filename} would leave the folder it is unpacked to"
        )
    return target


@contextmanager
def telling(extracted: Extracted | None) -> Iterator[None]:
    """Errors raised within name the archive, not the temporary folder that is gone when they are read."""
    try:
        yield
    except DeepveinError as error:
        if extracted is None or str(extracted.folder) not in str(error):
            raise
        raise type(error)(
            str(error).replace(str(extracted.folder), str(extracted.archive))
        ) from error
