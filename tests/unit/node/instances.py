"""Small DICOM instances, and a screening that takes no time."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, SegmentationStorage

from deepvein.core.errors import ModelError, StudyError
from deepvein.node.outcome import Outcome

ROOT = "1.2.826.0.1.3680043.10.99"


def image(study: int = 1, number: int = 1, series: int = 1, pixels: int = 16, **changes) -> Dataset:
    """One slice of study `study`, made up; `changes` are attributes by keyword."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = CTImageStorage
    made.StudyInstanceUID = f"{ROOT}.{study}"
    made.SeriesInstanceUID = f"{ROOT}.{study}.{series}"
    made.SOPInstanceUID = f"{ROOT}.{study}.{series}.{number}"
    made.Modality = "CT"
    made.PatientID, made.PatientName = f"P{study}", f"Doe^Jane{study}"
    made.StudyDate, made.StudyTime = "20240102", "030405"
    made.AccessionNumber = f"A{study}"
    made.SeriesNumber, made.InstanceNumber = series, number
    made.Rows = made.Columns = pixels
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, 12, 11
    made.SamplesPerPixel, made.PixelRepresentation = 1, 0
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelData = np.full((pixels, pixels), number % 4096, "<u2").tobytes()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def save(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_study(folder: Path, study: int = 1, count: int = 3) -> list[Path]:
    """Files of a study in a folder of the sender."""
    return [
        save(image(study, number), folder / f"{study}-{number}.dcm")
        for number in range(1, count + 1)
    ]


def fast_screen(study: Path, out: Path, device: str) -> Outcome:
    """Read every file, and write two objects whose UIDs follow from the images.

    A file called `log` beside the study's folder tells how often and on how many images it was called.
    """
    del device
    images = sorted(study.rglob("*.dcm"))
    uids = []
    for path in images:
        dataset = pydicom.dcmread(path)
        uids.append(dataset.SOPInstanceUID)
        if len(dataset.PixelData) != 2 * dataset.Rows * dataset.Columns:
            raise StudyError(f"{path.name} is damaged")
    first = pydicom.dcmread(images[0], stop_before_pixels=True)
    digest = hashlib.sha256("/".join(sorted(uids)).encode()).hexdigest()
    with (study.parents[1] / "calls.log").open("a") as log:
        log.write(f"{first.StudyInstanceUID} {len(images)}\n")
    for kind in (1, 2):
        made = image(1, kind)
        made.SOPClassUID, made.Modality = SegmentationStorage, "SEG"
        made.StudyInstanceUID, made.PatientID = first.StudyInstanceUID, first.PatientID
        made.SeriesInstanceUID = f"{ROOT}.9.{int(digest[:12], 16)}.{kind}"
        made.SOPInstanceUID = f"{ROOT}.9.{int(digest[:12], 16)}.{kind}.1"
        save(made, out / f"object{kind}.dcm")
    return Outcome("dvt", 0.75, 1, "left femoral vein")


@dataclass(frozen=True)
class Breakable:
    """As `fast_screen`, on a machine that lacks a library as long as a file `broken` lies in the folder,
    or the models for MR as long as `broken-MR` does."""

    folder: Path

    def try_out(self, device: str) -> dict[str, Exception]:
        if (self.folder / "broken").exists():
            raise ImportError("libtorch_cpu.so: cannot open shared object file")
        damaged = ModelError("weights are damaged")
        return {"MR": damaged} if (self.folder / "broken-MR").exists() else {}

    def __call__(self, study: Path, out: Path, device: str) -> Outcome:
        return fast_screen(study, out, device)


def slow_screen(study: Path, out: Path, device: str) -> Outcome:
    """As `fast_screen`, with time to be killed in."""
    time.sleep(0.2)
    return fast_screen(study, out, device)


def wide_screen(study: Path, out: Path, device: str) -> Outcome:
    """As `fast_screen`, with half a megabyte more to write."""
    outcome = fast_screen(study, out, device)
    (out / "masks.bin").write_bytes(bytes(2**19))
    return outcome


def wait_for(condition, seconds: float = 300.0):
    """What `condition` gives once it is true; the test fails if it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come true")
