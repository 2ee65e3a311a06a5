import numpy as np
import pytest

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.opening import open_case
from deepvein.screening.trial import run_trial, slice_truth
from deepvein.volumes.grid import AXIAL, CORONAL, Grid


def test_outcomes_count_every_voxel_of_every_case(tiny_bundle, cohort):
    outcomes = list(run_trial(tiny_bundle, cohort, "cpu"))
    assert [outcome.case for outcome in outcomes] == list(cohort.cases)
    assert {outcome.has_dvt for outcome in outcomes} == {True, False}
    for outcome in outcomes:
        opened = open_case(outcome.case, cohort.cache)
        veins = outcome.veins
        assert (
            veins.true_positives + veins.false_negatives == deep_mask(opened.segments.array).sum()
        )
        thrombus = outcome.thrombus
        assert (
            thrombus.true_positives + thrombus.false_negatives == (opened.thrombi.array > 0).sum()
        )
        assert outcome.slice_truth.shape == outcome.profile.probability.shape
        assert outcome.features.shape == (len(outcome.findings), 6)
        assert outcome.nameable > 0
        assert 0 <= outcome.named <= outcome.nameable


@pytest.mark.parametrize("directions", [AXIAL, CORONAL, AXIAL * [-1.0, 1.0, 1.0]])
def test_slice_truth_runs_from_feet_to_head(directions):
    grid = Grid.from_directions((6, 6, 6), (1.0, 1.0, 1.0), directions=directions)
    thrombi = np.zeros(grid.shape, np.uint8)
    thrombi[1, 1, 1] = 1
    z = grid.to_world([(1, 1, 1)])[0, 2]
    positions = np.sort(grid.body_positions_mm())
    np.testing.assert_array_equal(slice_truth(thrombi, grid), np.isclose(positions, z))
