import dataclasses
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from highdicom.sr import srread
from pydicom import Dataset, dcmread

from deepvein.anatomy.veins import Side
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.dicom.seg import seg_report
from deepvein.reports.dicom.series import NOT_DICOM
from deepvein.reports.dicom.sr import sr_report
from deepvein.reports.writer import Report, ReportContext
from unit.reports.dicom.test_seg import edited, from_series
from unit.reports.legs import screening
from unit.reports.series import ORIENTATIONS, orientation_grid, origin_of, write_enhanced

PRESENT, ABSENT, UNDETERMINED = "52101004", "272519000", "373068000"
SIDES = {"7771000": "left", "24028007": "right", "51440002": "both"}


def write_sr(result: Screening, folder: Path) -> dict[str, Path]:
    """The files of the report by name."""
    context = ReportContext(documents=seg_report(result).documents)
    written = {}
    for document in sr_report(result, context).documents:
        written[document.name] = folder / document.name
        document.save(written[document.name])
    return written


def items(dataset: Dataset, code: str) -> list[Dataset]:
    """All content items with this concept name, by plain walking."""
    found = []
    for item in dataset.get("ContentSequence", ()):
        names = item.get("ConceptNameCodeSequence")
        if names and names[0].CodeValue == code:
            found.append(item)
        found += items(item, code)
    return found


def assessments(path: Path) -> dict[str, tuple[str, float | None]]:
    """Presence and certainty in percent for each side."""
    said = {}
    for group in items(dcmread(path), "125007"):
        (site,) = items(group, "363698007")
        side = items(site, "272741003")[0].ConceptCodeSequence[0].CodeValue
        (presence,) = items(group, "121052")
        certainty = [float(n.MeasuredValueSequence[0].NumericValue) for n in items(group, "111012")]
        said[SIDES[side]] = (
            presence.ConceptCodeSequence[0].CodeValue,
            certainty[0] if certainty else None,
        )
    return said


def test_a_thrombus_is_measured_placed_and_bound_to_its_segment(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    (finding,) = result.findings
    file = dcmread(write_sr(result, tmp_path)["sr_thrombi.dcm"])
    (group,) = items(file, "125007")
    (uid,) = items(group, "112040")
    assert finding.tracking_uid == uid.UID
    seg = seg_report(result).documents[0].dataset
    (segment,) = items(group, "121191")
    reference = segment.ReferencedSOPSequence[0]
    assert reference.ReferencedSOPInstanceUID == seg.SOPInstanceUID
    assert reference.ReferencedSegmentNumber == 1
    assert seg.SegmentSequence[0].TrackingUID == finding.tracking_uid
    sites = items(group, "363698007")
    assert [site.ConceptCodeSequence[0].CodeValue for site in sites] == ["83419000", "56849005"]
    for site in sites:
        assert items(site, "272741003")[0].ConceptCodeSequence[0].CodeValue == "7771000"
    measured = {
        code: (
            float(items(group, code)[0].MeasuredValueSequence[0].NumericValue),
            items(group, code)[0]
            .MeasuredValueSequence[0]
            .MeasurementUnitsCodeSequence[0]
            .CodeValue,
        )
        for code in ("118565006", "410668003", "81827009", "111012")
    }
    assert measured == {
        "118565006": (pytest.approx(finding.volume_ml), "cm3"),
        "410668003": (pytest.approx(finding.extent_mm), "mm"),
        "81827009": (pytest.approx(finding.diameter_mm), "mm"),
        "111012": (93.0, "%"),
    }


def test_study_and_legs_are_assessed(tmp_path: Path) -> None:
    path = write_sr(from_series(tmp_path / "in"), tmp_path)["sr_assessment.dcm"]
    assert assessments(path) == {
        "both": (PRESENT, 96.0),
        "left": (PRESENT, 93.0),
        "right": (ABSENT, None),
    }


def test_a_negative_study_has_its_report(tmp_path: Path) -> None:
    written = write_sr(from_series(tmp_path / "in", verdict=Verdict.NOT_SUSPECTED), tmp_path)
    assert list(written) == ["sr_assessment.dcm"]
    assert assessments(written["sr_assessment.dcm"]) == {
        "both": (ABSENT, 8.0),
        "left": (ABSENT, None),
        "right": (ABSENT, None),
    }


def test_what_cannot_be_assessed_is_undetermined(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in", verdict=Verdict.NOT_ASSESSABLE)
    unasked = dataclasses.replace(result, prediction=None, tree=None)
    path = write_sr(unasked, tmp_path)["sr_assessment.dcm"]
    assert set(assessments(path).values()) == {(UNDETERMINED, None)}


def test_a_suspicion_without_a_finding_leaves_the_legs_open(tmp_path: Path) -> None:
    result = dataclasses.replace(from_series(tmp_path / "in"), findings=())
    path = write_sr(result, tmp_path)["sr_assessment.dcm"]
    assert assessments(path) == {
        "both": (PRESENT, 96.0),
        "left": (UNDETERMINED, None),
        "right": (UNDETERMINED, None),
    }


def test_of_one_leg_nothing_is_said_about_the_other(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    study = dataclasses.replace(result.study, laterality=Side.LEFT)
    path = write_sr(dataclasses.replace(result, study=study), tmp_path)["sr_assessment.dcm"]
    assert set(assessments(path)) == {"left"}


def test_is_complete_unverified_and_preliminary(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    for path in write_sr(result, tmp_path).values():
        file = srread(path)
        assert file.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"
        flags = (file.CompletionFlag, file.VerificationFlag, file.PreliminaryFlag)
        assert flags == ("COMPLETE", "UNVERIFIED", "PRELIMINARY")
        assert file.content.get_observer_contexts()
        assert (str(file.PatientName), file.PatientID) == ("Phantom^One", "P1")
        listed = file.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        images = [len(series.ReferencedSOPSequence) for series in listed]
        assert max(images) == len(result.study.origin.paths)


def test_a_frame_of_a_multi_frame_image_is_named(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    path = write_enhanced(screening(grid=grid).study.volume, tmp_path / "in" / "all.dcm")
    result = screening(grid=grid, origin_of=origin_of(path, (path,)))
    file = dcmread(write_sr(result, tmp_path)["sr_assessment.dcm"])
    (first, *_) = items(items(file, "125007")[0], "121112")
    number = first.ReferencedSOPSequence[0].ReferencedFrameNumber
    assert number == result.findings[0].key_slice + 1


def test_other_formats_and_images_without_uids_have_none(tmp_path: Path) -> None:
    assert sr_report(screening()) == Report(unfit=NOT_DICOM)
    nameless = edited(tmp_path, lambda data: delattr(data, "SOPInstanceUID"))
    report = sr_report(nameless)
    assert report.documents == ()
    assert "No DICOM SR" in report.remarks[0].text


def test_refers_to_the_segmentation_that_is_written_later(tmp_path: Path) -> None:
    result = from_series(tmp_path / "in")
    alone = sr_report(result).documents[0].dataset
    segment = items(alone, "121191")[0].ReferencedSOPSequence[0]
    seg = seg_report(result).documents[0].dataset
    assert segment.ReferencedSOPInstanceUID == seg.SOPInstanceUID


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("verdict", Verdict)
def test_dciodvfy_finds_no_error(verdict: Verdict, tmp_path: Path) -> None:
    for path in write_sr(from_series(tmp_path / "in", verdict=verdict), tmp_path).values():
        done = subprocess.run(
            ["dciodvfy", "-new", path], capture_output=True, text=True, check=False
        )
        assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == []


@pytest.mark.skipif(shutil.which("DicomSRValidator") is None, reason="pixelmed-apps is missing")
@pytest.mark.parametrize("verdict", Verdict)
def test_pixelmed_finds_no_error(verdict: Verdict, tmp_path: Path) -> None:
    # Its XPath expressions are beyond the limits of Java 17.
    limits = (
        "-Djdk.xml.xpathTotalOpLimit=0 -Djdk.xml.xpathExprGrpLimit=0 -Djdk.xml.xpathExprOpLimit=0"
    )
    for path in write_sr(from_series(tmp_path / "in", verdict=verdict), tmp_path).values():
        done = subprocess.run(
            ["DicomSRValidator", path],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "JAVA_TOOL_OPTIONS": limits},
        )
        told = (done.stdout + done.stderr).splitlines()
        assert "Root Template Validation Complete" in told
        assert [line for line in told if line.startswith("Error")] == []


@pytest.mark.skipif(shutil.which("tid1500reader") is None, reason="dcmqi is not installed")
@pytest.mark.parametrize("name", ORIENTATIONS)
def test_dcmqi_reads_the_measurements(name: str, tmp_path: Path) -> None:
    result = from_series(tmp_path / "in", name)
    path = write_sr(result, tmp_path)["sr_thrombi.dcm"]
    read = tmp_path / "read.json"
    subprocess.run(
        ["tid1500reader", "--inputDICOM", path, "--outputMetadata", read],
        check=True,
        capture_output=True,
    )
    (group,) = json.loads(read.read_text())["Measurements"]
    assert group["TrackingUniqueIdentifier"] == result.findings[0].tracking_uid
    assert group["FindingSite"]["CodeValue"] == "83419000"
    values = {
        one["quantity"]["CodeMeaning"]: float(one["value"]) for one in group["measurementItems"]
    }
    (one,) = result.findings
    assert values == pytest.approx(
        {
            "Volume": one.volume_ml,
            "Length": one.extent_mm,
            "Diameter": one.diameter_mm,
            "Certainty of Finding": 93.0,
        }
    )
