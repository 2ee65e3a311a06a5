import dataclasses

import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.findings.shares import SegmentShare
from deepvein.inference.prediction import ModelIdentity
from deepvein.reports.dicom.identity import algorithm
from deepvein.reports.dicom.segments import thrombus_segment, vein_segment
from unit.reports.legs import MODEL, screening

FINDING = screening().findings[0]


@pytest.mark.parametrize(("side", "code"), [(Side.LEFT, "7771000"), (Side.RIGHT, "24028007")])
def test_the_side_modifies_the_region(side: Side, code: str) -> None:
    segment = thrombus_segment(1, dataclasses.replace(FINDING, side=side), algorithm((MODEL,), "1"))
    (modifier,) = segment.AnatomicRegionSequence[0].AnatomicRegionModifierSequence
    assert (modifier.CodeValue, modifier.CodingSchemeDesignator) == (code, "SCT")


@pytest.mark.parametrize("side", [Side.UNKNOWN, Side.MIDLINE])
def test_no_side_no_modifier(side: Side) -> None:
    segment = thrombus_segment(
        1, dataclasses.replace(FINDING, side=side, segments=()), algorithm((), "1")
    )
    region = segment.AnatomicRegionSequence[0]
    assert "AnatomicRegionModifierSequence" not in region
    assert region.CodeValue == "122774002"


def test_texts_fit_their_attributes() -> None:
    shares = tuple(SegmentShare(segment, 1.0, 10.0) for segment in VeinSegment)
    long = tuple(ModelIdentity("a" * 40, "1.0.0", "0" * 64) for _ in range(3))
    found = dataclasses.replace(FINDING, segments=shares, number=255)
    segment = thrombus_segment(1, found, algorithm(long, "1.2.3+local." + "x" * 80))
    assert segment.SegmentLabel == "Thrombus 255 L IVC, CIV, EIV ..."
    for text in (segment.SegmentLabel, segment.SegmentAlgorithmName, segment.TrackingID):
        assert len(text) <= 64
        assert text.isascii()


def test_veins_are_an_anatomical_structure() -> None:
    segment = vein_segment(1, algorithm((MODEL,), "1"))
    assert segment.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "91723000"
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == "122774002"


@pytest.mark.parametrize(
    ("only", "code"), [(None, "51440002"), (Side.LEFT, "7771000"), (Side.RIGHT, "24028007")]
)
def test_veins_are_of_both_legs_or_of_the_one_examined(only: Side | None, code: str) -> None:
    region = vein_segment(1, algorithm((MODEL,), "1"), only).AnatomicRegionSequence[0]
    (modifier,) = region.AnatomicRegionModifierSequence
    assert modifier.CodeValue == code
