import dataclasses
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from deepvein.anatomy.veins import Side
from deepvein.drawing.windows import window_for
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.dicom.outlines import marked
from deepvein.reports.dicom.presentation import presentation_report
from deepvein.reports.dicom.seg import seg_report
from deepvein.reports.dicom.series import NOT_DICOM
from deepvein.reports.writer import Report
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.resample import resample
from unit.reports.dicom.test_seg import edited, from_series
from unit.reports.legs import MODEL, finding, positions, screening, thrombus
from unit.reports.series import orientation_grid, origin_of, write_enhanced, write_series


def states(result: Screening, folder: Path) -> tuple[Dataset, ...]:
    """The presentation states as they are read back."""
    folder.mkdir(parents=True, exist_ok=True)
    read = []
    for document in presentation_report(result).documents:
        document.save(folder / document.name)
        read.append(dcmread(folder / document.name))
    return tuple(read)


def on_both_sides(result: Screening) -> Screening:
    grid = result.study.volume.grid
    right = finding(thrombus(positions(grid), Side.RIGHT), grid, 2, Side.RIGHT)
    return dataclasses.replace(result, findings=(*result.findings, right))


def test_outline_label_and_notice_lie_on_the_key_image(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    (state,) = states(result, tmp_path)
    assert state.SOPClassUID == "1.2.840.10008.5.1.4.1.1.11.1"
    assert state.Modality == "PR"
    key = dcmread(result.study.origin.paths[result.findings[0].key_slice])
    (series,) = state.ReferencedSeriesSequence
    (image,) = series.ReferencedImageSequence
    assert series.SeriesInstanceUID == key.SeriesInstanceUID
    assert image.ReferencedSOPInstanceUID == key.SOPInstanceUID
    mark, notice = state.GraphicAnnotationSequence
    assert mark.ReferencedImageSequence[0].ReferencedSOPInstanceUID == key.SOPInstanceUID
    (text,) = mark.TextObjectSequence
    assert text.UnformattedTextValue == "1 L FV, POPV 93 %"
    (line,) = mark.GraphicObjectSequence
    (one,) = marked(result)
    drawn = np.reshape(line.GraphicData, (-1, 2))
    assert line.GraphicType == "POLYLINE"
    assert np.abs(drawn - one.outlines[0]).max() < 1e-4
    seg = seg_report(result).documents[0].dataset
    assert line.TrackingUID == text.TrackingUID == seg.SegmentSequence[0].TrackingUID
    assert line.TrackingID == seg.SegmentSequence[0].TrackingID
    assert "research only" in notice.TextObjectSequence[0].UnformattedTextValue
    layers = [layer.GraphicLayer for layer in state.GraphicLayerSequence]
    assert layers == ["THROMBUS 1", "NOTICE"]


def test_shows_the_window_and_the_proportions_of_our_own_pictures(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    (state,) = states(result, tmp_path)
    (shown,) = state.SoftcopyVOILUTSequence
    window = window_for(result.study.volume, Modality.CT)
    assert shown.WindowCenter == (window.low + window.high) / 2
    assert shown.WindowWidth == window.high - window.low
    assert shown.WindowCenterWidthExplanation == "veins"
    assert (state.RescaleSlope, state.RescaleIntercept, state.RescaleType) == (1, 0, "HU")
    assert state.PresentationLUTShape == "IDENTITY"
    (area,) = state.DisplayedAreaSelectionSequence
    key = dcmread(result.study.origin.paths[0])
    assert list(area.PresentationPixelSpacing) == list(key.PixelSpacing)
    assert list(area.DisplayedAreaBottomRightHandCorner) == [key.Columns, key.Rows]
    assert (state.PresentationCreationDate, state.PresentationCreationTime) == (
        "20250101",
        "000000",
    )


def test_two_findings_on_one_image_are_seen_together_and_can_be_told_apart(tmp_path: Path) -> None:
    result = on_both_sides(from_series(tmp_path / "in"))
    (state,) = states(result, tmp_path)
    left, right, _ = state.GraphicAnnotationSequence
    (series,) = state.ReferencedSeriesSequence
    assert len(series.ReferencedImageSequence) == 1
    assert (left.GraphicLayer, right.GraphicLayer) == ("THROMBUS 1", "THROMBUS 2")
    boxes = [
        (*one.TextObjectSequence[0].BoundingBoxTopLeftHandCorner,
         *one.TextObjectSequence[0].BoundingBoxBottomRightHandCorner)
        for one in (left, right)
    ]  # fmt: skip
    # The left leg lies on the right of the picture.
    assert boxes[0][0] >= boxes[1][2] or boxes[0][1] >= boxes[1][3] or boxes[1][1] >= boxes[0][3]


def test_names_the_frames_of_a_multi_frame_image(tmp_path: Path) -> None:
    grid = orientation_grid("oblique")
    path = write_enhanced(screening(grid=grid).study.volume, tmp_path / "in" / "all.dcm")
    result = screening(grid=grid, origin_of=origin_of(path, (path,)))
    (state,) = states(result, tmp_path)
    number = result.findings[0].key_slice + 1
    (image,) = state.ReferencedSeriesSequence[0].ReferencedImageSequence
    assert image.ReferencedSOPInstanceUID == dcmread(path).SOPInstanceUID
    assert image.ReferencedFrameNumber == number
    for annotation in state.GraphicAnnotationSequence:
        (item,) = annotation.ReferencedImageSequence
        assert item.ReferencedSOPInstanceUID == dcmread(path).SOPInstanceUID
        assert item.ReferencedFrameNumber == number


def test_each_station_has_its_own_in_the_signal_of_its_own_images(tmp_path: Path) -> None:
    upper = Grid.from_directions((12, 50, 80), (8.0, 3.0, 4.0), (-158, -40, -270), CORONAL)
    lower = Grid.from_directions((12, 50, 80), (8.0, 3.0, 4.0), (-158, -40, -420), CORONAL)
    merged = Grid.from_directions((12, 100, 80), (8.0, 3.0, 4.0), (-158, -40, -270), CORONAL)
    first = screening(Modality.MR, grid=merged)
    parts = [resample(first.study.volume, grid) for grid in (upper, lower)]
    series = [
        write_series(part, tmp_path / f"in{number}", Modality.MR, number)
        for number, part in ((7, parts[0]), (8, parts[1]))
    ]
    origin = origin_of(tmp_path, *series)
    sources = (origin.sources[0], dataclasses.replace(origin.sources[1], gain=2.0))
    origin = dataclasses.replace(origin, sources=sources)
    result = screening(Modality.MR, grid=merged, origin_of=origin)
    points = merged.to_world(result.findings[0].indices)
    halves = [points[:, 2] > -418.5, points[:, 2] < -418.5]
    pieces = []
    for number, half in enumerate(halves, start=1):
        piece = np.zeros(merged.shape, dtype=bool)
        piece[tuple(result.findings[0].indices[half].T)] = True
        pieces.append(finding(piece, merged, number))
    result = dataclasses.replace(result, findings=tuple(pieces))
    one, other = states(result, tmp_path)
    assert one.SOPInstanceUID != other.SOPInstanceUID
    assert one.SeriesInstanceUID == other.SeriesInstanceUID
    assert one.RescaleType == "US"
    width = window_for(result.study.volume, Modality.MR)
    assert one.SoftcopyVOILUTSequence[0].WindowWidth == pytest.approx(width.high - width.low)
    half_as_wide = other.SoftcopyVOILUTSequence[0].WindowWidth
    assert half_as_wide == pytest.approx((width.high - width.low) / 2)


def test_images_that_are_rescaled_differently_get_one_each(tmp_path: Path) -> None:
    result = on_both_sides(from_series(tmp_path / "in"))
    source = result.study.origin.sources[0]
    key = result.findings[0].key_slice
    frames = list(source.frames)
    frames[key] = dataclasses.replace(frames[key], slope=2.0, intercept=-1024.0)
    origin = dataclasses.replace(
        result.study.origin, sources=(dataclasses.replace(source, frames=tuple(frames)),)
    )
    study = dataclasses.replace(result.study, origin=origin)
    left, right = result.findings
    place = (right.key_point_mm[0], right.key_point_mm[1], right.key_point_mm[2] + 5.0)
    right = dataclasses.replace(right, key_point_mm=place)
    result = dataclasses.replace(result, study=study, findings=(left, right))
    scales = {
        (float(one.RescaleSlope), float(one.RescaleIntercept)) for one in states(result, tmp_path)
    }
    assert scales == {(1.0, 0.0), (2.0, -1024.0)}


def test_dark_is_bright_where_the_images_say_so(tmp_path: Path) -> None:
    def edit(data: Dataset) -> None:
        data.PhotometricInterpretation = "MONOCHROME1"

    (state,) = states(edited(tmp_path / "in", edit), tmp_path)
    assert state.PresentationLUTShape == "INVERSE"


def test_without_findings_or_dicom_or_uids_there_is_none(tmp_path: Path) -> None:
    assert presentation_report(screening()) == Report(unfit=NOT_DICOM)
    negative = from_series(tmp_path / "in", verdict=Verdict.NOT_SUSPECTED)
    assert presentation_report(negative) == Report()
    nameless = edited(tmp_path / "odd", lambda data: delattr(data, "SOPInstanceUID"))
    report = presentation_report(nameless)
    assert report.documents == ()
    assert "No presentation state" in report.remarks[0].text


def test_another_model_makes_another_object_and_a_rerun_the_same(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    later = dataclasses.replace(result.provenance, created="2026-02-03T04:05:06+00:00")
    other = dataclasses.replace(MODEL, sha256="cd" * 32)
    prediction = dataclasses.replace(result.prediction, models=(other,))

    def uids(one: Screening) -> tuple[str, str, str]:
        (document,) = presentation_report(one).documents
        state = document.dataset
        device = state.ContributingEquipmentSequence[0].DeviceUID
        return state.SOPInstanceUID, state.SeriesInstanceUID, device

    first = uids(result)
    assert uids(dataclasses.replace(result, provenance=later)) == first
    assert not set(uids(dataclasses.replace(result, prediction=prediction))) & set(first)
