import logging
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from deepvein.anatomy.veins import Side
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.dicom_seg import write_seg
from deepvein.studies.study import Format, Modality, Origin
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.resample import Interpolation, resample
from deepvein.volumes.volume import Volume
from unit.reports.legs import UID, finding, positions, screening, thrombus, vein
from unit.reports.series import (
    ORIENTATIONS,
    orientation_grid,
    seg_points,
    write_enhanced,
    write_series,
)


def from_series(folder: Path, name: str = "axial", **options: object) -> Screening:
    grid = orientation_grid(name)
    first = screening(grid=grid)
    paths = write_series(first.study.volume, folder)
    origin = Origin(folder, Format.DICOM, paths, (paths,))
    return screening(grid=grid, origin_of=origin, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_overlays_exactly_in_every_orientation(name: str, tmp_path: Path) -> None:
    result = from_series(tmp_path / "in", name)
    thrombi, veins = write_seg(result, tmp_path)
    expected = result.study.volume.grid.to_world(result.findings[0].indices)
    points = seg_points(thrombi)
    assert list(points) == [1]
    assert len(points[1]) == len(expected)
    # Sorted by a key that is unique for grid points, every voxel centre is where it was.
    for a, b in ((points[1], expected), (seg_points(veins)[1], _vein_points(result))):
        assert np.abs(_sorted(a) - _sorted(b)).max() < 0.01


def _vein_points(result: Screening) -> np.ndarray:
    return result.study.volume.grid.to_world(np.argwhere(result.prediction.vein_probability >= 128))


def _sorted(points: np.ndarray) -> np.ndarray:
    key = np.round(points, 2) @ np.array([1.0, 1e3, 1e6])
    return points[np.argsort(key)]


@pytest.mark.parametrize("name", ["axial", "oblique", "prone"])
def test_highdicom_reads_back_the_same_voxels(name: str, tmp_path: Path) -> None:
    from highdicom.seg import segread

    result = from_series(tmp_path / "in", name)
    seg = segread(write_seg(result, tmp_path)[0])
    volume = seg.get_volume(combine_segments=True)
    indices = np.argwhere(volume.array == 1)
    points = volume.map_indices_to_reference(indices)
    expected = result.study.volume.grid.to_world(result.findings[0].indices)
    assert len(points) == len(expected)
    assert np.linalg.norm(points.mean(axis=0) - expected.mean(axis=0)) < 0.01
    assert len(seg.get_source_image_uids()) == result.study.volume.grid.shape[0]


def test_describes_the_thrombus_as_the_standard_asks(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    seg = dcmread(write_seg(result, tmp_path)[0])
    assert seg.SegmentationType == "BINARY"
    assert seg.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.4"
    assert seg.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    (segment,) = seg.SegmentSequence
    assert segment.SegmentLabel == "Thrombus 1 L FV, POPV"
    assert segment.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "49755003"
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == "396339007"
    assert segment.SegmentAlgorithmType == "AUTOMATIC"
    assert segment.SegmentAlgorithmName == "deepvein ct-veins 0.1.0"
    identification = segment.SegmentationAlgorithmIdentificationSequence[0]
    assert identification.AlgorithmFamilyCodeSequence[0].CodeValue == "123110"
    region = segment.AnatomicRegionSequence[0]
    assert region.CodeValue == "83419000"
    assert region.AnatomicRegionModifierSequence[0].CodeValue == "7771000"
    assert segment.TrackingUID == result.findings[0].tracking_uid
    assert segment.TrackingID
    assert len(segment.RecommendedDisplayCIELabValue) == 3
    assert seg.FrameOfReferenceUID == dcmread(result.study.origin.paths[0]).FrameOfReferenceUID
    series = seg.ReferencedSeriesSequence[0]
    assert len(series.ReferencedInstanceSequence) == len(result.study.origin.paths)


def test_frames_without_thrombus_are_left_out_and_each_names_its_source(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    seg = dcmread(write_seg(result, tmp_path)[0])
    slices = np.unique(result.findings[0].indices[:, 0])
    assert seg.NumberOfFrames == len(slices)
    uids = [dcmread(result.study.origin.paths[index]).SOPInstanceUID for index in slices]
    named = [
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        for group in seg.PerFrameFunctionalGroupsSequence
    ]
    assert sorted(named) == sorted(uids)


def test_synthetic_studies_stay_marked(tmp_path: Path) -> None:
    marked = dcmread(write_seg(from_series(tmp_path / "in"), tmp_path)[0])
    assert "synthetic phantom" in marked.SeriesDescription
    assert "synthetic phantom" in marked.ContentDescription
    (tmp_path / "real").mkdir()
    plain = write_seg(from_series(tmp_path / "in", synthetic=False), tmp_path / "real")[0]
    assert "synthetic" not in dcmread(plain).SeriesDescription
    assert "research only" in dcmread(plain).SeriesDescription


def test_negative_study_has_no_thrombus_segmentation(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in", verdict=Verdict.NOT_SUSPECTED)
    assert [path.name for path in write_seg(result, tmp_path)] == ["veins.dcm"]


def test_other_formats_are_told_that_dicom_is_needed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert write_seg(screening(), tmp_path) == ()
    assert "needs a DICOM study, this one is NIfTI" in caplog.text
    assert not list(tmp_path.iterdir())


def test_two_findings_are_two_segments_with_their_sides(tmp_path: Path) -> None:
    grid = orientation_grid("coronal")
    result = from_series(tmp_path / "in", "coronal")
    right = finding(thrombus(positions(grid), Side.RIGHT), grid, 2, Side.RIGHT)
    both = Screening(
        **{**result.__dict__, "findings": (*result.findings, right)},
    )
    path = write_seg(both, tmp_path)[0]
    segments = dcmread(path).SegmentSequence
    codes = [
        s.AnatomicRegionSequence[0].AnatomicRegionModifierSequence[0].CodeValue for s in segments
    ]
    assert codes == ["7771000", "24028007"]
    points = seg_points(path)
    # LPS: the left leg has positive x.
    assert points[1][:, 0].min() > 0 > points[2][:, 0].max()


def test_enhanced_multi_frame_source(tmp_path: Path) -> None:
    grid = orientation_grid("oblique")
    path = write_enhanced(screening(grid=grid).study.volume, tmp_path / "in" / "all.dcm")
    result = screening(grid=grid, origin_of=Origin(path, Format.DICOM, (path,), ((path,),)))
    thrombi, _ = write_seg(result, tmp_path)
    expected = grid.to_world(result.findings[0].indices)
    assert np.abs(_sorted(seg_points(thrombi)[1]) - _sorted(expected)).max() < 0.01
    frames = [
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for group in dcmread(thrombi).PerFrameFunctionalGroupsSequence
    ]
    assert sorted(frames) == sorted(np.unique(result.findings[0].indices[:, 0]) + 1)


def test_of_frames_in_the_same_place_the_first_is_shown(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    volume = screening(grid=grid).study.volume
    early = write_series(volume, tmp_path / "a")
    late = write_series(volume, tmp_path / "b")
    for number, path in enumerate(late):
        data = dcmread(path)
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"{UID}55.{number}"
        data.save_as(path)
    paths = early + late
    result = screening(grid=grid, origin_of=Origin(tmp_path, Format.DICOM, paths, (paths,)))
    expected = grid.to_world(result.findings[0].indices)
    points = seg_points(write_seg(result, tmp_path)[0])[1]
    assert len(points) == len(expected)
    assert np.abs(_sorted(points) - _sorted(expected)).max() < 0.01


def test_mr_stations_get_a_segmentation_each(tmp_path: Path) -> None:
    """A thrombus over the seam is in both; a station's grid need not be the merged one."""
    upper = Grid.from_directions((12, 50, 80), (8.0, 3.0, 4.0), (-158, -40, -300), CORONAL)
    lower = Grid.from_directions((12, 50, 80), (8.0, 3.0, 4.0), (-158, -40, -405), CORONAL)
    merged = Grid.from_directions((12, 85, 80), (8.0, 3.0, 4.0), (-158, -40, -300), CORONAL)
    first = screening(Modality.MR, grid=merged)
    series = tuple(
        write_series(
            resample(first.study.volume, grid), tmp_path / f"in{number}", Modality.MR, number
        )
        for number, grid in ((7, upper), (8, lower))
    )
    paths = tuple(path for group in series for path in group)
    result = screening(
        Modality.MR, grid=merged, origin_of=Origin(tmp_path, Format.DICOM, paths, series)
    )
    written = write_seg(result, tmp_path)
    assert [path.name for path in written] == [
        "thrombi_1.dcm",
        "thrombi_2.dcm",
        "veins_1.dcm",
        "veins_2.dcm",
    ]
    labels = np.zeros(merged.shape, dtype=np.uint8)
    labels[tuple(result.findings[0].indices.T)] = 1
    for path, grid in zip(written[:2], (upper, lower), strict=True):
        seen = resample(Volume(labels, merged), grid, Interpolation.NEAREST)
        expected = grid.to_world(np.argwhere(seen.array))
        assert np.abs(_sorted(seg_points(path)[1]) - _sorted(expected)).max() < 0.01
    frames = {dcmread(path).FrameOfReferenceUID for path in written}
    assert len(frames) == 2


def test_headers_without_a_frame_of_reference_carry_no_segmentation(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    result = from_series(tmp_path / "in")
    for path in result.study.origin.paths:
        data = dcmread(path)
        del data.FrameOfReferenceUID
        data.save_as(path)
    with caplog.at_level(logging.WARNING):
        assert write_seg(result, tmp_path) == ()
    assert "FrameOfReferenceUID" in caplog.text


def test_missing_identification_becomes_empty(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    for path in result.study.origin.paths:
        data = dcmread(path)
        del data.AccessionNumber, data.StudyTime, data.PatientBirthDate
        data.save_as(path)
    seg = dcmread(write_seg(result, tmp_path)[0])
    assert seg.AccessionNumber == ""
    assert not seg.StudyTime


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_dciodvfy_finds_no_error(tmp_path: Path) -> None:
    for path in write_seg(from_series(tmp_path / "in"), tmp_path):
        done = subprocess.run(
            ["dciodvfy", "-new", path], capture_output=True, text=True, check=False
        )
        errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
        assert errors == []


def test_the_vein_of_the_test_study_is_what_the_truth_says() -> None:
    grid = orientation_grid("axial")
    assert vein(positions(grid)).sum() > 100
