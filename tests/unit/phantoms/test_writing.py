from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from deepvein.phantoms.mr import CENTRES
from deepvein.phantoms.phantom import Phantom, PhantomSettings, render, sample, uid
from deepvein.phantoms.writing import write_dicom, write_nifti
from deepvein.studies.nifti import read_nifti
from deepvein.studies.reading import read_study
from deepvein.studies.study import Modality


def read_series(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Array, origin, spacing and direction as SimpleITK, which shares no code with ours, reads them."""
    import SimpleITK as sitk

    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    image = sitk.ReadImage(names)
    geometry = (np.array(v) for v in (image.GetOrigin(), image.GetSpacing(), image.GetDirection()))
    return (sitk.GetArrayFromImage(image), *geometry)


@pytest.fixture(scope="module")
def ct_paths(ct_phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_dicom(ct_phantom, tmp_path_factory.mktemp("ct"))


@pytest.fixture(scope="module")
def mr_paths(mr_phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_dicom(mr_phantom, tmp_path_factory.mktemp("mr"))


def test_ct_series_reads_back_exactly(ct_phantom: Phantom, ct_paths: tuple[Path, ...]) -> None:
    assert len(ct_paths) == ct_phantom.image.grid.shape[0]
    array, origin, spacing, direction = read_series(ct_paths[0].parent)
    grid = ct_phantom.image.grid
    # This reader keeps the padding outside the circle of reconstruction.
    assert np.array_equal(np.maximum(array, -1024), ct_phantom.image.array)
    assert origin == pytest.approx(grid.origin_mm, abs=1e-3)
    assert spacing == pytest.approx(grid.spacing_mm[::-1], abs=1e-4)
    assert np.allclose(direction.reshape(3, 3), grid.directions[:, ::-1])


def test_mr_stations_read_back_exactly(mr_phantom: Phantom, mr_paths: tuple[Path, ...]) -> None:
    folders = sorted({path.parent for path in mr_paths})
    assert len(folders) == len(mr_phantom.stations)
    for folder, station in zip(folders, mr_phantom.stations, strict=True):
        array, origin, spacing, direction = read_series(folder)
        assert np.array_equal(array, station.array)
        assert origin == pytest.approx(station.grid.origin_mm, abs=1e-3)
        assert spacing == pytest.approx(station.grid.spacing_mm[::-1], abs=1e-4)
        assert np.allclose(direction.reshape(3, 3), station.grid.directions[:, ::-1])


def test_headers_name_a_synthetic_patient_and_follow_from_the_seed(
    ct_phantom: Phantom,
    mr_phantom: Phantom,
    ct_paths: tuple[Path, ...],
    mr_paths: tuple[Path, ...],
) -> None:
    import pydicom

    studies = set()
    for phantom, paths in ((ct_phantom, ct_paths), (mr_phantom, mr_paths)):
        headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
        scenario = phantom.scenario
        assert len({d.SOPInstanceUID for d in headers}) == len(headers)
        assert headers[0].SOPInstanceUID == uid(scenario.seed, scenario.modality, "instance", 1, 0)
        assert len({d.SeriesInstanceUID for d in headers}) == len(phantom.stations)
        assert {d.FrameOfReferenceUID for d in headers} == {phantom.image.grid.frame_of_reference}
        studies |= {d.StudyInstanceUID for d in headers}
        head = headers[0]
        assert head.Modality == scenario.modality.value
        assert "^" in str(head.PatientName)
        assert head.QualityControlImage == "YES"
        assert "SYNTHETIC" in head.ImageComments
        assert "synthetic phantom" in head.SeriesDescription
        assert head.ContrastBolusAgent
        assert head.BodyPartExamined == "LEG"
        assert (head.BitsAllocated, head.BitsStored) == (16, 16)
    assert len(studies) == 2


@pytest.fixture(scope="module")
def two_sequences(tmp_path_factory: pytest.TempPathFactory) -> tuple[Phantom, Path]:
    coarse = replace(CENTRES["B"], row_mm=12.0, column_mm=5.0, slice_mm=8.0, second_sequence=True)
    phantom = render(sample(6, Modality.MR, True, PhantomSettings(mr=coarse)))
    folder = tmp_path_factory.mktemp("two")
    write_dicom(phantom, folder)
    return phantom, folder


def test_a_second_sequence_is_a_series_of_its_own(two_sequences: tuple[Phantom, Path]) -> None:
    import pydicom

    phantom, folder = two_sequences
    assert phantom.t2 is not None
    array, origin, _, _ = read_series(folder / f"series{len(phantom.stations) + 1}")
    assert np.array_equal(array, phantom.t2.array)
    assert origin == pytest.approx(phantom.image.grid.origin_mm, abs=1e-3)
    first, second = (
        pydicom.dcmread(folder / f"series{number}" / "0001.dcm", stop_before_pixels=True)
        for number in (1, len(phantom.stations) + 1)
    )
    assert (first.ScanningSequence, second.ScanningSequence) == ("GR", "SE")
    assert float(second.EchoTime) == 72
    assert "ContrastBolusAgent" not in second
    for header in (first, second):
        assert header.Manufacturer == CENTRES["B"].manufacturer
        assert float(header.MagneticFieldStrength) == 3
        assert float(header.ImagingFrequency) == pytest.approx(127.7, abs=0.1)


def test_reading_the_study_gives_the_phantom_s_picture_and_leaves_t2_aside(
    two_sequences: tuple[Phantom, Path],
) -> None:
    phantom, folder = two_sequences
    study = read_study(folder)
    # A reader measures the stations' gains, the phantom knows them.
    bright = phantom.image.array > 150
    ratio = study.volume.array[bright] / phantom.image.array[bright]
    assert np.percentile(np.abs(ratio - 1), 99) < 0.25
    assert study.volume.grid.matches(phantom.image.grid)


def test_nifti_holds_the_second_sequence(
    two_sequences: tuple[Phantom, Path], tmp_path: Path
) -> None:
    phantom, _ = two_sequences
    assert phantom.t2 is not None
    write_nifti(phantom, tmp_path, truth=())
    assert np.array_equal(read_nifti(tmp_path / "t2.nii").array, phantom.t2.array)


@pytest.mark.skipif(which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_images_conform_to_their_iod(
    ct_paths: tuple[Path, ...],
    mr_paths: tuple[Path, ...],
    two_sequences: tuple[Phantom, Path],
) -> None:
    second = sorted(two_sequences[1].glob("*/0001.dcm"))[-1]
    for path in (ct_paths[0], mr_paths[-1], second):
        found = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        assert "Error" not in found.stderr + found.stdout, found.stderr


def test_nifti_holds_image_truth_and_what_was_planted(ct_phantom: Phantom, tmp_path: Path) -> None:
    paths = write_nifti(ct_phantom, tmp_path)
    names = {
        "image.nii",
        "segments.nii",
        "thrombi.nii",
        "arteries.nii",
        "bones.nii",
        "planted.json",
    }
    assert {p.name for p in paths} == names
    for name in ("image", "segments", "thrombi"):
        volume = read_nifti(tmp_path / f"{name}.nii")
        assert volume.grid.matches(ct_phantom.image.grid)
        assert np.array_equal(volume.array, getattr(ct_phantom, name).array)
    planted = json.loads((tmp_path / "planted.json").read_text())
    assert planted["synthetic"] is True
    assert [t["volume_ml"] for t in planted["thrombi"]] == [p.volume_ml for p in ct_phantom.planted]
    assert planted["thrombi"][0]["age"] in ("acute", "chronic")
