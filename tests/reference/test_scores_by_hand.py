"""Scores of small examples, worked out on paper."""

import numpy as np
import pytest

from deepvein.evaluation.curves import auroc, average_precision
from deepvein.evaluation.delong import delong
from deepvein.evaluation.metrics import overlap
from deepvein.evaluation.reliability import reliability
from deepvein.evaluation.statistics import holm, wilcoxon
from deepvein.evaluation.surfaces import surface_distances
from deepvein.volumes.grid import Grid


def test_a_published_iou_above_dice_can_only_be_a_two_class_mean():
    """Kozemzak 2019, Table 1: Dice 0.07 beside IoU 0.48. A foreground IoU for Dice 0.07 is
    0.07 / (2 - 0.07) = 0.036; with a background IoU of 0.93 the mean of both is 0.48.

    10,000 pixels, 100 of vein, 660 said to be vein, 27 of them rightly: TP 27, FP 633, FN 73, TN 9267.
    """
    reference, prediction = np.zeros((1, 100, 100), bool), np.zeros((1, 100, 100), bool)
    reference.ravel()[:100] = True
    prediction.ravel()[73:733] = True
    counts = overlap(prediction, reference)
    assert counts.dice == pytest.approx(54 / 760)
    assert counts.foreground_iou == pytest.approx(27 / 733)
    assert counts.background_iou == pytest.approx(9267 / 9973)
    assert counts.two_class_iou == pytest.approx(0.483, abs=5e-4)


def test_auroc_counts_pairs():
    """Positives 0.9, 0.4, 0.4; negatives 0.4, 0.1: won 2 + 1 + 1, tied twice: (4 + 2 / 2) / 6."""
    scores, truth = [0.9, 0.4, 0.4, 0.4, 0.1], [1, 1, 1, 0, 0]
    assert auroc(scores, truth) == pytest.approx(5 / 6)
    # Thresholds 0.9: precision 1 at recall 1/3; 0.4: 3/4 at 1. 1/3 * 1 + 2/3 * 3/4.
    assert average_precision(scores, truth) == pytest.approx(5 / 6)


def test_signed_ranks():
    """Differences 0.1, 0.2, -0.3, 0.4, 0.5: the negative rank sum is 3. Of the 32 sign patterns those with
    a sum of at most 3 are {}, {1}, {2}, {1, 2}, {3}: p = 2 * 5 / 32."""
    first = [0.6, 0.7, 0.2, 0.9, 1.0]
    assert wilcoxon(first, [0.5] * 5).p == pytest.approx(10 / 32)


def test_holm_of_three_comparisons():
    """Sorted 0.01, 0.02, 0.04 times 3, 2, 1: 0.03, 0.04, 0.04."""
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])


def test_delong_of_two_and_two():
    """First score ranks all rightly; second has positives 4, 2 and negatives 3, 1.

    Placements, first minus second: positives (1 - 1, 1 - 1/2), negatives (1 - 1/2, 1 - 1): both have mean
    1/4 and variance 1/8. z = 0.25 / sqrt(1/8 / 2 + 1/8 / 2) = 0.7071, two-sided p = 0.4795.
    """
    p = delong([4, 3, 2, 1], [4, 2, 3, 1], [1, 1, 0, 0])
    assert p == pytest.approx(0.4795, abs=1e-4)


def test_calibration_error():
    """Ten studies at 0.9 of which 7 are positive: |0.7 - 0.9| = 0.2; Brier 7 * 0.01 + 3 * 0.81 over 10."""
    result = reliability([0.9] * 10, [1] * 7 + [0] * 3)
    assert result.expected_error == pytest.approx(0.2)
    assert result.brier == pytest.approx(0.25)


def test_surfaces_of_two_bars():
    """Bars of 4 and 6 voxels of 2 mm in one row, starting together: from the long one the two last voxels
    are 2 and 4 mm away. Mean (2 + 4) / 10; directed distances of the long one 0 0 0 0 2 4, whose 95th
    percentile lies three quarters of the way from 2 to 4."""
    grid = Grid.from_directions((1, 1, 8), (2.0, 2.0, 2.0))
    short, long = np.zeros(grid.shape, bool), np.zeros(grid.shape, bool)
    short[0, 0, :4], long[0, 0, :6] = True, True
    result = surface_distances(short, long, grid)
    assert result.assd_mm == pytest.approx(0.6)
    assert result.hd95_mm == pytest.approx(3.5)
