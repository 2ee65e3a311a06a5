"""What slices and chunks share, tried on slices."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError, SettingsError
from deepvein.examples.settings import AugmentationSettings, FixedSet
from deepvein.examples.slices import SliceExamples, SliceSource
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, make, write

NATIVE = SliceExamples(size=SHAPE[1:])


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return make(tmp_path_factory.mktemp("cohort"), n=2)


def source(
    cohort: Cohort, batch: int = 5, training: bool = False, **changes: object
) -> SliceSource:
    return SliceSource(cohort, replace(NATIVE, **changes), 0, batch, training=training)


def test_an_epoch_of_training_shows_every_variant_once(cohort: Cohort) -> None:
    fixed = FixedSet(scales=(1.0, 1.3), mirrors=(False, True))
    made = source(cohort, batch=6, training=True, augmentation=AugmentationSettings(fixed=fixed))
    assert len(made) == 48 * 4 / 6
    for epoch in range(2):
        seen = Counter(
            (item.case.case, item.answers, change)
            for step in range(epoch * len(made), (epoch + 1) * len(made))
            for item, change in made._chosen(step)
        )
        assert len(seen) == 48 * 4
        assert set(seen.values()) == {1}
    assert made._chosen(0) != made._chosen(len(made))


def test_epochs_meet_inside_a_batch(cohort: Cohort) -> None:
    made = source(cohort, batch=7, training=True)
    seen = Counter(
        (item.case.case, item.answers) for step in range(48) for item, _ in made._chosen(step)
    )
    assert set(seen.values()) == {7}


def test_only_one_slice_a_batch_may_keep_its_own_size(cohort: Cohort, tmp_path: Path) -> None:
    odd = np.zeros((3, 7, 9), np.int16)
    path = write(odd, Grid.from_directions(odd.shape, (1, 1, 1)), tmp_path / "odd.nii")
    case = Case("odd", "p9", Modality.CT, path, has_dvt=False)
    mixed = replace(cohort, cases=(*cohort.cases, case))
    made = source(mixed, batch=1, size=None, targets=("thrombus",))
    assert made.batch(0).inputs.shape == (1, 1, *SHAPE[1:])
    assert made.batch(48).inputs.shape == (1, 1, 7, 9)
    with pytest.raises(SettingsError, match="set size"):
        source(mixed, batch=2, size=None, targets=("thrombus",))


def test_random_changes_differ_from_epoch_to_epoch(cohort: Cohort) -> None:
    made = source(cohort, 48, True, augmentation=AugmentationSettings(rotation_deg=30))
    angles = [
        {
            (item.answers, item.case.case): change.rotation_deg
            for item, change in made._chosen(epoch)
        }
        for epoch in range(2)
    ]
    assert all(angles[0][key] != angles[1][key] for key in angles[0])


def test_no_case_makes_no_source(cohort: Cohort) -> None:
    with pytest.raises(CohortError, match="empty"):
        source(replace(cohort, cases=()))
