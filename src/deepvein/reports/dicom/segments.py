"""How DICOM describes our segments: codes, side, algorithm, tracking and colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepvein.anatomy.veins import Side
from deepvein.findings.finding import Delineation, Finding
from deepvein.reports.dicom.identity import short_text
from deepvein.reports.texts import short_place

if TYPE_CHECKING:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription

# Shades of red for thrombi, so that neighbours can be told apart; a venous blue for the veins.
_THROMBUS_RGB = ((214, 39, 40), (255, 127, 14), (227, 119, 194), (188, 60, 90), (255, 187, 60))
_VEIN_RGB = (60, 120, 216)


def tracking_id(finding: Finding) -> str:
    """What people call a finding by, beside its tracking UID."""
    return f"deepvein thrombus {finding.number}"


def thrombus_segment(
    number: int, finding: Finding, algorithm: AlgorithmIdentificationSequence
) -> SegmentDescription:
    """One thrombus: type 396339007 Thrombus, in its main vein, with the side as region modifier."""
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentAlgorithmTypeValues, SegmentDescription
    from highdicom.sr import CodedConcept
    from pydicom.sr.codedict import codes

    segment = SegmentDescription(
        segment_number=number,
        segment_label=short_text(f"Thrombus {finding.number} {short_place(finding)}"),
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Thrombus,
        algorithm_type=SegmentAlgorithmTypeValues[finding.delineation.value],
        algorithm_identification=None if finding.delineation is Delineation.MANUAL else algorithm,
        tracking_id=tracking_id(finding),
        tracking_uid=finding.tracking_uid,
        anatomic_regions=[_region(finding)],
        display_color=CIELabColor.from_rgb(*_THROMBUS_RGB[(number - 1) % len(_THROMBUS_RGB)]),
    )
    if finding.side.code:
        # PS3.3 10.5: the side is a modifier of the region; highdicom has no argument for it.
        segment.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [
            CodedConcept(finding.side.code, "SCT", _SIDE_MEANING[finding.side])
        ]
    return segment


def vein_segment(
    number: int, algorithm: AlgorithmIdentificationSequence, only: Side | None = None
) -> SegmentDescription:
    """All deep veins as one segment, of both legs or of the `only` one that was examined."""
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentAlgorithmTypeValues, SegmentDescription
    from highdicom.sr import CodedConcept
    from pydicom.sr.codedict import codes

    segment = SegmentDescription(
        segment_number=number,
        segment_label="Deep veins of the legs",
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=CodedConcept(*_LEG_VEIN),
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm,
        anatomic_regions=[codes.SCT.LowerLimb],
        display_color=CIELabColor.from_rgb(*_VEIN_RGB),
    )
    code = _BILATERAL if only is None or not only.code else (only.code, "SCT", _SIDE_MEANING[only])
    segment.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [CodedConcept(*code)]
    return segment


_SIDE_MEANING = {Side.LEFT: "Left", Side.RIGHT: "Right"}
_BILATERAL = ("51440002", "SCT", "Bilateral")
_LEG_VEIN = ("122774002", "SCT", "Vein of lower extremity")


def _region(finding: Finding):  # type: ignore[no-untyped-def]
    """The vein of the largest share; the standard allows one region only."""
    from highdicom.sr import CodedConcept

    if not finding.segments:
        return CodedConcept(*_LEG_VEIN)
    term = finding.segments[0].segment.term
    return CodedConcept(term.code, "SCT", term.code_meaning)
