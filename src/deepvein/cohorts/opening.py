"""Opening a cohort's images and masks so that single slices can be read without the rest."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from deepvein.cohorts.case import Case
from deepvein.cohorts.promised import present, promise_of
from deepvein.core.errors import CohortError, MaskError
from deepvein.core.files import storage_error, whole_file
from deepvein.studies.study import Modality
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

_OPEN_CASES = 96
"""Cases held open at a time: three file descriptors each, below the usual limit of 1,024."""


@dataclass(frozen=True, eq=False)
class OpenCase:
    """A case with its volumes memory-mapped: (slice, row, column) views that read what is sliced.

    Slices run as networks know them, whatever the order in the files: axial from feet to head for CT,
    coronal from front to back for MR.
    """

    case: Case
    image: Volume
    segments: Volume | None
    thrombi: Volume | None

    @property
    def files(self) -> Case:
        """The case with paths that exist, which lie elsewhere where the cohort only promises its files."""
        return present(self.case)


@lru_cache(maxsize=_OPEN_CASES)
def open_case(case: Case, cache: Path) -> OpenCase:
    """Open the volumes of a case; what is not plain NIfTI is unpacked once into the folder `cache`.

    Images may be anything that `studies.reading` reads, masks anything that `studies.masks` reads. Files
    that the cohort only promises are made first (`cohorts.promised`).

    Raises MaskError if a mask does not lie on the image's grid.
    """
    directions = CORONAL if case.modality is Modality.MR else AXIAL
    files = present(case)
    stored = _open_image(files, cache)
    image = orient(stored, directions)
    masks = {}
    for name, path in (("segments", files.segments), ("thrombi", files.thrombi)):
        mask = None if path is None else orient(_open_mask(path, stored.grid, cache), directions)
        masks[name] = mask
        if mask is not None and not mask.grid.matches(image.grid, tolerance_mm=0.1):
            raise MaskError(
                f"the {name} of case {case.case!r} have the shape {mask.grid.shape} or position that "
                f"does not fit the image's ({image.grid.shape}); write them on the image's grid"
            )
    return OpenCase(case, image, masks["segments"], masks["thrombi"])


def _open_image(case: Case, cache: Path) -> Volume:
    if _is_nifti(case.image):
        return open_volume(case.image, cache)

    def read() -> Volume:
        from deepvein.studies.reading import read_study

        return read_study(case.image, case.modality).volume

    return _kept(case.image, cache, "study", read)


def _open_mask(path: Path, onto: Grid, cache: Path) -> Volume:
    if _is_nifti(path):
        return open_volume(path, cache)

    def read() -> Volume:
        from deepvein.studies.masks import read_mask

        return read_mask(path, onto)

    return _kept(path, cache, "mask", read)


def _is_nifti(path: Path) -> bool:
    return path.is_file() and path.name.endswith((".nii", ".nii.gz"))


def _kept(path: Path, cache: Path, what: str, read: Callable[[], Volume]) -> Volume:
    """What `read` gives, memory-mapped from a copy in `cache` that is made once."""
    from deepvein.studies.nifti import read_nifti, write_nifti

    target = cache / "unpacked" / f"{path.name}-{fingerprint(path)}-{what}.nii"
    if not target.exists():
        write_nifti(read(), target)
    return read_nifti(target, memory_map=True)


def open_volume(path: Path, cache: Path) -> Volume:
    """A memory-mapped NIfTI volume; what cannot be mapped (compressed, scaled) is unpacked once in `cache`."""
    from deepvein.studies.nifti import read_nifti

    if path.name.endswith(".nii.gz"):
        path = _unpacked(path, cache)
    elif path.suffix != ".nii":
        raise CohortError(f"{path.name} is not NIfTI; give a .nii or .nii.gz file")
    volume = read_nifti(path, memory_map=True)
    if isinstance(volume.array, np.memmap):
        return volume
    return _kept(path, cache, "unscaled", lambda: volume)


def fingerprint(path: Path | None) -> str:
    """A short text that changes with the file's path, size or time; `none` for no file.

    For a file that is only promised it changes with all that it will be made from.
    """
    if path is None:
        return "none"
    promise = promise_of(path)
    if promise is not None:
        return f"{promise.key[:16]}-{promise.name}"
    state = path.stat()
    text = f"{path}|{state.st_size}|{state.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _unpacked(path: Path, cache: Path) -> Path:
    target = cache / "unpacked" / f"{path.name.removesuffix('.nii.gz')}-{fingerprint(path)}.nii"
    if not target.exists():
        with whole_file(target) as made, made.open("wb") as sink:
            try:
                with gzip.open(path, "rb") as source:
                    shutil.copyfileobj(source, sink, 1 << 20)
            except (OSError, EOFError, zlib.error) as error:
                if isinstance(error, OSError) and storage_error(error) is not None:
                    raise
                raise CohortError(f"cannot unpack {path}: {error}") from error
    return target
