from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cohort import Cohort
from deepvein.examples.chunks import ChunkExamples, ChunkSource
from deepvein.examples.settings import (
    AugmentationSettings,
    ChunkSettings,
    NormalisationSettings,
)
from unit.cohorts.tiny_cohort import SHAPE, THROMBUS, arrays, make

NATIVE = ChunkExamples(
    targets=("veins",),
    size=SHAPE[1:],
    normalisation=NormalisationSettings("window", -10000, 10000),
    chunk=ChunkSettings(10, 10, "all"),
)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return make(tmp_path_factory.mktemp("cohort"), n=2)


def source(cohort: Cohort, training: bool = False, **changes: object) -> ChunkSource:
    return ChunkSource(cohort, replace(NATIVE, **changes), 0, 3, training=training)


def test_chunks_are_consecutive_slices_with_their_masks(cohort: Cohort) -> None:
    batch = source(cohort).batch(0)
    image, segments, _ = arrays(dvt=True)
    hu = (batch.inputs[:, 0] * 10000).round().numpy()
    np.testing.assert_array_equal(hu.reshape(30, *SHAPE[1:])[:24], image)
    assert (hu[2, 4:] == -1024).all()
    masks = batch.targets[:, 0].numpy().reshape(30, *SHAPE[1:])
    np.testing.assert_array_equal(masks[:24], deep_mask(segments))
    assert not masks[24:].any()


def test_the_centre_slice_is_answered_for(cohort: Cohort) -> None:
    made = source(cohort, targets=("dvt",), chunk=ChunkSettings(11, 1, "centre"))
    batches = [made.batch(n) for n in range(len(made))]
    labels = torch.cat([b.targets for b in batches])
    assert np.flatnonzero(labels).tolist() == list(range(THROMBUS.start, THROMBUS.stop))
    hu = (torch.cat([b.inputs for b in batches])[:24, 0, 5] * 10000).round()
    np.testing.assert_array_equal(hu.numpy(), arrays(dvt=True)[0])
    centre = source(cohort, chunk=ChunkSettings(11, 1, "centre")).batch(4)
    np.testing.assert_array_equal(centre.targets[:, 0], deep_mask(arrays(dvt=True)[1])[12:15])


def test_a_whole_chunk_is_positive_if_a_slice_is(cohort: Cohort) -> None:
    made = source(cohort, targets=("dvt",))
    labels = torch.cat([made.batch(n).targets for n in range(len(made))])
    assert labels.tolist() == [1, 1, 0, 0, 0, 0]


def test_all_slices_of_a_chunk_are_changed_alike(cohort: Cohort) -> None:
    change = AugmentationSettings(rotation_deg=72, shift=0.05, mirror_rows=0.5, scale=0.05)
    made = source(cohort, training=True, augmentation=change, vein_channel=True)
    for step in range(2):
        batch = made.batch(step)
        assert batch.inputs.shape == (3, 2, 10, *SHAPE[1:])
        assert torch.equal(batch.inputs[:, 1], batch.targets[:, 0])
        assert torch.equal(batch.targets[:, 0, 0], batch.targets[:, 0, 1])
