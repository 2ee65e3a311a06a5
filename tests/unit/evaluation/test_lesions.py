from dataclasses import replace

import numpy as np
import pytest

from deepvein.core.errors import CohortError, MaskError
from deepvein.evaluation.lesions import (
    RATES,
    Candidate,
    Froc,
    Lesion,
    Matching,
    froc,
    instances,
    match,
)
from deepvein.findings.finding import Finding
from unit.findings.legs import Legs, Tube, axial, findings_in


def finding(voxels: list[tuple[int, int, int]], probability: float = 0.9) -> Finding:
    legs, grid = Legs((Tube(),)), axial()
    (template,) = findings_in(legs.prediction(grid), legs.study(grid))
    return replace(template, indices=np.array(voxels), probability=probability)


def row(number: int, start: int, stop: int, target: np.ndarray) -> list[tuple[int, int, int]]:
    target[0, 0, start:stop] = number
    return [(0, 0, c) for c in range(start, stop)]


def test_found_missed_and_false():
    reference = np.zeros((1, 2, 60), np.uint8)
    row(1, 0, 20, reference)
    row(2, 30, 50, reference)
    hit = finding([(0, 0, c) for c in range(18, 28)], 0.7)
    false = finding([(0, 1, c) for c in range(5)], 0.6)
    result = match([hit, false], reference)
    # 2 of 10 voxels of the first finding lie in lesion 1: 20 %.
    assert result.candidates == (Candidate(0.7, (1,)), Candidate(0.6, ()))
    assert result.lesions == (Lesion(1, 20, 0.7), Lesion(2, 20, None))
    assert result.false_positives == (0.6,)
    assert match([hit], reference, least_overlap=0.25).false_positives == (0.7,)


def test_pieces_of_a_lesion_and_a_join_of_two_are_no_false_positives():
    reference = np.zeros((1, 1, 60), np.uint8)
    row(1, 0, 20, reference)
    row(2, 25, 45, reference)
    pieces = [finding([(0, 0, 1)], 0.3), finding([(0, 0, 15)], 0.8)]
    joined = finding([(0, 0, c) for c in range(10, 40)], 0.5)
    result = match([*pieces, joined], reference)
    assert result.false_positives == ()
    assert [lesion.probability for lesion in result.lesions] == [0.8, 0.5]


def test_nothing_found_nothing_there():
    empty = np.zeros((1, 1, 5), np.uint8)
    assert match([], empty) == Matching((), ())


def test_a_finding_of_another_grid_is_refused():
    with pytest.raises(MaskError, match="one grid"):
        match([finding([(0, 0, 9)])], np.zeros((1, 1, 5), np.uint8))


def test_instances_number_the_parts_of_a_mask():
    mask = np.zeros((3, 3, 5), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[2, 2, 4] = True
    numbered = instances(mask)
    assert numbered[0, 0, 0] == numbered[1, 1, 1] != numbered[2, 2, 4]
    assert (numbered > 0).sum() == 3
    np.testing.assert_array_equal(instances(mask.astype(np.uint8) * 7), numbered)
    several = mask.astype(np.uint8)
    several[2, 2, 4] = 2
    assert instances(several) is several
    assert not instances(mask & False).any()


def test_froc_by_hand():
    """Two studies; lesions found at 0.9 and 0.4, one missed; false alarms at 0.8, 0.3 and 0.2."""
    studies = [
        Matching((Candidate(0.8, ()), Candidate(0.3, ())), (Lesion(1, 9, 0.9), Lesion(2, 9, None))),
        Matching((Candidate(0.2, ()),), (Lesion(1, 9, 0.4),)),
    ]
    curve = froc(studies)
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.8, 0.4, 0.3, 0.2]
    assert curve.false_positives_per_study.tolist() == [0, 0, 0.5, 0.5, 1.0, 1.5]
    assert curve.sensitivity == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3])
    assert curve.at(0.25) == pytest.approx(1 / 3)
    assert curve.at(0.5) == pytest.approx(2 / 3)
    assert curve.score == pytest.approx((1 / 3 * 2 + 2 / 3 * 5) / 7)
    assert len(RATES) == 7


def test_a_perfect_detector_scores_one_and_a_blind_one_zero():
    perfect = froc([Matching((Candidate(1.0, (1,)),), (Lesion(1, 5, 1.0),))])
    blind = froc([Matching((), (Lesion(1, 5, None),))])
    assert isinstance(perfect, Froc)
    assert (perfect.score, blind.score) == (1.0, 0.0)


def test_froc_needs_a_lesion():
    with pytest.raises(CohortError):
        froc([Matching((), ())])


def test_froc_refuses_a_candidate_without_a_probability():
    nan = float("nan")
    with pytest.raises(CohortError, match="has no probability"):
        froc([Matching((Candidate(nan, (1,)),), (Lesion(1, 9, nan),))])


def test_what_is_not_reported_is_neither_found_nor_false():
    everything = Matching(
        (Candidate(0.9, (1,)), Candidate(0.2, (2,)), Candidate(0.6, ()), Candidate(0.1, ())),
        (Lesion(1, 10, 0.9), Lesion(2, 10, 0.2), Lesion(3, 10, None)),
    )
    reported = everything.reported(0.5)
    assert reported.false_positives == (0.6,)
    assert [lesion.probability for lesion in reported.lesions] == [0.9, None, None]
    assert everything.reported(0.0) == everything
