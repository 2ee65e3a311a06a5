import dataclasses

import numpy as np
import pytest
from pydicom import dcmread

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import UsageError
from deepvein.findings.finding import Delineation
from deepvein.findings.screening import Verdict
from deepvein.findings.signature import Predecessor, Signature
from deepvein.reports import write
from deepvein.reports.masks import thrombus_labels
from deepvein.screening.review import Choice, Decision, Reason, Review, reviewed
from deepvein.studies.reading import read_study
from unit.reports.legs import positions, screening, thrombus
from unit.reports.series import orientation_grid, seg_points, write_series

SIGNATURE = Signature("2.25.77", "Doe^Anna", "Hospital", "2026-01-02T03:04:05+00:00")
YES = Decision(Choice.ACCEPTED)
NO = Decision(Choice.REJECTED, Reason.MIXING)


def test_what_was_accepted_stays_as_it_was():
    before = screening()
    signed = reviewed(before, Review({1: YES}), SIGNATURE)
    assert signed.findings == before.findings
    assert (signed.verdict, signed.probability) == (Verdict.SUSPECTED, 1.0)
    assert "signed by Anna Doe on 2026-01-02 03:04: 1 accepted as found" in signed.remarks[0].text


def test_without_its_findings_the_study_is_free():
    signed = reviewed(screening(), Review({1: NO}), SIGNATURE)
    assert (signed.findings, signed.verdict, signed.probability) == ((), Verdict.NOT_SUSPECTED, 0.0)
    assert not signed.prediction.thrombus_probability.any()


def test_a_corrected_finding_is_measured_anew_and_keeps_its_name():
    before = screening()
    labels = thrombus_labels(before)
    low = np.argwhere(labels)[0][0]
    labels[low] = 0
    (one,) = reviewed(before, Review({1: YES}, labels), SIGNATURE).findings
    (was,) = before.findings
    assert one.delineation is Delineation.SEMIAUTOMATIC
    assert one.tracking_uid == was.tracking_uid
    assert one.probability == was.probability
    assert one.extent_mm == pytest.approx(was.extent_mm - 6.0)
    assert len(one.indices) == (labels == 1).sum()


def test_a_thrombus_that_was_missed_is_measured_and_named():
    before = screening(verdict=Verdict.NOT_SUSPECTED)
    right = thrombus(positions(before.study.volume.grid), Side.RIGHT)
    signed = reviewed(before, Review({}, right.astype(np.uint8) * 9), SIGNATURE)
    (one,) = signed.findings
    assert (one.number, one.side, one.delineation) == (9, Side.RIGHT, Delineation.MANUAL)
    assert one.segments[0].segment in {VeinSegment.FEMORAL, VeinSegment.POPLITEAL}
    assert one.volume_ml == pytest.approx(right.sum() * 6 * 4 * 4 / 1000)
    assert signed.verdict is Verdict.SUSPECTED


@pytest.mark.parametrize(
    ("review", "told"),
    [
        (Review(), "finding 1 has no decision"),
        (Review({1: YES, 2: YES}), "no finding 2"),
        (Review({1: YES}, np.zeros((30, 48, 80), np.uint8)), "no voxels left"),
        (Review({1: YES}, np.zeros((3, 4, 8), np.uint8)), "of shape"),
        (Review({1: YES}, verdict=Verdict.NOT_SUSPECTED), "contradicts the findings: 1"),
        (Review({1: NO}, verdict=Verdict.SUSPECTED), "contradicts the findings: none"),
    ],
)
def test_what_contradicts_itself_is_not_signed(review, told):
    with pytest.raises(UsageError, match=told):
        reviewed(screening(), review, SIGNATURE)


def test_a_rejection_has_a_reason():
    with pytest.raises(UsageError, match="with a reason"):
        Decision(Choice.REJECTED)


def test_nothing_found_may_be_called_not_assessable():
    signed = reviewed(screening(), Review({1: NO}, verdict=Verdict.NOT_ASSESSABLE), SIGNATURE)
    assert (signed.verdict, signed.probability) == (Verdict.NOT_ASSESSABLE, None)


@pytest.fixture
def written(tmp_path):
    """Reports of a DICOM study before and after a person corrected one thrombus and added another."""
    grid = orientation_grid("prone")
    write_series(screening(grid=grid).study.volume, tmp_path / "study")
    study = read_study(tmp_path / "study")
    before = dataclasses.replace(screening(grid=study.volume.grid), study=study)
    write(before, tmp_path / "before")
    first = dcmread(tmp_path / "before" / "sr_thrombi.dcm")
    followed = Predecessor(
        "sr_thrombi.dcm", first.SOPClassUID, first.SOPInstanceUID, first.SeriesInstanceUID,
        first.StudyInstanceUID,
    )  # fmt: skip
    labels = thrombus_labels(before)
    world = positions(study.volume.grid)
    labels[thrombus(world, Side.RIGHT)] = 2
    labels[(labels == 1) & (world[..., 2] < -420)] = 0
    signature = dataclasses.replace(SIGNATURE, predecessors=(followed,))
    signed = reviewed(before, Review({1: YES}, labels), signature)
    write(signed, tmp_path / "after")
    return tmp_path, labels, study.volume.grid


def test_the_seg_holds_the_correction_and_says_who_drew(written):
    folder, labels, grid = written
    seg = dcmread(folder / "after" / "thrombi.dcm")
    assert [one.SegmentAlgorithmType for one in seg.SegmentSequence] == ["SEMIAUTOMATIC", "MANUAL"]
    for number, points in seg_points(folder / "after" / "thrombi.dcm").items():
        index = np.rint(grid.to_index(points)).astype(int)
        drawn = np.zeros_like(labels)
        drawn[tuple(index.T)] = number
        assert (drawn[labels == number] == number).all()
        assert (drawn > 0).sum() == (labels == number).sum()


def test_the_sr_is_verified_and_names_what_it_follows(written):
    folder, _, _ = written
    before, after = (dcmread(folder / name / "sr_thrombi.dcm") for name in ("before", "after"))
    assert (after.VerificationFlag, after.PreliminaryFlag) == ("VERIFIED", "FINAL")
    assert before.VerificationFlag == "UNVERIFIED"
    (observer,) = after.VerifyingObserverSequence
    assert str(observer.VerifyingObserverName) == "Doe^Anna"
    (followed,) = after.PredecessorDocumentsSequence
    named = followed.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert named.ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert "PredecessorDocumentsSequence" not in dcmread(folder / "after" / "sr_assessment.dcm")
