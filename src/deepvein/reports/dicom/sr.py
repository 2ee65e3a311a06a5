"""DICOM SR: the result for archives and reporting systems, as Comprehensive 3D SR of template TID 1500.

Two documents in one series: sr_thrombi.dcm measures each thrombus (TID 1411) and refers to its segment in
the SEG, sr_assessment.dcm says for each leg and for the study whether DVT is present (TID 1501). Apart,
since validators hold every group against every template. Both are complete, unverified and preliminary;
those of a signed screening are verified and final, and name the documents that they follow.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from deepvein._version import __version__
from deepvein.anatomy.veins import Side
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening, Verdict
from deepvein.findings.signature import Predecessor, Signature
from deepvein.reports.dicom import identity
from deepvein.reports.dicom.context import UTF_8, StudyContext, study_context
from deepvein.reports.dicom.seg import save_dataset, seg_report
from deepvein.reports.dicom.series import NOT_DICOM, instances, obstacle, series_number
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, Document, Report, ReportContext
from deepvein.studies.source import SourceFrame, nearest_frame
from deepvein.studies.study import Format, Modality, Remark

if TYPE_CHECKING:
    from highdicom.sr import Comprehensive3DSR, FindingSite, TrackingIdentifier
    from pydicom import Dataset

Codes = tuple[str, str, str]
"""Value, scheme and meaning."""

_PROCEDURES: dict[Modality, Codes] = {
    Modality.CT: ("25045-6", "LN", "CT unspecified body region"),
    Modality.MR: ("25056-3", "LN", "MRI unspecified body region"),
}
"""CID 100: what was done is the imaging; that software read it is said elsewhere."""

_DVT: Codes = ("128053003", "SCT", "Deep venous thrombosis")
_LEG: Codes = ("61685007", "SCT", "Lower limb")
_LEG_VEIN: Codes = ("122774002", "SCT", "Vein of lower extremity")
_PRESENCE: Codes = ("121052", "DCM", "Presence of property")
_SIDES: dict[Side, Codes] = {
    Side.LEFT: ("7771000", "SCT", "Left"),
    Side.RIGHT: ("24028007", "SCT", "Right"),
}
_BILATERAL: Codes = ("51440002", "SCT", "Bilateral")
_PRESENT: Codes = ("52101004", "SCT", "Present")
_ABSENT: Codes = ("272519000", "SCT", "Absent")
_UNDETERMINED: Codes = ("373068000", "SCT", "Undetermined")


@WRITERS.register("sr")
def sr_report(screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report:
    """sr_assessment.dcm, and sr_thrombi.dcm if a SEG shows a thrombus.

    Unfit for a study that is not DICOM. The SEG need not be written with it: it has the same UIDs
    whenever it is. Images without the UIDs that a reference needs carry no SR, and a remark says so.
    """
    if screening.study.origin.format is not Format.DICOM:
        return Report(unfit=NOT_DICOM)
    sources = screening.study.origin.sources
    for source in sources:
        reason = obstacle(source)
        if reason:
            text = f"No DICOM SR could be written for {source.frames[0].path.name}: {reason}."
            return Report(remarks=(Remark("no-sr", text),))
    study = study_context(sources[0].header)
    built = context.documents or seg_report(screening).documents
    segs = [one.dataset for one in built if one.dataset is not None and _is_seg(one.dataset)]
    documents = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        images = [image for one in sources for image in instances(one, study)]
        groups = [_thrombus(finding, segs) for finding in screening.findings]
        measured = [group for group in groups if group is not None]
        if measured:
            evidence = [*images, *(seg for seg in segs if _tracking_uids(seg))]
            file = _document(screening, study, "thrombi", measured, evidence, 1)
            documents.append(_named("sr_thrombi.dcm", file))
        file = _document(screening, study, "assessment", list(_assessments(screening)), images, 2)
        documents.append(_named("sr_assessment.dcm", file))
    return Report(tuple(documents), study.remarks)


def _named(name: str, file: Comprehensive3DSR) -> Document:
    return Document(name, partial(save_dataset, file), file)


def _document(
    screening: Screening,
    study: StudyContext,
    kind: str,
    groups: list[Any],
    evidence: list[Dataset],
    number: int,
) -> Comprehensive3DSR:
    from highdicom.sr import Comprehensive3DSR, MeasurementReport, ObservationContext
    from pydicom.sr.codedict import codes

    sources, made = screening.study.origin.sources, identity.when(screening)
    report = MeasurementReport(
        observation_context=ObservationContext(
            observer_person_context=identity.reader(screening),
            observer_device_context=identity.observer(screening),
        ),
        procedure_reported=_code(_PROCEDURES[screening.study.modality]),
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    synthetic = "synthetic phantom - " if screening.study.synthetic else ""
    signed = "signed " if screening.signature else ""
    file = Comprehensive3DSR(
        evidence=evidence,
        content=report[0],
        series_instance_uid=identity.result_uid(screening, "series", "sr"),
        series_number=series_number(sources[0], 50),
        sop_instance_uid=identity.result_uid(screening, "instance", "sr", kind),
        instance_number=number,
        manufacturer="deepvein",
        manufacturer_model_name="deepvein",
        software_versions=__version__,
        device_serial_number=identity.serial_number(screening),
        is_complete=True,
        **_verification(screening.signature, kind),
        series_description=f"deepvein {signed}report - {synthetic}research only",
        content_date=made.date(),
        content_time=made.time(),
        contributing_equipment=[identity.equipment(screening)],
        specific_character_set=UTF_8,
    )
    identity.fix(file, screening, "sr", kind)
    for item in file.get("VerifyingObserverSequence", ()):
        item.VerificationDateTime = f"{made:%Y%m%d%H%M%S}"
    study.enter(file)
    return file


def _verification(signature: Signature | None, kind: str) -> dict[str, Any]:
    """Unverified and preliminary, or verified by a person and following the document before."""
    if signature is None:
        return {"is_verified": False, "is_final": False}
    followed = signature.predecessor(f"sr_{kind}.dcm")
    return {
        "is_verified": True,
        "is_final": True,
        "verifying_observer_name": signature.person,
        "verifying_organization": signature.organization,
        "previous_versions": None if followed is None else [_header(followed)],
    }


def _header(document: Predecessor) -> Dataset:
    from pydicom import Dataset

    header = Dataset()
    header.StudyInstanceUID = document.study_instance_uid
    header.SeriesInstanceUID = document.series_instance_uid
    header.SOPClassUID = document.sop_class_uid
    header.SOPInstanceUID = document.sop_instance_uid
    return header


def _thrombus(finding: Finding, segs: list[Dataset]) -> Any | None:
    """The measurements of one thrombus; None if no SEG shows it."""
    from highdicom.sr import (
        AlgorithmIdentification,
        Measurement,
        ReferencedSegment,
        VolumetricROIMeasurementsAndQualitativeEvaluations,
    )
    from pydicom.sr.codedict import codes

    shown = [seg for seg in segs if finding.tracking_uid in _tracking_uids(seg)]
    if not shown:
        return None
    seg = shown[0]
    (segment,) = (
        one for one in seg.SegmentSequence if one.get("TrackingUID") == finding.tracking_uid
    )
    # What a person alone drew has none.
    spoke = next(iter(segment.get("SegmentationAlgorithmIdentificationSequence", ())), None)
    millimetre = codes.UCUM.Millimeter
    return VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(segment.TrackingID, finding.tracking_uid),
        referenced_segment=ReferencedSegment.from_segmentation(seg, int(segment.SegmentNumber)),
        finding_category=codes.SCT.MorphologicallyAbnormalStructure,
        finding_type=codes.SCT.Thrombus,
        finding_sites=_veins(finding),
        algorithm_id=None
        if spoke is None
        else AlgorithmIdentification(
            name=str(spoke.AlgorithmName), version=str(spoke.AlgorithmVersion)
        ),
        measurements=[
            Measurement(codes.SCT.Volume, finding.volume_ml, codes.UCUM.CubicCentimeter),
            Measurement(codes.SCT.Length, finding.extent_mm, millimetre),
            Measurement(
                codes.SCT.Diameter, finding.diameter_mm, millimetre, derivation=codes.SCT.Maximum
            ),
            _certainty(finding.probability),
        ],
    )


def _assessments(screening: Screening) -> Iterator[Any]:
    """Whether there is DVT in the study, and in each leg that it shows."""
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        QualitativeEvaluation,
        SourceImageForMeasurementGroup,
    )

    only = screening.study.laterality
    legs = [side for side in _SIDES if only in (None, side)]
    whole = _BILATERAL if only is None else _SIDES[only]
    parts = [("study", whole, *_of_study(screening), screening.findings)]
    for side in legs:
        found = tuple(one for one in screening.findings if one.side is side)
        parts.append((f"{side.value} leg", _SIDES[side], *_of_leg(screening, found), found))
    for name, laterality, presence, probability, findings in parts:
        frame = _key_frame(screening, findings)
        yield MeasurementsAndQualitativeEvaluations(
            tracking_identifier=_tracking(
                f"deepvein {name}", identity.result_uid(screening, "tracking", name)
            ),
            finding_type=_code(_DVT),
            finding_sites=[_site(_LEG, laterality)],
            qualitative_evaluations=[QualitativeEvaluation(_code(_PRESENCE), _code(presence))],
            measurements=[] if probability is None else [_certainty(probability)],
            source_images=[
                SourceImageForMeasurementGroup(
                    frame.sop_class_uid,
                    frame.sop_instance_uid,
                    None if frame.number is None else [frame.number],
                )
            ],
        )


def _of_study(screening: Screening) -> tuple[Codes, float | None]:
    said = {Verdict.SUSPECTED: _PRESENT, Verdict.NOT_SUSPECTED: _ABSENT}
    return said.get(screening.verdict, _UNDETERMINED), screening.probability


def _of_leg(screening: Screening, found: tuple[Finding, ...]) -> tuple[Codes, float | None]:
    """A leg shows DVT where the study does and a finding lies in it. Its certainty is that of the
    likeliest finding; how sure a leg without one is free is not measured."""
    if screening.verdict is Verdict.NOT_SUSPECTED:
        return _ABSENT, None
    if screening.verdict is Verdict.SUSPECTED and found:
        return _PRESENT, max(finding.probability for finding in found)
    if screening.verdict is Verdict.SUSPECTED and screening.findings:
        return _ABSENT, None
    return _UNDETERMINED, None


def _key_frame(screening: Screening, findings: tuple[Finding, ...]) -> SourceFrame:
    """The image that shows the first finding best, or else the middle one of the first series."""
    sources = screening.study.origin.sources
    nearest = nearest_frame(sources, findings[0].key_point_mm) if findings else None
    frames = sources[0].frames
    return nearest or frames[len(frames) // 2]


def _veins(finding: Finding) -> list[FindingSite]:
    side = _SIDES.get(finding.side)
    veins = [
        (share.segment.term.code, "SCT", share.segment.term.code_meaning)
        for share in finding.segments
    ]
    return [_site(vein, side) for vein in veins or [_LEG_VEIN]]


def _site(place: Codes, side: Codes | None) -> FindingSite:
    from highdicom.sr import FindingSite

    return FindingSite(_code(place), laterality=None if side is None else _code(side))


def _certainty(probability: float) -> Any:
    from highdicom.sr import Measurement
    from pydicom.sr.codedict import codes

    return Measurement(
        codes.DCM.CertaintyOfFinding, round(100 * probability, 1), codes.UCUM.Percent
    )


def _tracking(identifier: str, uid: str) -> TrackingIdentifier:
    from highdicom.sr import TrackingIdentifier

    return TrackingIdentifier(uid=uid, identifier=identifier)


def _code(code: Codes) -> Any:
    from highdicom.sr import CodedConcept

    return CodedConcept(*code)


def _is_seg(dataset: Dataset) -> bool:
    return bool(dataset.Modality == "SEG")


def _tracking_uids(seg: Dataset) -> set[str]:
    return {str(one.TrackingUID) for one in seg.SegmentSequence if "TrackingUID" in one}
