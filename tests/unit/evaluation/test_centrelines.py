import numpy as np
import pytest

from deepvein.evaluation.centrelines import CentrelineOverlap, centreline_overlap


def tube(length: int = 40, size: int = 17, radius: float = 4, shift: float = 0) -> np.ndarray:
    _, rows, columns = np.indices((length, size, size))
    middle = (size - 1) / 2
    return np.hypot(rows - middle - shift, columns - middle) < radius


def test_equal_masks_have_a_cldice_of_one():
    assert centreline_overlap(tube(), tube()).cldice == 1


def test_a_thinner_vein_on_the_same_axis_loses_dice_but_no_cldice():
    wide, narrow = tube(radius=5), tube(radius=2.5)
    result = centreline_overlap(narrow, wide)
    assert result.precision == 1
    assert result.recall > 0.9


def test_a_missing_half_halves_the_recall():
    whole, half = tube(), tube()
    half[20:] = False
    result = centreline_overlap(half, whole)
    assert result.precision == 1
    assert result.recall == pytest.approx(0.5, abs=0.06)
    assert result.cldice == pytest.approx(2 / 3, abs=0.06)


def test_apart_and_empty():
    empty = np.zeros((40, 17, 17), bool)
    assert centreline_overlap(empty, empty) == CentrelineOverlap(1.0, 1.0)
    assert centreline_overlap(empty, tube()).cldice == 0
    assert centreline_overlap(tube(radius=2, shift=-5), tube(radius=2, shift=5)).cldice == 0
