from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.core.errors import UsageError
from deepvein.examples.settings import AugmentationSettings, NormalisationSettings
from deepvein.examples.slices import SliceExamples, SliceSource
from unit.cohorts.tiny_cohort import SHAPE, THROMBUS, arrays, make

NATIVE = SliceExamples(size=SHAPE[1:], normalisation=NormalisationSettings("window", -10000, 10000))


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return make(tmp_path_factory.mktemp("cohort"), n=2)


def source(
    cohort: Cohort, batch: int = 5, training: bool = False, **changes: object
) -> SliceSource:
    moments = Moments(1, 10.0, 20.0)
    settings = replace(NATIVE, **changes)
    return SliceSource(cohort, settings, 0, batch, training=training, moments=moments)


def test_without_training_every_slice_comes_in_order(cohort: Cohort) -> None:
    made = source(cohort)
    batches = [made.batch(n) for n in range(len(made))]
    assert [len(b) for b in batches] == [5] * 9 + [3]
    assert sum((b.cases for b in batches), ()) == ("case0",) * 24 + ("case1",) * 24
    hu = (torch.cat([b.inputs for b in batches])[:, 0] * 10000).round().numpy()
    np.testing.assert_array_equal(hu[:24], arrays(dvt=True)[0])
    np.testing.assert_array_equal(hu[24:], arrays(dvt=False)[0])
    targets = torch.cat([b.targets for b in batches]).numpy()
    np.testing.assert_array_equal(targets[:24, 0], deep_mask(arrays(dvt=True)[1]))
    np.testing.assert_array_equal(targets[:24, 1], arrays(dvt=True)[2] > 0)
    with pytest.raises(UsageError, match="10 batches"):
        made.batch(10)


def test_masks_and_images_are_changed_alike(cohort: Cohort) -> None:
    change = AugmentationSettings(rotation_deg=40, scale=0.1, shift=0.05, mirror_rows=0.5)
    made = source(cohort, training=True, augmentation=change, targets=("veins",), vein_channel=True)
    for step in range(4):
        batch = made.batch(step)
        assert torch.equal(batch.inputs[:, 1], batch.targets[:, 0])
        hu = batch.inputs[:, 0] * 10000
        inside = batch.targets[:, 0] > 0
        assert hu[inside].min() > 45  # clot or vein, blended at the edges with muscle
        assert hu.min() >= -1024.5


def test_empty_neighbours_look_like_the_background(cohort: Cohort) -> None:
    made = source(cohort, slices=3, normalisation=NormalisationSettings("standardise"))
    first = made.batch(0).inputs[0]
    assert first.shape == (3, *SHAPE[1:])
    assert torch.allclose(first[0], torch.tensor((-1024 - 10) / 20))
    assert torch.equal(first[1], first[2])


def test_images_come_in_the_wanted_size(cohort: Cohort) -> None:
    batch = source(cohort, size=(20, 28)).batch(1)
    assert batch.inputs.shape == (5, 1, 20, 28)
    assert batch.targets.shape == (5, 2, 20, 28)
    truth = deep_mask(arrays(dvt=True)[1])[5:10, ::2, ::2]
    np.testing.assert_array_equal(batch.targets[:, 0].numpy(), truth)


def test_minmax_ranges_over_each_slice(cohort: Cohort) -> None:
    batch = source(cohort, normalisation=NormalisationSettings("minmax", background=0)).batch(0)
    assert (batch.inputs.amin((1, 2, 3)) == 0).all()
    assert (batch.inputs.amax((1, 2, 3)) == 1).all()


def test_labels_say_which_slices_show_a_thrombus(cohort: Cohort) -> None:
    made = source(cohort, batch=24, targets=("dvt",))
    labels = torch.cat([made.batch(n).targets for n in range(2)])
    assert labels.dtype == torch.int64
    assert np.flatnonzero(labels).tolist() == list(range(THROMBUS.start, THROMBUS.stop))
    masked = source(cohort, batch=2, targets=("dvt",), vein_channel=True).batch(0)
    assert masked.inputs.shape == (2, 2, *SHAPE[1:])
    np.testing.assert_array_equal(masked.inputs[:, 1], deep_mask(arrays(dvt=True)[1])[:2])
