"""Small sound files of every format that is read, to be damaged: drawn, so that nothing is kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from deepvein.studies.nifti import write_nifti
from deepvein.volumes.volume import Volume
from unit.studies import making
from unit.studies.masks.test_reading import nrrd
from unit.studies.masks.test_rtstruct import INNER, OUTER, rtstruct
from unit.studies.masks.test_seg import segmentation

GRID = making.grid_of(making.SHAPE)


@dataclass(frozen=True)
class Seed:
    """make: writes the files into an empty folder; whole: the folder is given to the reader, not its first
    file; mask: it is read onto `GRID` as a mask, else as a study of `modality`."""

    make: Callable[[Path], object]
    whole: bool = False
    mask: bool = False
    modality: str | None = None


def _series(folder: Path, syntax: str = ExplicitVRLittleEndian, modality: str = "CT") -> None:
    array = making.ramp(making.SHAPE, 0)
    many = making.datasets(GRID, array, modality, frame="1.9", ContrastBolusAgent="I")
    making.save_all(many, folder, syntax=syntax)


def _run_length(folder: Path) -> None:
    _series(folder)
    for path in folder.iterdir():
        one = dcmread(path)
        one.compress(RLELossless, encoding_plugin="pydicom")
        one.save_as(path)


def _jpeg_2000(folder: Path) -> None:
    _series(folder)
    for path in folder.iterdir():
        one, packed = dcmread(path), io.BytesIO()
        Image.fromarray(one.pixel_array.astype(np.uint16)).save(packed, "JPEG2000", no_jp2=True)
        one.PixelData = encapsulate([packed.getvalue()])
        one["PixelData"].VR, one["PixelData"].is_undefined_length = "OB", True
        one.file_meta.TransferSyntaxUID = JPEG2000Lossless
        one.save_as(path)


def _enhanced(folder: Path) -> None:
    array = making.ramp(making.SHAPE, 0)
    making.save(making.enhanced(GRID, array, slopes=[2.0] * len(array)), folder / "e.dcm")


def _zip(folder: Path) -> None:
    _series(folder / "in")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((folder / "in").iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
            path.unlink()
    (folder / "in").rmdir()


def _image(name: str, compressed: bool = False) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        image = sitk.GetImageFromArray(making.ramp(making.SHAPE))
        sitk.WriteImage(image, str(folder / name), compressed)

    return make


def _nifti(name: str) -> Callable[[Path], None]:
    return lambda folder: write_nifti(Volume(making.ramp(making.SHAPE), GRID), folder / name)


def _segmentation(folder: Path) -> None:
    _series(folder / "image")
    blobs = making.two_blobs(GRID).array
    segmentation(folder / "image", blobs, "BINARY").save_as(folder / "a.dcm")
    for path in (folder / "image").iterdir():
        path.unlink()
    (folder / "image").rmdir()


def _contours(folder: Path) -> None:
    rtstruct(folder / "a.dcm", GRID, [(2, OUTER), (2, INNER), (3, INNER)], frame="1.9")


SEEDS = {
    "series": Seed(_series, whole=True),
    "implicit": Seed(lambda folder: _series(folder, ImplicitVRLittleEndian), whole=True),
    "deflated": Seed(lambda folder: _series(folder, DeflatedExplicitVRLittleEndian), whole=True),
    "run-length": Seed(_run_length, whole=True),
    "jpeg-2000": Seed(_jpeg_2000, whole=True),
    "mr": Seed(lambda folder: _series(folder, modality="MR"), whole=True),
    "enhanced": Seed(_enhanced, whole=True),
    "zip": Seed(_zip),
    "nifti": Seed(_nifti("a.nii"), modality="CT"),
    "nifti-gz": Seed(_nifti("a.nii.gz"), modality="MR"),
    "nrrd": Seed(_image("a.nrrd"), modality="CT"),
    "nrrd-gz": Seed(_image("a.nrrd", True), modality="MR"),
    "nhdr": Seed(_image("a.nhdr"), modality="CT"),
    "mask-nifti": Seed(
        lambda folder: write_nifti(making.two_blobs(GRID), folder / "m.nii.gz"), mask=True
    ),
    "mask-nrrd": Seed(
        lambda folder: nrrd(folder / "m.seg.nrrd", making.two_blobs(GRID), Segment0_LabelValue="1"),
        mask=True,
    ),
    "mask-seg": Seed(_segmentation, mask=True),
    "mask-rtstruct": Seed(_contours, mask=True),
}
"""By the name of the format."""
