from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError, SettingsError
from deepvein.examples.batch import IGNORE
from deepvein.examples.settings import (
    AugmentationSettings,
    CoarseSettings,
    SamplingSettings,
)
from deepvein.examples.territories import TerritoryExamples, TerritorySource, coarse_case
from unit.cohorts.tiny_cohort import make

COARSE = CoarseSettings(spacing_mm=5.0, crop=(16, 24, 32), tilt_deg=0)
PLAIN = TerritoryExamples(coarse=COARSE, sampling=SamplingSettings(epoch=6))


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return make(tmp_path_factory.mktemp("cohort"), n=2)


def source(cohort: Cohort, training: bool = False, **changes: object) -> TerritorySource:
    return TerritorySource(cohort, replace(PLAIN, **changes), 0, 2, training=training)


def test_tiles_hold_the_whole_case(cohort: Cohort) -> None:
    """The coarse case is (20, 16, 23): two tiles along the body, padding round it in the plane."""
    coarse = coarse_case(cohort.cases[0], cohort.cache, COARSE)
    assert coarse.image.shape == (20, 16, 23)
    made = source(cohort)
    assert len(made) == 2
    batch = made.batch(0)
    assert batch.cases == ("case0", "case0")
    for tile, rows in ((0, slice(0, 16)), (1, slice(4, 20))):
        inside = batch.targets[tile] != IGNORE
        assert inside.sum() == 16 * 16 * 23
        first = coarse.territories[rows, :, :].astype(np.int64)
        found = batch.targets[tile][:, 4:20][inside[:, 4:20]].reshape(16, 16, 23)
        np.testing.assert_array_equal(found, first)
        assert (batch.inputs[tile, 0, :, :3] == -1).all()


def test_the_arrays_are_made_once(cohort: Cohort) -> None:
    first = coarse_case(cohort.cases[0], cohort.cache, COARSE)
    again = coarse_case(cohort.cases[0], cohort.cache, COARSE)
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.territories, again.territories)
    assert set(np.unique(first.territories)) == {0, 7, 8}


def test_mirrored_crops_keep_their_names(cohort: Cohort) -> None:
    plain, mirrored = (
        source(cohort, True, augmentation=AugmentationSettings(mirror_columns=p)).batch(3)
        for p in (0.0, 1.0)
    )
    assert torch.allclose(plain.inputs.flip(-1), mirrored.inputs, atol=1e-5)
    assert torch.equal(plain.targets.flip(-1), mirrored.targets)


def test_bright_veins_lie_in_their_territories(cohort: Cohort) -> None:
    change = AugmentationSettings(rotation_deg=15, scale=0.15, shift=0.1, mirror_columns=0.5)
    made = source(cohort, True, augmentation=change, coarse=replace(COARSE, tilt_deg=8))
    seen = 0
    for step in range(6):
        batch = made.batch(step)
        bright = (batch.inputs[:, 0] > 0.02) & (batch.targets != IGNORE)
        seen += int(bright.sum())
        assert (batch.targets[bright] > 0).float().mean() > 0.95
    assert seen > 50


def test_a_case_without_veins_is_refused(cohort: Cohort) -> None:
    bare = replace(cohort, cases=(replace(cohort.cases[0], segments=None),))
    with pytest.raises(CohortError, match="segments"):
        source(bare)
    with pytest.raises(CohortError, match="segments"):
        coarse_case(bare.cases[0], cohort.cache, COARSE)


def test_volumes_are_not_bent() -> None:
    with pytest.raises(SettingsError, match="bend_px bends planes"):
        TerritoryExamples(augmentation=AugmentationSettings(bend_px=2))
