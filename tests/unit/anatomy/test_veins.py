import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvein.anatomy.veins import (
    TERMS,
    Level,
    Side,
    VeinSegment,
    decode,
    deep_mask,
    encode,
    segment_labels,
)
from deepvein.core.errors import MaskError

PAIRED = [s for s in VeinSegment if s is not VeinSegment.INFERIOR_VENA_CAVA]


def test_every_segment_has_its_own_term():
    assert list(TERMS) == list(VeinSegment)
    for field in ("name", "abbreviation", "code"):
        assert len({getattr(term, field) for term in TERMS.values()}) == len(VeinSegment)


@pytest.mark.parametrize("segment", list(VeinSegment))
def test_codes_are_snomed_identifiers(segment: VeinSegment):
    """SNOMED CT identifiers end in a Verhoeff check digit and carry the partition 00 before it."""
    code = segment.term.code
    assert code.isdigit()
    assert 6 <= len(code) <= 18
    assert code[-3:-1] == "00"
    assert _verhoeff(code)


@pytest.mark.parametrize("side", [Side.RIGHT, Side.LEFT])
def test_codes_of_the_sides_are_snomed_identifiers(side: Side):
    assert side.code is not None
    assert _verhoeff(side.code)


def test_unsided_has_no_code():
    assert Side.MIDLINE.code is None
    assert Side.UNKNOWN.code is None


def test_levels_follow_clinical_use():
    assert VeinSegment.POPLITEAL.level is Level.PROXIMAL
    assert VeinSegment.PERONEAL.level is Level.DISTAL
    assert VeinSegment.GREAT_SAPHENOUS.level is Level.SUPERFICIAL
    deep = [s for s in VeinSegment if s.is_deep]
    # The order is cranial to caudal: once distal, never proximal again.
    levels = [s.level for s in deep]
    assert levels == sorted(levels, key=[Level.PROXIMAL, Level.DISTAL].index)


@given(st.sampled_from(PAIRED), st.sampled_from([Side.RIGHT, Side.LEFT]))
def test_labels_come_back(segment: VeinSegment, side: Side):
    assert decode(encode(segment, side)) == (segment, side)


def test_labels_are_distinct_bytes_and_none_is_background():
    labels = {encode(s, side) for s in PAIRED for side in (Side.RIGHT, Side.LEFT)}
    assert len(labels) == 2 * len(PAIRED)
    assert min(labels) > 0
    assert max(labels) < 256
    assert decode(0) is None


def test_the_vena_cava_lies_in_the_midline():
    label = encode(VeinSegment.INFERIOR_VENA_CAVA, Side.MIDLINE)
    assert decode(label) == (VeinSegment.INFERIOR_VENA_CAVA, Side.MIDLINE)


@pytest.mark.parametrize("label", [-1, 16, 31, 32, 48, 64, 255])
def test_labels_that_mean_nothing_are_refused(label: int):
    with pytest.raises(MaskError, match=f"label {label} is no vein segment"):
        decode(label)


@given(hnp.arrays(np.uint8, (3, 4), elements=st.sampled_from([0, *range(1, 16), *range(33, 48)])))
def test_maps_agree_with_decoding_each_voxel(labels: np.ndarray):
    for label, segment, deep in zip(
        labels.ravel(), segment_labels(labels).ravel(), deep_mask(labels).ravel(), strict=True
    ):
        named = decode(int(label))
        assert segment == (0 if named is None else named[0])
        assert deep == (named is not None and named[0].is_deep)


def _verhoeff(number: str) -> bool:
    """True if the last digit is Verhoeff's check digit (Verhoeff 1969): products in the dihedral group D5,
    digits permuted by their place."""

    def times(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
        return 5 + (a - b) % 5 if b < 5 else (a - b) % 5

    place = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit)
        for _ in range(position % 8):
            value = place[value]
        check = times(check, value)
    return check == 0
