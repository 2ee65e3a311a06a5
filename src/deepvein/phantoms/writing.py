"""Phantoms on disk: real DICOM series as a scanner would store them, or NIfTI with the truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvein._version import __version__
from deepvein.core.files import write_json
from deepvein.core.seeds import generator
from deepvein.phantoms.ct.scanner import CtScan
from deepvein.phantoms.ct.storage import store
from deepvein.phantoms.mr import MrScan, MrSettings
from deepvein.phantoms.phantom import Phantom, PlantedThrombus, uid
from deepvein.phantoms.shapes.tube import Float
from deepvein.studies.nifti import write_nifti as write_volume
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    import pydicom

COMMENT = "SYNTHETIC PHANTOM made by deepvein; no patient; research use only, not a medical device"
_CT_STORAGE, _MR_STORAGE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_IMPLEMENTATION = "2.25.190146791062395786520983171360473219341"

_PROTON_MHZ_PER_T = 42.577

TRUTH = ("segments", "thrombi", "arteries", "bones")
"""The label volumes that `write_nifti` writes beside image.nii."""


def write_dicom(phantom: Phantom, folder: Path) -> tuple[Path, ...]:
    """Write the study as classic single-frame DICOM, one folder a series; returns all files in order.

    CT: one axial series. MR: one coronal series a station, in one frame of reference, and a composed one
    of the second sequence. The study carries Quality Control Image YES and says in its comments that it
    is synthetic. UIDs follow from the seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    volumes = _series_volumes(phantom)
    for number, volume in enumerate(volumes, start=1):
        target = folder if len(volumes) == 1 else folder / f"series{number}"
        target.mkdir(exist_ok=True)
        for index in range(volume.grid.shape[0]):
            path = target / f"{index + 1:04d}.dcm"
            _image(phantom, volume, number, index).save_as(path, enforce_file_format=True)
            paths.append(path)
    return tuple(paths)


def write_nifti(phantom: Phantom, folder: Path, truth: tuple[str, ...] = TRUTH) -> tuple[Path, ...]:
    """Write image.nii, t2.nii where there is a second sequence, the named truth volumes and planted.json
    (see `planted_record`)."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "image.nii"]
    write_volume(phantom.image, paths[0])
    if phantom.t2 is not None:
        paths.append(folder / "t2.nii")
        write_volume(phantom.t2, paths[-1])
    for name in truth:
        paths.append(folder / f"{name}.nii")
        write_volume(getattr(phantom, name), paths[-1])
    paths.append(write_planted(phantom, folder))
    return tuple(paths)


def write_planted(phantom: Phantom, folder: Path) -> Path:
    """Write planted.json: what was planted, and the seed and version that made it."""
    record = {
        "synthetic": True,
        "deepvein": __version__,
        "seed": phantom.scenario.seed,
        "modality": phantom.scenario.modality.value,
        "thrombi": [planted_record(item) for item in phantom.planted],
    }
    path = folder / "planted.json"
    write_json(path, record)
    return path


def planted_record(planted: PlantedThrombus) -> dict[str, Any]:
    """One thrombus as plain values for JSON."""
    record = asdict(planted)
    record["side"] = planted.side.value
    record["segments"] = [segment.term.abbreviation for segment in planted.segments]
    record["z_mm"] = list(planted.z_mm)
    record["age"] = "acute" if record.pop("acute") else "chronic"
    return record


@dataclass(frozen=True)
class _Names:
    """Identity of a synthetic patient, from the seed."""

    patient_id: str
    patient_name: str
    study_date: str
    study_time: str


def _names(phantom: Phantom) -> _Names:
    scenario = phantom.scenario
    rng = generator(scenario.seed, "identity", scenario.modality.value)
    day = f"2020{int(rng.integers(1, 13)):02d}{int(rng.integers(1, 29)):02d}"
    time = f"{int(rng.integers(7, 19)):02d}{int(rng.integers(0, 60)):02d}00"
    key = f"{scenario.modality.value}{scenario.person.seed:06d}"
    return _Names(f"PHANTOM-{key}", f"Phantom^{key}", day, time)


def _series_volumes(phantom: Phantom) -> tuple[Volume, ...]:
    """What becomes a series each: the stations, then the second sequence."""
    return phantom.stations if phantom.t2 is None else (*phantom.stations, phantom.t2)


def _is_second(phantom: Phantom, number: int) -> bool:
    return number > len(phantom.stations)


def _image(phantom: Phantom, volume: Volume, number: int, index: int) -> pydicom.Dataset:
    from pydicom.dataset import FileDataset, FileMetaDataset

    ct = phantom.scenario.modality is Modality.CT
    instance = uid(phantom.scenario.seed, phantom.scenario.modality, "instance", number, index)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = _CT_STORAGE if ct else _MR_STORAGE
    meta.MediaStorageSOPInstanceUID = instance
    meta.TransferSyntaxUID = _EXPLICIT_LITTLE
    meta.ImplementationClassUID = _IMPLEMENTATION
    meta.ImplementationVersionName = "DEEPVEIN"
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID = meta.MediaStorageSOPClassUID
    data.SOPInstanceUID = instance
    _patient_and_study(data, phantom)
    _series(data, phantom, number)
    _plane(data, volume, index)
    if ct:
        _ct(data, phantom, volume, index)
    else:
        _mr(data, phantom, volume, index, _is_second(phantom, number))
    return data


def _patient_and_study(data: pydicom.Dataset, phantom: Phantom) -> None:
    scenario, names = phantom.scenario, _names(phantom)
    person = scenario.person
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName = names.patient_name
    data.PatientID = names.patient_id
    data.PatientBirthDate = ""
    data.PatientSex = "F" if person.female else "M"
    data.PatientAge = f"{int(person.age_years):03d}Y"
    data.PatientSize = f"{person.height_mm / 1000:.2f}"
    data.PatientWeight = f"{person.bmi * (person.height_mm / 1000) ** 2:.1f}"
    data.PatientComments = COMMENT
    data.StudyInstanceUID = uid(scenario.seed, scenario.modality, "study")
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = names.study_date
    data.StudyTime = data.SeriesTime = data.AcquisitionTime = data.ContentTime = names.study_time
    data.AccessionNumber = ""
    data.ReferringPhysicianName = ""
    data.StudyID = "1"
    data.StudyDescription = f"{scenario.modality.value} venography of the legs (synthetic phantom)"


def _series(data: pydicom.Dataset, phantom: Phantom, number: int) -> None:
    scenario = phantom.scenario
    ct = scenario.modality is Modality.CT
    data.Modality = scenario.modality.value
    data.SeriesInstanceUID = uid(scenario.seed, scenario.modality, "series", number)
    data.SeriesNumber = str(number + 1)
    what = "CT venography" if ct else f"T1 GRE venography station {number}"
    if _is_second(phantom, number):
        what = "T2 FSE fat suppressed"
    data.SeriesDescription = f"{what} (synthetic phantom)"
    data.BodyPartExamined = "LEG"
    data.Laterality = ""  # both
    data.FrameOfReferenceUID = phantom.image.grid.frame_of_reference
    data.PositionReferenceIndicator = ""
    data.Manufacturer = "deepvein"
    data.ManufacturerModelName = "synthetic legs"
    data.InstitutionName = "deepvein synthetic"
    data.SoftwareVersions = __version__
    data.DeviceSerialNumber = "0"
    data.ProtocolName = "venography of the legs"
    data.QualityControlImage = "YES"
    data.ImageComments = COMMENT
    data.BurnedInAnnotation = "NO"
    data.LossyImageCompression = "00"
    data.ContrastBolusAgent = "synthetic iodine" if ct else "synthetic gadolinium"
    data.ContrastBolusRoute = "INTRAVENOUS"


def _plane(data: pydicom.Dataset, volume: Volume, index: int) -> None:
    grid = volume.grid
    position = grid.to_world([(index, 0, 0)])[0]
    _, down, across = grid.directions.T
    data.InstanceNumber = str(index + 1)
    data.ImagePositionPatient = [_decimal(value) for value in position]
    data.ImageOrientationPatient = [_decimal(value) for value in (*across, *down)]
    data.PixelSpacing = [_decimal(value) for value in grid.spacing_mm[1:]]
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.Rows, data.Columns = volume.array.shape[1:]
    data.BitsAllocated = 16
    data.PatientOrientation = [_orientation(across), _orientation(down)]


def _ct(data: pydicom.Dataset, phantom: Phantom, volume: Volume, index: int) -> None:
    scan = phantom.scenario.scan
    if not isinstance(scan, CtScan):
        raise TypeError(f"a CT image needs a CT scan, got {type(scan).__name__}")
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.Manufacturer, data.ManufacturerModelName = scan.manufacturer, scan.model
    data.SeriesDescription = f"CT venography {scan.delay_s:.0f} s (synthetic phantom)"
    data.AcquisitionNumber = "1"
    data.KVP = str(scan.kvp)
    data.XRayTubeCurrent = str(scan.mas * 2)
    data.Exposure = str(scan.mas)
    data.ExposureTime = "500"
    data.ConvolutionKernel = scan.kernel.upper()
    data.SliceThickness = _decimal(scan.thickness_mm)
    data.SpacingBetweenSlices = _decimal(scan.increment_mm)
    data.ReconstructionDiameter = _decimal(scan.fov_mm)
    data.GantryDetectorTilt = "0"
    data.PatientPosition = "FFS" if scan.feet_first else "HFS"
    data.SliceLocation = data.ImagePositionPatient[2]
    data.WindowCenter, data.WindowWidth = "90", "350"
    store(data, scan, volume.array[index])


def _mr(data: pydicom.Dataset, phantom: Phantom, volume: Volume, index: int, second: bool) -> None:
    scan = phantom.scenario.scan
    if not isinstance(scan, MrScan):
        raise TypeError(f"an MR image needs an MR scan, got {type(scan).__name__}")
    s = scan.settings
    data.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    data.Manufacturer, data.ManufacturerModelName = s.manufacturer, s.model
    _mr_sequence(data, s, second)
    data.ScanOptions = "FS"
    data.MagneticFieldStrength = _decimal(s.field_t)
    data.ImagingFrequency = _decimal(round(_PROTON_MHZ_PER_T * s.field_t, 4))
    data.ImagedNucleus = "1H"
    data.NumberOfAverages = "1"
    data.InPlanePhaseEncodingDirection = "ROW"
    data.PatientPosition = "FFS"
    data.SliceThickness = _decimal(s.slice_mm)
    data.SpacingBetweenSlices = _decimal(s.slice_mm)
    data.SliceLocation = data.ImagePositionPatient[1]
    data.AcquisitionNumber = "1"
    data.WindowCenter, data.WindowWidth = "500", "1000"
    data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 15, 0
    data.SmallestImagePixelValue = int(volume.array[index].min())
    data.LargestImagePixelValue = int(volume.array[index].max())
    data.PixelData = volume.array[index].astype("<u2").tobytes()


def _mr_sequence(data: pydicom.Dataset, s: MrSettings, second: bool) -> None:
    if second:
        del data.ContrastBolusAgent, data.ContrastBolusRoute
        data.ScanningSequence, data.SequenceVariant, data.SequenceName = "SE", "SK", "tse2d"
        data.MRAcquisitionType = "2D"
        data.RepetitionTime = _decimal(s.t2_repetition_time_ms)
        data.EchoTime = _decimal(s.t2_echo_time_ms)
        data.EchoTrainLength, data.FlipAngle = "15", "180"
    else:
        data.ScanningSequence, data.SequenceVariant, data.SequenceName = "GR", ["SP", "OSP"], "fl3d"
        data.MRAcquisitionType = "3D"
        data.RepetitionTime = _decimal(s.repetition_time_ms)
        data.EchoTime = _decimal(s.echo_time_ms)
        data.EchoTrainLength, data.FlipAngle = "1", _decimal(s.flip_angle_deg)


def _decimal(value: float) -> str:
    """A DICOM decimal string (at most 16 characters)."""
    text = f"{float(value):.8g}"
    return "0" if text == "-0" else text


def _orientation(direction: Float) -> str:
    axis = int(np.abs(direction).argmax())
    return ("RL", "AP", "FH")[axis][int(direction[axis] > 0)]
