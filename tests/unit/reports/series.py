"""DICOM files of a volume, written with pydicom alone, and label maps read back by hand."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from deepvein.studies.dicom.files import read_headers
from deepvein.studies.dicom.series import group
from deepvein.studies.study import Format, Modality, Origin
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.volume import Volume
from unit.reports.legs import UID

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"

_S = np.sin(np.deg2rad(20))
_C = np.cos(np.deg2rad(20))
ORIENTATIONS = {
    # Columns are the LPS directions of slice, row and column.
    "axial": AXIAL,
    "axial, rows to the front": np.array([[0, 0, 1], [0, -1, 0], [-1, 0, 0]], dtype=float),
    "coronal": CORONAL,
    "sagittal": np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], dtype=float),
    "oblique": np.array([[0, 0, 1], [-_S, _C, 0], [_C, _S, 0]], dtype=float),
    "feet first": np.array([[0, 0, -1], [0, 1, 0], [-1, 0, 0]], dtype=float),
    "prone": np.array([[0, 0, -1], [0, -1, 0], [1, 0, 0]], dtype=float),
}


def orientation_grid(name: str) -> Grid:
    """A small grid of odd shape and spacing, centred on the legs, in one of ORIENTATIONS."""
    directions = ORIENTATIONS[name]
    # About 5 mm everywhere, more voxels where the body is longer.
    size = {0: 56, 1: 26, 2: 34}
    shape = tuple(size[int(np.abs(directions[:, axis]).argmax())] for axis in range(3))
    spacing = (5.0, 4.25, 4.0)
    centre = np.array([3.5, -1.25, -413.0])
    origin = centre - directions @ ((np.array(shape) - 1) / 2 * np.array(spacing))
    return Grid.from_directions(shape, spacing, origin, directions)  # type: ignore[arg-type]


def _base(modality: Modality, sop_class: str, uid: str, series: str, frame: str) -> Dataset:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = sop_class
    data.file_meta.MediaStorageSOPInstanceUID = uid
    data.SOPClassUID, data.SOPInstanceUID = sop_class, uid
    data.PatientName, data.PatientID = "Phantom^One", "P1"
    data.PatientBirthDate, data.PatientSex = "", "F"
    data.StudyInstanceUID, data.SeriesInstanceUID = f"{UID}1", series
    data.StudyID, data.StudyDate, data.StudyTime = "1", "20250101", "101500"
    data.AccessionNumber, data.ReferringPhysicianName = "", ""
    data.Modality, data.SeriesNumber = modality.value, 5
    data.FrameOfReferenceUID, data.PositionReferenceIndicator = frame, ""
    data.BodyPartExamined = "PELVISLOWEXTREMT"
    data.Manufacturer = "none"
    return data


def _pixels(data: Dataset, array: NDArray[np.int16]) -> None:
    data.Rows, data.Columns = array.shape[-2:]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelRepresentation = 1
    data.PixelData = np.ascontiguousarray(array, dtype="<i2").tobytes()


def write_series(
    volume: Volume, folder: Path, modality: Modality = Modality.CT, number: int = 5
) -> tuple[Path, ...]:
    """One file a slice, in the order of the slices."""
    folder.mkdir(parents=True, exist_ok=True)
    grid, paths = volume.grid, []
    sop_class = CT_IMAGE if modality is Modality.CT else MR_IMAGE
    for index, plane in enumerate(volume.array):
        uid = f"{UID}{number}.{index + 1}"
        data = _base(modality, sop_class, uid, f"{UID}{number}", f"{UID}9.{number}")
        data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        data.InstanceNumber = index + 1
        data.ImagePositionPatient = [round(x, 8) for x in grid.to_world([(index, 0, 0)])[0]]
        data.ImageOrientationPatient = [
            round(x, 8) for x in [*grid.directions[:, 2], *grid.directions[:, 1]]
        ]
        data.PixelSpacing = list(grid.spacing_mm[1:])
        data.SliceThickness = grid.spacing_mm[0]
        data.RescaleIntercept, data.RescaleSlope = 0, 1
        _pixels(data, plane)
        path = folder / f"{index:03d}.dcm"
        data.save_as(path, enforce_file_format=True)
        paths.append(path)
    return tuple(paths)


def origin_of(location: Path, *series: tuple[Path, ...]) -> Origin:
    """What the reader keeps of these source series."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as the reader has it
        sources = tuple(one.source for paths in series for one in group(read_headers(paths)))
    return Origin(
        location,
        Format.DICOM,
        tuple(path for paths in series for path in paths),
        tuple(source.paths for source in sources),
        sources=sources,
    )


def write_enhanced(volume: Volume, path: Path) -> Path:
    """All slices as the frames of one Enhanced CT instance."""
    grid = volume.grid
    data = _base(Modality.CT, ENHANCED_CT, f"{UID}6.1", f"{UID}6", f"{UID}9.6")
    data.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    data.InstanceNumber = 1
    data.NumberOfFrames = grid.shape[0]
    orientation, measures = Dataset(), Dataset()
    orientation.ImageOrientationPatient = [*grid.directions[:, 2], *grid.directions[:, 1]]
    measures.PixelSpacing = list(grid.spacing_mm[1:])
    measures.SliceThickness = grid.spacing_mm[0]
    shared = Dataset()
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [orientation], [measures]
    data.SharedFunctionalGroupsSequence = [shared]
    groups = []
    for index in range(grid.shape[0]):
        position, group = Dataset(), Dataset()
        position.ImagePositionPatient = grid.to_world([(index, 0, 0)])[0].tolist()
        group.PlanePositionSequence = [position]
        groups.append(group)
    data.PerFrameFunctionalGroupsSequence = groups
    _pixels(data, volume.array)
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)
    return path


def seg_points(path: Path) -> dict[int, NDArray[np.float64]]:
    """LPS centres (n, 3) of each segment's pixels, by plain arithmetic on the file's attributes."""
    seg = dcmread(path)
    bits = np.unpackbits(np.frombuffer(seg.PixelData, dtype=np.uint8), bitorder="little")
    shape = (int(seg.NumberOfFrames), int(seg.Rows), int(seg.Columns))
    frames = bits[: np.prod(shape)].reshape(shape)
    shared = seg.SharedFunctionalGroupsSequence[0]
    cosines = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, dtype=float)
    row_mm, column_mm = (float(x) for x in shared.PixelMeasuresSequence[0].PixelSpacing)
    points: dict[int, list[NDArray[np.float64]]] = {}
    for frame, item in zip(frames, seg.PerFrameFunctionalGroupsSequence, strict=True):
        # What is the same for all frames may stand once in the shared groups.
        named = item if "SegmentIdentificationSequence" in item else shared
        number = int(named.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        corner = np.array(item.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        rows, columns = np.nonzero(frame)
        points.setdefault(number, []).append(
            corner
            + columns[:, None] * column_mm * cosines[:3]
            + rows[:, None] * row_mm * cosines[3:]
        )
    return {number: np.concatenate(parts) for number, parts in points.items()}
