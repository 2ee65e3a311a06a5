"""DICOM files made by hand, so that tests know what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    EnhancedMRImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    generate_uid,
)

from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.volume import Volume

PRONE = AXIAL * np.array([1.0, -1.0, -1.0])
SAGITTAL = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_ANGLE = np.deg2rad(20)
OBLIQUE = (
    np.array(
        [
            [1, 0, 0],
            [0, np.cos(_ANGLE), -np.sin(_ANGLE)],
            [0, np.sin(_ANGLE), np.cos(_ANGLE)],
        ]
    )
    @ AXIAL
)
FLIPPED = AXIAL * np.array([-1.0, -1.0, 1.0])
ORIENTATIONS = {
    "axial": AXIAL,
    "axial, rows to the front": FLIPPED,
    "coronal": CORONAL,
    "sagittal": -SAGITTAL,
    "oblique": OBLIQUE,
    "prone": PRONE,
}


def grid_of(
    shape=(5, 6, 7), spacing=(3.0, 0.9, 0.8), origin=(-20.0, 15.0, -300.0), directions=AXIAL
) -> Grid:
    return Grid.from_directions(shape, spacing, origin, right_handed(directions))


def right_handed(directions):
    """The same rows and columns with slices ordered as DICOM's normal runs."""
    out = np.array(directions, dtype=float)
    out[:, 0] = np.cross(out[:, 2], out[:, 1])
    return out


def ramp(shape, low=-200, dtype=np.int16):
    """An array in which every voxel differs from its neighbours."""
    return (np.arange(np.prod(shape)).reshape(shape) % 1500 + low).astype(dtype)


def datasets(grid: Grid, array, modality="CT", **values) -> list[Dataset]:
    """One classic data set a slice; CT is stored unsigned with intercept -1024, as scanners do."""
    series, study, frame = (values.pop(key, generate_uid()) for key in ("series", "study", "frame"))
    out = []
    for index, plane in enumerate(array):
        one = Dataset()
        one.SOPClassUID = CTImageStorage if modality == "CT" else MRImageStorage
        one.SOPInstanceUID = generate_uid()
        one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, series, frame
        one.Modality = modality
        one.PatientID, one.PatientName = "P1", "Test^Patient"
        one.PatientBirthDate = one.PatientSex = one.StudyID = ""
        one.StudyDate = one.StudyTime = one.AccessionNumber = one.ReferringPhysicianName = ""
        one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        one.SeriesNumber, one.InstanceNumber = 1, index + 1
        place(one, grid, index)
        one.SliceThickness = grid.spacing_mm[0]
        if modality == "CT":
            one.RescaleSlope, one.RescaleIntercept = 1, -1024
        offset = 1024 if modality == "CT" else 0
        fill(one, plane.astype(np.int32) + offset, stored=12 if modality == "CT" else 15)
        for key, value in values.items():
            setattr(one, key, value)
        out.append(one)
    return out


def place(dataset: Dataset, grid: Grid, index: int) -> None:
    turn = grid.directions
    dataset.ImageOrientationPatient = [*turn[:, 2].tolist(), *turn[:, 1].tolist()]
    dataset.ImagePositionPatient = grid.to_world([[index, 0, 0]])[0].tolist()
    dataset.PixelSpacing = [grid.spacing_mm[1], grid.spacing_mm[2]]


def fill(dataset: Dataset, plane, stored=16, signed=False) -> None:
    dataset.Rows, dataset.Columns = plane.shape[-2:]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, stored, stored - 1
    dataset.PixelRepresentation = int(signed)
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = plane.astype("<i2" if signed else "<u2").tobytes()


def save(dataset: Dataset, path: Path, syntax=ExplicitVRLittleEndian) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    dataset.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def save_all(
    many: Sequence[Dataset], folder: Path, prefix="s", syntax=ExplicitVRLittleEndian
) -> Path:
    for index, one in enumerate(many):
        save(one, folder / f"{prefix}{index:03d}.dcm", syntax)
    return folder


def series(folder: Path, grid: Grid | None = None, array=None, modality="CT", **values) -> Path:
    """Write a whole classic series into `folder`."""
    grid = grid or grid_of()
    array = ramp(grid.shape, 0 if modality == "MR" else -200) if array is None else array
    prefix = values.pop("prefix", "s")
    return save_all(datasets(grid, array, modality, **values), folder, prefix)


def enhanced(grid: Grid, array, order=None, slopes=None) -> Dataset:
    """An Enhanced MR object whose frames are stored in `order`, with a rescale of their own if given."""
    one = Dataset()
    one.SOPClassUID, one.SOPInstanceUID = EnhancedMRImageStorage, generate_uid()
    one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(), generate_uid()
    one.FrameOfReferenceUID = generate_uid()
    one.Modality, one.SeriesNumber, one.InstanceNumber = "MR", 1, 1
    one.ImageType = ["ORIGINAL", "PRIMARY", "T1", "NONE"]
    order = list(order) if order is not None else list(range(len(array)))
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [grid.spacing_mm[1], grid.spacing_mm[2]]
    measures.SliceThickness = grid.spacing_mm[0]
    turn = grid.directions
    orientation.ImageOrientationPatient = [*turn[:, 2].tolist(), *turn[:, 1].tolist()]
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [orientation]
    one.SharedFunctionalGroupsSequence = [shared]
    groups = []
    for index in order:
        group, position = Dataset(), Dataset()
        position.ImagePositionPatient = grid.to_world([[index, 0, 0]])[0].tolist()
        group.PlanePositionSequence = [position]
        if slopes is not None:
            values = Dataset()
            values.RescaleSlope, values.RescaleIntercept = slopes[index], 0
            group.PixelValueTransformationSequence = [values]
        groups.append(group)
    one.PerFrameFunctionalGroupsSequence = groups
    one.NumberOfFrames = len(order)
    fill(one, np.asarray(array)[order], stored=15)
    return one


SHAPE = (6, 12, 14)


def two_blobs(grid):
    array = np.zeros(grid.shape, np.uint8)
    array[1:3, 2:6, 3:7] = 1
    array[3:5, 6:9, 8:12] = 2
    return Volume(array, grid)


def replace_layout(frame, **changes):
    """The frame of a file that stores its pixels otherwise."""
    return replace(frame, layout=replace(frame.layout, **changes))
