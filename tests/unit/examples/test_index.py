from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cohort import Cohort
from deepvein.examples.index import voxel_index
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import AIR, SHAPE, SPACING, THROMBUS, arrays, make, write


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


def test_dark_veins_are_the_darkest_slices_without_thrombus(tmp_path: Path) -> None:
    image, segments, thrombi = arrays(dvt=True)
    artefact = slice(14, 17)
    image[artefact][deep_mask(segments[artefact])] -= 60
    cohort = make(tmp_path, n=1)
    write(
        image,
        Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 0.0)),
        cohort.cases[0].image,
    )
    found = voxel_index(cohort.cases[0], cohort.cache)
    label = segments[15, 20, 14]
    dark = found.veins[found.dark & (found.veins_labels == label)]
    assert set(dark[:, 0]) == set(np.r_[artefact])
    thrombosed = segments[THROMBUS][thrombi[THROMBUS] > 0][0]
    below = found.veins[found.dark & (found.veins_labels == thrombosed)]
    assert len(below)
    assert not set(below[:, 0]) & set(np.r_[THROMBUS])


def test_without_masks_there_is_still_a_body(cohort: Cohort) -> None:
    bare = replace(cohort.cases[1], segments=None, thrombi=None)
    found = voxel_index(bare, cohort.cache)
    assert found.veins.shape == found.thrombi.shape == (0, 3)
    assert found.dark.shape == (0,)
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
