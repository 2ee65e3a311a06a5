"""NRRD files (.nrrd, detached .nhdr), read by SimpleITK after their geometry has been checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepvein.core.errors import GeometryError, StudyError
from deepvein.studies.guard import DecodingError, Limits, guarded
from deepvein.studies.inflation import require_inflatable
from deepvein.studies.nifti import MOST_VOXELS
from deepvein.studies.plausible import plausible
from deepvein.studies.surplus import surplus
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SUFFIXES = (".nrrd", ".nhdr")
_SPACES = (
    "left-posterior-superior",
    "lps",
    "right-anterior-superior",
    "ras",
    "left-anterior-superior",
    "las",
)
"""Patient spaces that ITK turns into LPS; scanner spaces do not say how the patient lay."""

_TO_MM = {"": 1.0, "mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "µm": 0.001, "micron": 0.001}
"""Units of the space axes; ITK takes millimetres, whatever the file says."""

_BYTES = {
    word: size
    for size, words in (
        (1, "signed char,int8,int8_t,uchar,unsigned char,uint8,uint8_t"),
        (2, "short,short int,signed short,signed short int,int16,int16_t"),
        (2, "ushort,unsigned short,unsigned short int,uint16,uint16_t"),
        (4, "int,signed int,int32,int32_t,uint,unsigned int,uint32,uint32_t,float"),
        (8, "longlong,long long,long long int,signed long long,int64,int64_t,double"),
        (8, "ulonglong,unsigned long long,unsigned long long int,uint64,uint64_t"),
    )
    for word in words.split(",")
}
"""Of a voxel, by the names that NRRD has for types."""

_SECONDS, _BYTES_A_SECOND = 10.0, 2e7
"""Processor time for an empty file, and what is inflated in a second on a slow machine."""

_MEMORY_BYTES, _COPIES = 2 * 2**30, 3
_LONGEST_HEADER = 1 << 20
_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, eq=False)
class Nrrd:
    """grid: where it lies; kind: stored type in NRRD's words; layers: values at each voxel (1 for an
    image); values: the free key/value pairs of the header (3D Slicer keeps segment names there);
    encoding: of its voxels ("raw", "gzip", ...)."""

    path: Path
    grid: Grid
    kind: str
    layers: int
    values: Mapping[str, str]
    encoding: str = ""


def is_nrrd(path: Path) -> bool:
    """Whether a path ends as NRRD files do."""
    return path.name.lower().endswith(SUFFIXES)


def read_nrrd_header(path: Path) -> Nrrd:
    """The header of a NRRD file.

    Raises StudyError if it is damaged, and GeometryError if it does not say where the image lies in the
    patient (space, space directions and space origin), or if it is sheared.
    """
    fields, values = _fields(path)
    layers = _require_complete(fields, path)
    try:
        told = guarded(information, path=str(path))
    except DecodingError as error:
        raise StudyError(f"{path} cannot be read as NRRD: {_told(error)}") from error
    if len(told["size"]) != 3:
        raise StudyError(f"{path} has {len(told['size'])} dimensions; three are needed")
    try:
        grid = _grid(told, _scale(fields))
    except GeometryError as error:
        raise GeometryError(f"{path}: {error}") from error
    encoding = fields.get("encoding", "").lower()
    return Nrrd(path, plausible(grid, str(path)), fields.get("type", ""), layers, values, encoding)


def read_nrrd(path: Path) -> Volume:
    """The image of a NRRD file on its LPS grid, in the stored type; errors as in `read_nrrd_header`."""
    header = read_nrrd_header(path)
    if header.layers != 1:
        raise StudyError(f"{path} holds {header.layers} values a voxel; one image is needed")
    return Volume(read_layers(header), header.grid)


def read_layers(header: Nrrd) -> Any:
    """The voxels: (slice, row, column), with a last axis of layers where there are several."""
    size = int(np.prod(header.grid.shape, dtype=object)) * header.layers * 8
    if header.encoding not in ("raw", "") and header.path.suffix.lower() == ".nrrd":
        require_inflatable(header.path, size // 8)
    limits = Limits(_SECONDS + size / _BYTES_A_SECOND, _MEMORY_BYTES + _COPIES * size)
    try:
        return guarded(voxels, limits, path=str(header.path))
    except DecodingError as error:
        raise StudyError(f"the voxels of {header.path} cannot be read: {_told(error)}") from error


def surplus_of_nrrd(path: Path) -> str:
    """A sentence on bytes behind the voxels (see `surplus`), empty where there are none, and where
    voxels do not begin behind the header or lie in several files; errors as in `read_nrrd_header`."""
    header = read_nrrd_header(path)
    fields = {key.replace(" ", ""): value for key, value in _fields(path)[0].items()}
    files = data_files(path)
    size = _BYTES.get(header.kind.lower())
    skips = any(fields.get(key, "0") != "0" for key in ("byteskip", "lineskip"))
    if size is None or skips or header.encoding not in ("raw", "gzip", "gz"):
        return ""
    if path.suffix.lower() == ".nhdr" and len(files) != 1:
        return ""
    size *= int(np.prod(header.grid.shape, dtype=object)) * header.layers
    begin = 0 if files else _header_bytes(path)
    packed = header.encoding != "raw"
    where = files[0] if files else path
    part = size // header.grid.shape[0]
    return surplus(where, 0 if packed else begin, size, part=part, packed=packed, skipped=begin)


def information(path: str) -> dict[str, list[float]]:
    """What ITK understands of the header: size, spacing, origin and direction, in (x, y, z)."""
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(path)
    reader.ReadImageInformation()
    return {
        "size": list(reader.GetSize()),
        "spacing": list(reader.GetSpacing()),
        "origin": list(reader.GetOrigin()),
        "direction": list(reader.GetDirection()),
    }


def voxels(path: str) -> Any:
    """The stored values, (slice, row, column, layer)."""
    import SimpleITK as sitk

    return sitk.GetArrayFromImage(sitk.ReadImage(path))


def data_files(path: Path) -> tuple[Path, ...]:
    """The files with the voxels of a detached header (.nhdr) that are there; none for a .nrrd.

    A pattern or a list of names stands for all files of the header's folder. StudyError as for the header.
    """
    name = next((v for k, v in _fields(path)[0].items() if k.replace(" ", "") == "datafile"), None)
    if name is None:
        return ()
    if name.upper().startswith("LIST") or "%" in name:
        return tuple(sorted(entry for entry in path.parent.iterdir() if entry.is_file()))
    found = path.parent / name
    return (found,) if found.is_file() else ()


def _scale(fields: Mapping[str, str]) -> list[float]:
    """Millimetres in a unit of each space axis; GeometryError for a unit that is no length."""
    words = re.findall(r'"([^"]*)"', fields.get("space units", ""))
    units = [word.strip().replace("μ", "µ") for word in words] or ["mm"] * 3
    wrong = [unit for unit in units if unit not in _TO_MM]
    if wrong or len(units) != 3:
        raise GeometryError(
            f"the space units are {fields['space units']}; three lengths in mm, cm, m or um are needed"
        )
    return [_TO_MM[unit] for unit in units]


def _grid(told: Mapping[str, Sequence[float]], scale: Sequence[float]) -> Grid:
    columns, rows, slices = (int(count) for count in told["size"])
    affine = np.eye(4)
    direction = np.reshape(told["direction"], (3, 3))
    affine[:3, :3] = (direction * np.array(told["spacing"]))[:, ::-1]
    affine[:3, 3] = told["origin"]
    affine[:3] *= np.array(scale)[:, None]
    return Grid((slices, rows, columns), affine)


def _fields(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Fields ('sizes: …') and key/value pairs ('name:=…') of the text header."""
    try:
        with path.open("rb") as file:
            start = file.read(_LONGEST_HEADER)
    except OSError as error:
        raise StudyError(f"{path} cannot be opened: {error}") from error
    if not start.startswith(b"NRRD"):
        raise StudyError(f"{path} is not a NRRD file: it does not begin with NRRD")
    text = _END.split(start, maxsplit=1)[0].decode("utf-8", errors="replace")
    fields: dict[str, str] = {}
    values: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        if line.startswith("#"):
            continue
        key, found, value = line.partition(":=")
        if found:
            values[key.strip()] = value.strip()
            continue
        key, found, value = line.partition(":")
        if found:
            fields[key.strip().lower()] = value.strip()
    return fields, values


def _header_bytes(path: Path) -> int:
    """Bytes before the voxels of a file that holds both."""
    with path.open("rb") as file:
        found = _END.search(file.read(_LONGEST_HEADER))
    return found.end() if found else path.stat().st_size


def _require_complete(fields: Mapping[str, str], path: Path) -> int:
    """Layers a voxel, after checking that size and place are given and sane."""
    space = fields.get("space", "").lower().strip('"')
    if space not in _SPACES:
        raise GeometryError(
            f"{path} does not say where it lies in the patient (space: {space or 'none'}); save it in "
            "left-posterior-superior space"
        )
    for needed in ("space directions", "space origin"):
        if needed not in fields or "nan" in fields[needed].lower():
            raise GeometryError(f"{path} has no {needed}; save it again with its geometry")
    try:
        sizes = [int(size) for size in fields.get("sizes", "").split()]
    except ValueError as error:
        raise StudyError(f"{path} has sizes {fields['sizes']!r}, which are not numbers") from error
    if (
        len(sizes) not in (3, 4)
        or min(sizes) < 1
        or int(np.prod(sizes, dtype=object)) > MOST_VOXELS
    ):
        raise StudyError(f"{path} has sizes {sizes}; one three-dimensional image is needed")
    free = [place for place, word in enumerate(_directions(fields)) if word == "none"]
    if len(sizes) == 3 and free:
        raise GeometryError(
            f"{path} gives no direction for axis {free[0] + 1} of 3 (space directions: "
            f"{fields['space directions']}); save it again with its geometry"
        )
    if len(sizes) == 3:
        return 1
    if free != [0]:
        raise StudyError(f"{path} has four axes, and the first is not a list of layers")
    return sizes[0]


def _directions(fields: Mapping[str, str]) -> list[str]:
    return re.findall(r"none|\([^)]*\)", fields["space directions"].lower())


def _told(error: BaseException) -> str:
    """What is wrong with a file that ITK cannot read, from the last line of what it says."""
    told = (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]
    told = re.sub(r"^\[nrrd\] \w+: ", "", told)
    if "not available" in told:
        return "it is packed in a way that is not read; save it uncompressed or with gzip"
    if "couldn't open" in told and "data file" in told:
        return "its data file is not beside it; copy both"
    if "data read error" in told:
        return "its checksum does not fit what it holds, so it was damaged; copy it again"
    if "got only" in told or "end of file" in told.lower() or "EOF" in told:
        return "it ends too early, as a file that was not copied whole; copy it again"
    return told
