import dataclasses
import shutil
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from highdicom.seg import segread
from pydicom import Dataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from deepvein.anatomy.veins import Side
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.dicom.seg import seg_report
from deepvein.reports.dicom.series import NOT_DICOM
from deepvein.reports.writer import Report
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.resample import Interpolation, resample
from deepvein.volumes.volume import Volume
from unit.reports.legs import MODEL, finding, positions, screening, thrombus, vein
from unit.reports.series import (
    ORIENTATIONS,
    orientation_grid,
    origin_of,
    seg_points,
    write_enhanced,
    write_series,
)


def write_seg(result: Screening, folder: Path) -> tuple[Path, ...]:
    """The files of the report, in its order."""
    written = []
    for document in seg_report(result).documents:
        written.append(folder / document.name)
        document.save(written[-1])
    return tuple(written)


def from_series(folder: Path, name: str = "axial", **options: object) -> Screening:
    grid = orientation_grid(name)
    first = screening(grid=grid)
    paths = write_series(first.study.volume, folder)
    source = origin_of(folder, paths)
    return screening(grid=grid, origin_of=source, **options)  # type: ignore[arg-type]


def edited(folder: Path, edit: Callable[[Dataset], object], name: str = "axial") -> Screening:
    """A screening of a series whose files were changed."""
    result = from_series(folder, name)
    paths = result.study.origin.paths
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            data = dcmread(path)
            edit(data)
            data.save_as(path)
    return screening(grid=orientation_grid(name), origin_of=origin_of(folder, paths))


def store(data: Dataset, keyword: str, vr: str, value: bytes) -> None:
    """Put bytes into a data set as they are."""
    tag = Tag(keyword)
    data[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)


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


def test_belongs_to_the_patient_and_study_of_its_source(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    source = dcmread(result.study.origin.paths[0])
    for path in write_seg(result, tmp_path):
        seg = dcmread(path)
        for keyword in ("PatientID", "PatientName", "PatientSex", "StudyInstanceUID", "StudyDate"):
            assert seg[keyword].value == source[keyword].value != "", keyword


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


def test_other_formats_have_no_segmentation() -> None:
    assert seg_report(screening()) == Report(unfit=NOT_DICOM)


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
    result = screening(grid=grid, origin_of=origin_of(path, (path,)))
    thrombi, _ = write_seg(result, tmp_path)
    expected = grid.to_world(result.findings[0].indices)
    assert np.abs(_sorted(seg_points(thrombi)[1]) - _sorted(expected)).max() < 0.01
    frames = [
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for group in dcmread(thrombi).PerFrameFunctionalGroupsSequence
    ]
    assert sorted(frames) == sorted(np.unique(result.findings[0].indices[:, 0]) + 1)


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
    result = screening(Modality.MR, grid=merged, origin_of=origin_of(tmp_path, *series))
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


@pytest.mark.parametrize(
    ("keyword", "said"),
    [
        ("FrameOfReferenceUID", "Frame of Reference UID"),
        ("SOPInstanceUID", "SOP Instance UID"),
        ("StudyInstanceUID", "Study Instance UID"),
        ("SeriesInstanceUID", "Series Instance UID"),
    ],
)
def test_images_without_a_uid_carry_no_segmentation_and_a_remark(
    keyword: str, said: str, tmp_path: Path
) -> None:
    report = seg_report(edited(tmp_path, lambda data: delattr(data, keyword)))
    (remark,) = report.remarks
    assert report.documents == ()
    assert said in remark.text
    assert "No DICOM SEG" in remark.text


def test_images_that_share_a_uid_carry_no_segmentation(tmp_path: Path) -> None:
    report = seg_report(edited(tmp_path, lambda data: setattr(data, "SOPInstanceUID", "1.2.3")))
    assert report.documents == ()
    assert "the same SOP Instance UID" in report.remarks[0].text


def test_missing_identification_becomes_empty(tmp_path: Path) -> None:
    def edit(data: Dataset) -> None:
        del data.AccessionNumber, data.StudyTime, data.PatientBirthDate

    seg = dcmread(write_seg(edited(tmp_path / "in", edit), tmp_path)[0])
    assert seg.AccessionNumber == ""
    assert not seg.StudyTime


def test_values_that_are_not_valid_are_mended_with_a_remark(tmp_path: Path) -> None:
    def edit(data: Dataset) -> None:
        store(data, "PatientBirthDate", "DA", b"00/00/0000")
        store(data, "StudyTime", "TM", b"10:15:00")
        store(data, "PatientSex", "CS", b"female")
        del data.SliceThickness

    report = seg_report(edited(tmp_path, edit))
    seg = report.documents[0].dataset
    assert (seg.PatientBirthDate, seg.StudyTime, seg.PatientSex) == ("", "101500", "F")
    (remark,) = report.remarks
    assert "Patient's Birth Date '00/00/0000' was left out" in remark.text
    assert "Study Time '10:15:00' became '101500'" in remark.text
    assert seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SliceThickness == 5.0


def test_cosines_that_were_rounded_are_perpendicular_again(tmp_path: Path) -> None:
    def edit(data: Dataset) -> None:
        data.ImageOrientationPatient = [round(float(x), 3) for x in data.ImageOrientationPatient]

    def cosines(path: Path) -> np.ndarray:
        (shared,) = dcmread(path).SharedFunctionalGroupsSequence
        values = shared.PlaneOrientationSequence[0].ImageOrientationPatient
        return np.reshape(np.array(values, dtype=float), (2, 3))

    path = write_seg(edited(tmp_path / "in", edit, "oblique"), tmp_path)[0]
    assert cosines(path) @ cosines(path).T == pytest.approx(np.eye(2), abs=1e-12)
    assert len(segread(path).get_volume(combine_segments=True).array)


def test_every_frame_names_its_segment(tmp_path: Path) -> None:
    """highdicom refers to a segment of a SEG only where it does."""
    from highdicom.sr import ReferencedSegment

    for path in write_seg(from_series(tmp_path / "in"), tmp_path):
        seg = segread(path)
        assert "SegmentIdentificationSequence" not in seg.SharedFunctionalGroupsSequence[0]
        named = ReferencedSegment.from_segmentation(seg, 1)
        assert named.referenced_sop_instance_uid == seg.SOPInstanceUID


def two_thrombi(tmp_path: Path) -> Screening:
    """One finding in two pieces with a gap between them, as one segment has it."""
    result = from_series(tmp_path / "in")
    (one,) = result.findings
    slices = one.indices[:, 0]
    ends = one.indices[(slices <= slices.min() + 1) | (slices >= slices.max() - 1)]
    return dataclasses.replace(result, findings=(dataclasses.replace(one, indices=ends),))


def test_frames_between_marked_ones_are_there_and_empty(tmp_path: Path) -> None:
    result = two_thrombi(tmp_path)
    path = write_seg(result, tmp_path)[0]
    seg = dcmread(path)
    marked = np.unique(result.findings[0].indices[:, 0])
    assert seg.NumberOfFrames == marked[-1] - marked[0] + 1 > len(marked)
    expected = result.study.volume.grid.to_world(result.findings[0].indices)
    assert np.abs(_sorted(seg_points(path)[1]) - _sorted(expected)).max() < 0.01


def test_between_two_segments_no_frame_is_lost(tmp_path: Path) -> None:
    result = two_thrombi(tmp_path)
    (one,) = result.findings
    low = one.indices[:, 0] <= one.indices[:, 0].min() + 1
    pieces = tuple(
        dataclasses.replace(one, number=number, indices=one.indices[part])
        for number, part in ((1, low), (2, ~low))
    )
    path = write_seg(dataclasses.replace(result, findings=pieces), tmp_path)[0]
    places = {
        group.PlanePositionSequence[0].ImagePositionPatient[2]
        for group in dcmread(path).PerFrameFunctionalGroupsSequence
    }
    assert np.diff(sorted(places)) == pytest.approx(5.0)
    grid, points = result.study.volume.grid, seg_points(path)
    for piece in pieces:
        expected = grid.to_world(piece.indices)
        assert np.abs(_sorted(points[piece.number]) - _sorted(expected)).max() < 0.01


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_simpleitk_reads_the_same_places(name: str, tmp_path: Path) -> None:
    import SimpleITK

    grid = orientation_grid(name)
    result = from_series(tmp_path / "in", name)
    for path, expected in zip(
        write_seg(result, tmp_path),
        (grid.to_world(result.findings[0].indices), _vein_points(result)),
        strict=True,
    ):
        image = SimpleITK.ReadImage(str(path))
        pixels = SimpleITK.GetArrayFromImage(image)
        # SimpleITK 2.5 leaves to chance what stands in the last byte if pixels end inside it.
        pixels.ravel()[pixels.size // 8 * 8 :] = 0
        indices = np.argwhere(pixels > 0)[:, ::-1]
        read = [image.TransformIndexToPhysicalPoint(index) for index in indices.tolist()]
        assert len(read) == len(expected)
        assert np.abs(_sorted(np.array(read)) - _sorted(expected)).max() < 0.01


@pytest.mark.skipif(shutil.which("segimage2itkimage") is None, reason="dcmqi is not installed")
@pytest.mark.parametrize("name", ORIENTATIONS)
def test_dcmqi_reads_the_same_places(name: str, tmp_path: Path) -> None:
    import SimpleITK

    result = from_series(tmp_path / "in", name)
    path = write_seg(result, tmp_path)[0]
    subprocess.run(
        ["segimage2itkimage", "--inputDICOM", path, "--outputDirectory", tmp_path], check=True,
        capture_output=True,
    )  # fmt: skip
    image = SimpleITK.ReadImage(str(tmp_path / "1.nrrd"))
    indices = np.argwhere(SimpleITK.GetArrayFromImage(image) > 0)[:, ::-1]
    read = [image.TransformIndexToPhysicalPoint(index) for index in indices.tolist()]
    expected = result.study.volume.grid.to_world(result.findings[0].indices)
    assert np.abs(_sorted(np.array(read)) - _sorted(expected)).max() < 0.01


def test_monai_reads_the_same_places(tmp_path: Path) -> None:
    readers = pytest.importorskip("monai.data", reason="MONAI is not installed")
    result = from_series(tmp_path / "in")
    path = write_seg(result, tmp_path)[0]
    reader = readers.PydicomReader()
    array, _ = reader.get_data(reader.read(str(path)))
    assert np.count_nonzero(array) == len(result.findings[0].indices)


def test_another_model_makes_other_objects_and_a_rerun_the_same(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    other = dataclasses.replace(MODEL, sha256="cd" * 32)
    later = dataclasses.replace(result.provenance, created="2026-02-03T04:05:06+00:00")
    prediction = dataclasses.replace(result.prediction, models=(other,))

    def uids(screening: Screening) -> list[tuple[str, str, str]]:
        made = [document.dataset for document in seg_report(screening).documents]
        return [
            (
                seg.SOPInstanceUID,
                seg.SeriesInstanceUID,
                seg.ContributingEquipmentSequence[0].DeviceUID,
            )
            for seg in made
        ]

    first = uids(result)
    assert uids(dataclasses.replace(result, provenance=later)) == first
    for one, another in zip(
        first, uids(dataclasses.replace(result, prediction=prediction)), strict=True
    ):
        assert not set(one) & set(another)
    assert len({uid for one in first for uid in one}) == 5


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
