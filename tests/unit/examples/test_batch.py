from __future__ import annotations

import torch

from deepvein.examples.batch import IGNORE, Batch


def test_a_batch_moves_with_its_weights() -> None:
    batch = Batch(
        torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 4, 4), torch.ones(2, 1, 4, 4), ("a", "b")
    )
    moved = batch.to("meta")
    assert moved.weights is not None
    assert {moved.inputs.device.type, moved.weights.device.type} == {"meta"}
    assert moved.cases == ("a", "b")
    assert len(moved) == 2


def test_ignored_voxels_are_those_of_cross_entropy() -> None:
    assert torch.nn.CrossEntropyLoss().ignore_index == IGNORE
