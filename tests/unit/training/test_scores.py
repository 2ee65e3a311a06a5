"""Scores against numbers worked out by hand, and sums that add up over batches."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from deepvein.training.scores import SCORES, overall


def test_dice_of_each_channel_by_hand() -> None:
    logits = torch.tensor([[[1.0, 1.0, -1.0, -1.0], [-1.0, -1.0, -1.0, -1.0]]])
    targets = torch.tensor([[[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]])
    score = SCORES.get("dice")
    values = score.values(score.sums(logits, targets, None))
    assert values[0].item() == 2 * 1 / (2 + 2)
    assert math.isnan(values[1])
    assert overall(values) == 0.5


@pytest.mark.parametrize("name", ["dice", "class-dice"])
def test_what_no_example_shows_has_no_dice_whatever_is_found(name: str) -> None:
    score = SCORES.get(name)
    targets = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    found = torch.tensor([[[1.0, -1.0], [1.0, 1.0]]])
    if name == "class-dice":
        targets, found = torch.tensor([[1, 0]]), torch.eye(3)[None, 1:].movedim(1, 2)
    values = score.values(score.sums(found, targets, None))
    assert values.isnan().tolist() == [False, True]
    assert overall(values) == 1.0


def test_dice_leaves_out_what_is_not_known() -> None:
    logits, targets = torch.tensor([[[1.0, 1.0]]]), torch.tensor([[[1.0, 0.0]]])
    score = SCORES.get("dice")
    assert overall(score.values(score.sums(logits, targets, torch.tensor([[[1.0, 0.0]]])))) == 1.0


def test_class_dice_without_background_by_hand() -> None:
    logits = torch.nn.functional.one_hot(torch.tensor([[0, 1, 2, 2, 1]]), 3).movedim(-1, 1).float()
    targets = torch.tensor([[0, 1, 1, 2, -100]])
    score = SCORES.get("class-dice")
    values = score.values(score.sums(logits, targets, None))
    assert values.tolist() == pytest.approx([2 * 1 / (1 + 2), 2 * 1 / (2 + 1)])


def test_auroc_agrees_with_counting_pairs() -> None:
    random = np.random.default_rng(0)
    targets = torch.from_numpy(random.integers(0, 2, 60))
    probability = torch.from_numpy(random.uniform(0.001, 0.999, 60))
    logits = torch.stack([torch.zeros(60), torch.logit(probability).float()], dim=1)
    score = SCORES.get("auroc")
    halves = [score.sums(logits[part], targets[part], None) for part in (slice(25), slice(25, 60))]
    positives, negatives = probability[targets == 1], probability[targets == 0]
    expected = (positives[:, None] > negatives[None]).double().mean().item()
    assert overall(score.values(halves[0] + halves[1])) == pytest.approx(expected, abs=2e-3)


def test_auroc_of_one_value_is_a_half() -> None:
    score = SCORES.get("auroc")
    assert (
        overall(score.values(score.sums(torch.zeros(4, 2), torch.tensor([0, 1, 1, 0]), None)))
        == 0.5
    )
