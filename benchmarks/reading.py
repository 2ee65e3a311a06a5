"""Reading a CT series: ours beside SimpleITK's series reader, and dcm2niix where it is installed.

    python benchmarks/reading.py [--slices 300] [--size 512] [--repeats 5]

The series is made here with pydicom: uncompressed, with a header as long as scanners write. Every reader
runs in a process of its own, so that peak memory is its own; all see the files from the page cache.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READERS = ("deepvein", "SimpleITK", "dcm2niix")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", nargs=2, metavar=("READER", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one[0], Path(options.one[1]), options.repeats)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_series(folder, options.slices, options.size)
        rows = {}
        for reader in READERS:
            if reader != "dcm2niix" or shutil.which(reader):
                rows[reader] = in_own_process(reader, folder, options.repeats)
    show(rows, options.slices, options.size)


def write_series(folder: Path, slices: int, size: int) -> None:
    """`slices` axial CT slices of `size` x `size` noise with a header of some 130 elements."""
    import numpy as np
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    rng = np.random.default_rng(1)
    noise = rng.integers(0, 2000, (size, size), dtype=np.uint16)
    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.StudyInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = generate_uid()
    dataset.FrameOfReferenceUID = generate_uid()
    dataset.Modality = "CT"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.PatientID = "benchmark"
    dataset.PatientName = "Benchmark^Synthetic"
    dataset.SeriesNumber = 1
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [0.8, 0.8]
    dataset.SliceThickness = 1
    dataset.RescaleSlope = 1
    dataset.RescaleIntercept = -1024
    dataset.Rows = dataset.Columns = size
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    block = dataset.private_block(0x0019, "DEEPVEIN BENCHMARK", create=True)
    for element in range(100):
        block.add_new(element, "LO", f"filling value {element}")
    for index in range(slices):
        dataset.SOPInstanceUID = generate_uid()
        dataset.InstanceNumber = index + 1
        dataset.ImagePositionPatient = [-200, -200, float(index)]
        dataset.PixelData = np.roll(noise, index, axis=0).tobytes()
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.file_meta = meta
        dataset.save_as(folder / f"{(index * 7919) % 100003:06d}.dcm", enforce_file_format=True)


def in_own_process(reader: str, folder: Path, repeats: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", reader, str(folder), "--repeats", str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure(reader: str, folder: Path, repeats: int) -> dict[str, float]:
    """Median seconds, peak resident memory in MB, and the sum of all voxels to show that they agree."""
    read = {"deepvein": by_deepvein, "SimpleITK": by_simpleitk, "dcm2niix": by_dcm2niix}[reader]
    read(folder)
    seconds = []
    total = 0
    for _ in range(repeats):
        start = time.perf_counter()
        total = read(folder)
        seconds.append(time.perf_counter() - start)
    who = resource.RUSAGE_CHILDREN if reader == "dcm2niix" else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss / 1024
    return {"seconds": statistics.median(seconds), "peak_mb": peak, "sum": total}


def by_deepvein(folder: Path) -> int:
    from deepvein.studies.reading import read_study

    return checksum(read_study(folder).volume.array)


def by_simpleitk(folder: Path) -> int:
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    return checksum(SimpleITK.GetArrayViewFromImage(image))


def by_dcm2niix(folder: Path) -> int:
    with tempfile.TemporaryDirectory() as out:
        command = ["dcm2niix", "-b", "n", "-z", "n", "-o", out, str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    return 0


def checksum(array: object) -> int:
    import numpy as np

    values = np.asarray(array)
    return int(values[::37, ::11, ::11].astype(np.int64).sum())


def show(rows: dict[str, dict[str, float]], slices: int, size: int) -> None:
    print(f"{slices} uncompressed CT slices of {size} x {size}, {os.cpu_count()} cores")
    print(f"{'reader':<12}{'median s':>10}{'slices/s':>10}{'peak MB':>10}{'ours / it':>11}")
    ours = rows["deepvein"]["seconds"]
    for name, row in rows.items():
        ratio = ours / row["seconds"]
        rate = slices / row["seconds"]
        print(
            f"{name:<12}{row['seconds']:>10.3f}{rate:>10.0f}{row['peak_mb']:>10.0f}{ratio:>11.2f}"
        )
    if rows["deepvein"]["sum"] != rows["SimpleITK"]["sum"]:
        raise SystemExit("the readers disagree about the voxels")


if __name__ == "__main__":
    main()
