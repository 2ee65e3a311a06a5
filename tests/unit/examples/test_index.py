from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cohort import Cohort
from deepvein.examples.index import voxel_index
from unit.cohorts.tiny_cohort import AIR, THROMBUS, arrays, make


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=2)


def at(array: np.ndarray, voxels: np.ndarray) -> np.ndarray:
    return array[tuple(voxels.T)]


def test_voxels_carry_the_labels_of_the_masks(cohort: Cohort) -> None:
    image, segments, thrombi = arrays(dvt=True)
    found = voxel_index(cohort.cases[0], cohort.cache)
    np.testing.assert_array_equal(at(thrombi, found.thrombi), found.thrombi_labels)
    np.testing.assert_array_equal(at(segments, found.veins), found.veins_labels)
    np.testing.assert_array_equal(at(segments, found.superficial), found.superficial_labels)
    assert set(found.veins_labels) == set(np.unique(segments[deep_mask(segments)]))
    assert len(found.thrombi) == (thrombi > 0).sum()
    assert (at(image, found.body) > AIR).all()
    np.testing.assert_array_equal(np.flatnonzero(found.positive), np.r_[THROMBUS])


def test_without_masks_there_is_still_a_body(cohort: Cohort) -> None:
    bare = replace(cohort.cases[1], segments=None, thrombi=None)
    found = voxel_index(bare, cohort.cache)
    assert found.veins.shape == found.thrombi.shape == (0, 3)
    assert not found.positive.any()
    assert len(found.body)


def test_the_index_is_kept_until_the_mask_changes(cohort: Cohort) -> None:
    case = cohort.cases[0]
    first = voxel_index(case, cohort.cache)
    kept = list((cohort.cache / "index").iterdir())
    again = voxel_index(case, cohort.cache)
    np.testing.assert_array_equal(first.veins, again.veins)
    assert list((cohort.cache / "index").iterdir()) == kept
    kept[0].write_bytes(b"damaged")
    np.testing.assert_array_equal(voxel_index(case, cohort.cache).veins, first.veins)


def test_many_voxels_are_thinned(cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvein.examples.index._VOXELS_A_LABEL", 5)
    found = voxel_index(cohort.cases[0], cohort.cache / "other")
    assert set(np.unique(found.veins_labels, return_counts=True)[1]) == {5}
    assert len(found.thrombi) == 5
