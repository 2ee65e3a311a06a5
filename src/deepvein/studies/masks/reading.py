"""Reading a mask onto the image that it belongs to, whatever its format."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from deepvein.core.errors import GeometryError, MaskError, StudyError
from deepvein.studies.dicom.files import is_dicom
from deepvein.studies.location import absence
from deepvein.studies.masks.labels import Labels, Region
from deepvein.studies.masks.reader import MASK_READERS, MaskReader
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


def read_mask(path: Path, onto: Grid) -> Volume:
    """The labels of a mask file on the grid `onto`, uint8; see `read_labels`."""
    return read_labels(path, onto).volume


def read_labels(path: Path, onto: Grid, only: Collection[int] | None = None) -> Labels:
    """Read NIfTI, NRRD (also 3D Slicer's .seg.nrrd), DICOM SEG or RTSTRUCT onto the grid of an image.

    Numbers are those of the file: values of NIfTI and NRRD (see `labels.whole_labels` for masks of 0 and
    255 and for soft ones), segment numbers of a SEG, ROI numbers of an RTSTRUCT. A mask on another grid in
    the same space, such as a cropped one, is placed where it lies and sampled at the nearest voxel.

    Parameters
    ----------
    path
        The mask file.
    onto
        Grid of the image.
    only
        Numbers of the regions to read, of a file that names them; by default all.

    Raises
    ------
    MaskError
        The file is damaged, its values are no labels, regions overlap, or the mask cannot belong to the
        image: another frame of reference, no contact, marked voxels outside.
    """
    with _errors_of_masks():
        return reader_of_mask(path).read(path, onto, only)


def read_regions(path: Path) -> tuple[Region, ...]:
    """What a mask file says that it marks; empty where it names nothing. Raises MaskError if damaged."""
    with _errors_of_masks():
        return reader_of_mask(path).regions(path)


def reader_of_mask(path: Path) -> MaskReader:
    """The reader for a mask file; raises MaskError if none takes it."""
    if path.is_dir():
        raise MaskError(f"the mask {path} is a folder; give the file in it that holds the mask")
    if not path.is_file():
        raise MaskError(f"the mask {path} {absence(path)}")
    for name in MASK_READERS.names():
        reader = MASK_READERS.get(name)
        if reader.accepts(path):
            return reader
    if is_dicom(path):
        raise MaskError(
            f"{path} is DICOM of modality {_modality(path)}; a mask is a SEG or an RTSTRUCT"
        )
    raise MaskError(
        f"{path} is neither NIfTI, NRRD nor DICOM (SEG or RTSTRUCT); save it as .nii.gz or .nrrd"
    )


def _modality(path: Path) -> str:
    from pydicom.filereader import dcmread

    try:
        return str(dcmread(path, stop_before_pixels=True, force=True).get("Modality") or "unknown")
    except Exception as error:
        raise MaskError(f"{path} cannot be read as DICOM; copy it again") from error


@contextmanager
def _errors_of_masks() -> Iterator[None]:
    """Refusals of image readers become MaskErrors, and libraries keep their warnings to themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (GeometryError, StudyError) as error:
            raise MaskError(f"the mask cannot be used: {error}") from error
