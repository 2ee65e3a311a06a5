"""NIfTI files: the only place where its RAS world and (column, row, slice) arrays are turned."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepvein.core.errors import GeometryError, StudyError
from deepvein.core.files import whole_file
from deepvein.studies.inflation import require_inflatable
from deepvein.studies.plausible import plausible
from deepvein.studies.surplus import surplus
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SUFFIXES = (".nii", ".nii.gz")
MOST_VOXELS = 2**31
"""A header that claims more is taken as damaged: a whole-leg CT of 2,000 slices has 5e8."""

_CHUNK, _MOST_BEHIND = 1 << 20, 1 << 28
"""Bytes behind the voxels are read to reach a checksum, but no more than that."""
_MOST_SCALE = 1e6
_AGREE = 0.5
"""Cosine between an axis of the sform and that of the qform below which they are two axes."""
_SAME_SIZE = 0.05
"""Share by which the lengths of a voxel may differ between them."""
_LABEL_INTENT = 1002
_TO_MM = {"unknown": 1.0, "mm": 1.0, "meter": 1000.0, "micron": 0.001}
_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_REVERSE = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]], dtype=np.float64)


def is_nifti(path: Path) -> bool:
    """Whether a path ends as NIfTI files do."""
    return path.name.lower().endswith(SUFFIXES)


def read_nifti(path: Path, memory_map: bool = False) -> Volume:
    """The image of a .nii or .nii.gz file, (slice, row, column) = NIfTI (k, j, i), affine in LPS.

    Values are in the stored type, or float32 if the header scales them. With `memory_map` an
    uncompressed, unscaled file is not read but mapped: its array is read-only, in the file's byte order.
    Raises StudyError for files that are damaged, not one 3D image or in colour, and GeometryError if
    neither sform nor qform says where the image lies, or if it is sheared.
    """
    image = _load(path)
    grid = _grid(image, path)
    slope, intercept = _scaling(image, path)
    if path.name.lower().endswith(".gz"):
        values = int(np.prod(image.shape, dtype=object))
        require_inflatable(path, values * image.get_data_dtype().itemsize)
    try:
        if path.name.lower().endswith(".gz"):
            array = _unpacked(path, image)
        elif memory_map and (slope, intercept) == (1.0, 0.0):
            array = np.asanyarray(image.dataobj.get_unscaled())
            array.setflags(write=False)
        else:
            array = np.asarray(image.dataobj.get_unscaled())
        if array.flags.writeable:
            array = array.astype(array.dtype.newbyteorder("="), copy=False)
    except MemoryError as error:
        raise StudyError(f"{path} is too large for the memory of this machine") from error
    except Exception as error:
        raise StudyError(f"the voxels of {path} cannot be read: {_told(path, error)}") from error
    array = array.reshape(array.shape[:3]).transpose(2, 1, 0)
    if (slope, intercept) != (1.0, 0.0):
        array = array * np.float32(slope) + np.float32(intercept)
    return Volume(array, grid)


def read_nifti_grid(path: Path) -> Grid:
    """Only where the image lies; errors as in `read_nifti`."""
    return _grid(_load(path), path)


def surplus_of_nifti(path: Path) -> str:
    """A sentence on bytes behind the voxels (see `surplus`), empty where there are none; errors as in
    `read_nifti`."""
    image = _load(path)
    packed = path.name.lower().endswith(".gz")
    part = _size(image) // image.shape[2]
    return surplus(path, image.dataobj.offset, _size(image), part=part, packed=packed)


def holds_labels(path: Path) -> bool:
    """True if the header says that the values are labels, or if they are bytes; False if unreadable."""
    try:
        header = _load(path).header
    except StudyError:
        return False
    return int(header["intent_code"]) == _LABEL_INTENT or header.get_data_dtype() == np.uint8


def nifti_extensions(path: Path) -> tuple[bytes, ...]:
    """What stands in the header's extensions, each as it is stored. Raises StudyError as `read_nifti`."""
    return tuple(one.content for one in _load(path).header.extensions)


def write_nifti(volume: Volume, path: Path) -> None:
    """Write `volume` as .nii or .nii.gz, whole or not at all; sform and qform both say where it lies.

    bool becomes uint8, float16 and float64 float32; 64-bit integers that fit become int32. Bytes are
    marked as labels. Raises StudyError for another suffix or type, GeometryError for NaN or Inf.
    """
    import nibabel

    if not is_nifti(path):
        raise StudyError(f"{path} must end in .nii or .nii.gz")
    array = _storable(volume.require_finite().array)
    affine = _RAS_TO_LPS @ volume.grid.affine @ _REVERSE
    image = nibabel.Nifti1Image(array.transpose(2, 1, 0), affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    if array.dtype == np.uint8:
        image.header["intent_code"] = _LABEL_INTENT
    with whole_file(path) as made:
        nibabel.save(image, made)


def nifti_header(grid: Grid, dtype: str, slope: float = 1.0, intercept: float = 0.0) -> bytes:
    """The 352 bytes that stand before the voxels of an uncompressed .nii file.

    The voxels follow as `array.astype(dtype).tobytes()` of a (slice, row, column) array in C order; dtype
    names its byte order too, such as "<i2". Real values are stored ones times `slope` plus `intercept`.
    """
    import nibabel

    header = nibabel.Nifti1Header(endianness=dtype[0] if dtype[0] in "<>" else "<")
    affine = _RAS_TO_LPS @ grid.affine @ _REVERSE
    header.set_data_shape(grid.shape[::-1])
    header.set_data_dtype(np.dtype(dtype))
    header.set_xyzt_units("mm")
    header.set_sform(affine, code=1)
    header.set_qform(affine, code=1)
    header["scl_slope"], header["scl_inter"] = slope, intercept
    header["vox_offset"], header["magic"] = 352, b"n+1"
    return bytes(header.binaryblock) + bytes(4)


def _size(image: Any) -> int:
    """Bytes of the voxels."""
    return int(np.prod(image.shape, dtype=object)) * int(image.dataobj.dtype.itemsize)


def _unpacked(path: Path, image: Any) -> NDArray[Any]:
    """The stored values of a packed file, read to its end: there stands the checksum, which nibabel skips."""
    stored = memoryview(bytearray(_size(image)))
    done = 0
    with gzip.open(path) as file:
        file.seek(image.dataobj.offset)
        while done < len(stored):
            count = file.readinto(stored[done:])
            if not count:
                raise EOFError
            done += count
        behind = 0
        try:
            while behind < _MOST_BEHIND and (chunk := file.read(_CHUNK)):
                behind += len(chunk)
        except gzip.BadGzipFile as error:
            # What is no gzip stream behind the end of one is told by `surplus_of_nifti`.
            if not str(error).startswith("Not a gzipped file"):
                raise
    return np.frombuffer(stored, dtype=image.dataobj.dtype).reshape(image.shape, order="F")


def _load(path: Path) -> Any:
    import nibabel

    try:
        with _quiet():
            image = nibabel.load(path)
    except Exception as error:
        raise StudyError(f"{path} cannot be read as NIfTI: {_told(path, error)}") from error
    if not hasattr(image.header, "get_sform"):
        raise StudyError(f"{path} is {type(image).__name__}, not NIfTI-1 or NIfTI-2")
    shape = image.shape
    if image.get_data_dtype().fields or image.get_data_dtype().kind == "c":
        raise StudyError(
            f"{path} holds colours or complex numbers; one grey value a voxel is needed"
        )
    if len(shape) < 3 or any(n != 1 for n in shape[3:]) or min(shape) < 1:
        raise StudyError(f"{path} has shape {shape}; one three-dimensional image is needed")
    if int(np.prod(shape, dtype=object)) > MOST_VOXELS:
        raise StudyError(f"{path} claims {shape} voxels, which is beyond {MOST_VOXELS:.1e}")
    return image


def _told(path: Path, error: Exception) -> str:
    """What is wrong with a file that nibabel cannot read, and what would help."""
    told = (str(error).splitlines() or [""])[0].strip() or type(error).__name__
    try:
        with path.open("rb") as file:
            start = file.read(2)
    except OSError as closed:
        return f"it cannot be opened ({closed.strerror})"
    packed, named_packed = start == b"\x1f\x8b", path.suffix.lower() == ".gz"
    if not start:
        told = "it is empty"
    elif "check failed" in told or told.startswith("Incorrect length"):
        told = "its checksum does not fit what it holds, so it was damaged"
    elif packed != named_packed:
        what, name = ("compressed", ".nii.gz") if packed else ("not compressed", ".nii")
        return f"it is {what} by gzip; call it {name}"
    elif isinstance(error, EOFError) or told.startswith("Expected "):
        told = "it ends too early, as a file that was not copied whole"
    elif told.startswith("Cannot work out file type"):
        told = "it does not begin with a whole NIfTI header"
    return f"{told}; copy it again"


@contextmanager
def _quiet() -> Iterator[None]:
    """nibabel reports what it repairs in a header on stderr; what matters is checked here."""
    from nibabel.imageglobals import logger

    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _grid(image: Any, path: Path) -> Grid:
    header = image.header
    _require_agreement(header, path)
    if int(header["sform_code"]) > 0:
        affine = np.asarray(header.get_sform(), dtype=np.float64)
    elif int(header["qform_code"]) > 0:
        affine = np.asarray(header.get_qform(), dtype=np.float64)
    else:
        raise GeometryError(
            f"{path} does not say where it lies (sform and qform codes are 0); convert it again from DICOM"
        )
    scale = _TO_MM[_unit(header)]
    affine[:3] *= scale
    i, j, k = image.shape[:3]
    try:
        grid = Grid((k, j, i), _RAS_TO_LPS @ affine @ _REVERSE)
    except GeometryError as error:
        raise GeometryError(f"{path}: {error}") from error
    return plausible(grid, str(path))


def _require_agreement(header: Any, path: Path) -> None:
    """GeometryError if sform and qform are both given and an axis of one runs against the other's, or is
    longer.

    Programs differ in which of them they read, so that left and right, or all lengths and volumes, would
    depend on the program. Small turns and shifts between them, as after a registration, are usual.
    """
    if int(header["sform_code"]) <= 0 or int(header["qform_code"]) <= 0:
        return
    try:
        axes = [np.asarray(form)[:3, :3] for form in (header.get_sform(), header.get_qform())]
    except ValueError as error:
        raise GeometryError(f"{path} has a damaged qform ({error}); convert it again") from error
    lengths = [np.linalg.norm(axis, axis=0) for axis in axes]
    cosines = (axes[0] * axes[1]).sum(axis=0) / np.maximum(lengths[0] * lengths[1], 1e-30)
    against = [name for name, cosine in zip("ijk", cosines, strict=True) if not cosine >= _AGREE]
    if against:
        raise GeometryError(
            f"{path} says two things about where left, front and head are: its sform and qform disagree on "
            f"axis {', '.join(against)}; convert it again from DICOM"
        )

    if not np.allclose(lengths[0], lengths[1], rtol=_SAME_SIZE):
        sizes = [" x ".join(f"{mm:.3g}" for mm in each) for each in lengths]
        raise GeometryError(
            f"{path} gives its voxels two sizes: {sizes[0]} by its sform, {sizes[1]} by its "
            "qform; convert it again from DICOM"
        )


def _unit(header: Any) -> str:
    """The unit of length; a code that the standard does not know says as little as none at all."""
    try:
        return str(header.get_xyzt_units()[0])
    except KeyError:
        return "unknown"


def _scaling(image: Any, path: Path) -> tuple[float, float]:
    """Slope and intercept; StudyError for those that are there and cannot be meant. A slope of 0, and NaN for
    both, stand for none."""
    slope, intercept = _told_scaling(image)
    if slope == 0 or (np.isnan(slope) and not (np.isfinite(intercept) and intercept)):
        return 1.0, 0.0
    if not (0 < slope <= _MOST_SCALE and abs(intercept) <= _MOST_SCALE):
        raise StudyError(
            f"{path} scales its values by {slope:g} and adds {intercept:g}; a slope above 0 and values up to "
            f"{_MOST_SCALE:g} can be meant"
        )
    return slope, intercept


def _told_scaling(image: Any) -> tuple[float, float]:
    """What the file says; nibabel keeps from it what it understands."""
    with image.file_map["image"].get_prepare_fileobj("rb") as file:
        header = type(image.header).from_fileobj(file, check=False)
    return float(header["scl_slope"]), float(header["scl_inter"])


def _storable(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == np.bool_:
        return array.view(np.uint8)
    if array.dtype in (np.float16, np.float64):
        return array.astype(np.float32)
    if array.dtype in (np.int64, np.uint64):
        limits = np.iinfo(np.int32)
        if array.size and (array.min() < limits.min or array.max() > limits.max):
            raise StudyError("64-bit integers beyond 32 bits cannot be written as NIfTI")
        return array.astype(np.int32)
    if array.dtype.kind not in "iuf":
        raise StudyError(f"{array.dtype} cannot be written as NIfTI")
    return array
