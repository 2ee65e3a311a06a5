"""What every loss in the registry does, whatever it computes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from deepvein.core.settings import from_dict, to_dict
from deepvein.training.losses import LOSSES

ALL = [pytest.param(name, kind(), id=name) for name, kind in LOSSES.items()]


def problem(name: str, examples: int = 2) -> tuple[Tensor, Tensor]:
    """Random logits of three channels or classes, and targets as the loss takes them."""
    generator = torch.Generator().manual_seed(7)
    logits = torch.randn(examples, 3, 5, 6, generator=generator)
    if name == "cross-entropy":
        return logits, torch.randint(0, 3, (examples, 5, 6), generator=generator)
    return logits, (torch.rand(examples, 3, 5, 6, generator=generator) > 0.7).float()


@pytest.mark.parametrize(("name", "loss"), ALL)
class TestLoss:
    def test_gradient_agrees_with_finite_differences(self, name: str, loss: Any) -> None:
        logits, targets = problem(name, examples=1)
        logits, targets = logits[..., :2, :2].double().requires_grad_(), targets[..., :2, :2]
        assert torch.autograd.gradcheck(lambda one: loss(one, targets, None), (logits,))

    def test_the_truth_is_better_than_its_opposite(self, name: str, loss: Any) -> None:
        logits, targets = problem(name)
        if name == "cross-entropy":
            hot = torch.nn.functional.one_hot(targets, 3).movedim(-1, 1).float()
        else:
            hot = targets
        right, wrong = 20 * (hot - 0.5), -20 * (hot - 0.5)
        between = loss(logits, targets, None)
        assert loss(right, targets, None) < between < loss(wrong, targets, None)

    def test_a_batch_weighs_as_the_mean_of_its_halves(self, name: str, loss: Any) -> None:
        logits, targets = problem(name, examples=4)
        halves = [loss(logits[half], targets[half], None) for half in (slice(2), slice(2, None))]
        torch.testing.assert_close(loss(logits, targets, None), torch.stack(halves).mean())

    def test_weights_of_one_change_nothing(self, name: str, loss: Any) -> None:
        logits, targets = problem(name)
        weights = torch.ones(targets.shape)
        torch.testing.assert_close(loss(logits, targets, weights), loss(logits, targets, None))

    def test_volumes_are_as_good_as_images(self, name: str, loss: Any) -> None:
        logits, targets = problem(name)
        axis = targets.ndim - 2
        deep, depth = logits.unsqueeze(2), targets.unsqueeze(axis)
        torch.testing.assert_close(loss(deep, depth, None), loss(logits, targets, None))

    def test_settings_survive_json(self, name: str, loss: Any) -> None:
        assert from_dict(type(loss), to_dict(loss)) == loss
