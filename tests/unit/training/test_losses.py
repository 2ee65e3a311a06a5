"""Losses against numbers worked out by hand, their gradients, and what weights mean."""

from __future__ import annotations

import math

import pytest
import torch

from deepvein.core.errors import SettingsError, UsageError
from deepvein.training.losses.bce import BinaryCrossEntropy
from deepvein.training.losses.bce_dice import CrossEntropyDice
from deepvein.training.losses.cross_entropy import CrossEntropy
from deepvein.training.losses.dice import SoftDice
from deepvein.training.losses.focal import Focal
from deepvein.training.losses.focal_dice import FocalDice
from deepvein.training.losses.kozemzak_dice import KozemzakDice

# Probabilities 3/4 and 1/4 on two pixels, of which the first is foreground.
LOGITS = torch.tensor([[[[math.log(3.0), -math.log(3.0)]]]])
TARGETS = torch.tensor([[[[1.0, 0.0]]]])


def test_binary_cross_entropy_by_hand() -> None:
    expected = -math.log(0.75)
    assert BinaryCrossEntropy()(LOGITS, TARGETS).item() == pytest.approx(expected)


def test_positive_weight_multiplies_the_foreground_part() -> None:
    expected = -(5 * math.log(0.75) + math.log(0.75)) / 2
    assert BinaryCrossEntropy(5.0)(LOGITS, TARGETS).item() == pytest.approx(expected)


def test_focal_by_hand() -> None:
    part = -(0.25**2) * math.log(0.75)
    expected = (0.25 * part + 0.75 * part) / 2
    assert Focal()(LOGITS, TARGETS).item() == pytest.approx(expected)


def test_focal_without_gamma_and_alpha_is_cross_entropy() -> None:
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(2, 3, 4, 4, generator=generator)
    targets = (torch.rand(2, 3, 4, 4, generator=generator) > 0.5).float()
    focal = Focal(gamma=0.0, alpha=None)(logits, targets)
    torch.testing.assert_close(focal, BinaryCrossEntropy()(logits, targets))


def test_focal_gradient_by_hand() -> None:
    """d/dx of -(1-p)² log p with p = sigmoid(x) is (1-p)² (2 p log p - (1-p))."""
    logits = torch.tensor([[[math.log(3.0)]]], requires_grad=True)
    Focal(alpha=None)(logits, torch.ones(1, 1, 1)).backward()
    p = 0.75
    assert logits.grad is not None
    expected = (1 - p) ** 2 * (2 * p * math.log(p) - (1 - p))
    assert logits.grad.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("loss", [Focal(), BinaryCrossEntropy(536.0), FocalDice()])
def test_extreme_logits_stay_finite(loss: Focal) -> None:
    logits = torch.tensor([[[1e4, -1e4]]], requires_grad=True)
    value = loss(logits, torch.tensor([[[0.0, 1.0]]]))
    value.backward()
    assert logits.grad is not None
    assert value.isfinite()
    assert logits.grad.isfinite().all()


def test_soft_dice_by_hand() -> None:
    expected = 1 - (2 * 0.75 + 1) / (1 + 1 + 1)
    assert SoftDice()(LOGITS, TARGETS).item() == pytest.approx(expected)


def test_soft_dice_of_empty_masks_is_zero() -> None:
    logits = torch.full((1, 1, 4, 4), -100.0)
    assert SoftDice()(logits, torch.zeros(1, 1, 4, 4)).item() == pytest.approx(0.0, abs=1e-6)


def test_soft_dice_over_the_batch_pools_the_sums() -> None:
    logits = torch.cat([LOGITS, LOGITS])
    targets = torch.cat([TARGETS, torch.zeros_like(TARGETS)])
    expected = 1 - (2 * 0.75 + 1) / (1 + 2 + 1)
    assert SoftDice(over="batch")(logits, targets).item() == pytest.approx(expected)


def test_kozemzak_dice_as_printed() -> None:
    expected = -(2 / 2) * (0.75 + 1) / (1 + 1 + 1)
    assert KozemzakDice()(LOGITS, TARGETS).item() == pytest.approx(expected)
    twice, with_empty = torch.cat([LOGITS, LOGITS]), torch.cat([TARGETS, torch.zeros_like(TARGETS)])
    pooled = -(2 / 2) * (0.75 + 1) / (1 + 2 + 1)
    assert KozemzakDice("batch")(twice, with_empty).item() == pytest.approx(pooled)
    single = -(2 / 2) * ((0.75 + 1) / (1 + 1 + 1) + (0 + 1) / (0 + 1 + 1)) / 2
    assert KozemzakDice()(twice, with_empty).item() == pytest.approx(single)


def test_cross_entropy_by_hand_with_ignored_pixels() -> None:
    logits = torch.tensor([[[math.log(3.0), 0.0, 7.0], [0.0, 0.0, -7.0]]])
    targets = torch.tensor([[0, 1, -100]])
    expected = -(math.log(0.75) + math.log(0.5)) / 2
    assert CrossEntropy()(logits, targets).item() == pytest.approx(expected)


def test_cross_entropy_without_any_label_is_zero() -> None:
    logits = torch.zeros(1, 2, 3, requires_grad=True)
    loss = CrossEntropy()(logits, torch.full((1, 3), -100))
    loss.backward()
    assert loss.item() == 0.0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_cross_entropy_of_one_label_an_example() -> None:
    logits = torch.tensor([[0.0, math.log(3.0)], [0.0, 0.0]])
    loss = CrossEntropy()(logits, torch.tensor([1, 0]))
    assert loss.item() == pytest.approx(-(math.log(0.75) + math.log(0.5)) / 2)


def test_class_weights() -> None:
    logits = torch.zeros(1, 2, 2)
    loss = CrossEntropy(class_weights=(1.0, 3.0))(logits, torch.tensor([[0, 1]]))
    assert loss.item() == pytest.approx(math.log(2) * (1 + 3) / 2)


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), Focal(), SoftDice(), FocalDice()])
def test_a_channel_of_weight_zero_gets_no_gradient(loss: Focal) -> None:
    generator = torch.Generator().manual_seed(2)
    logits = torch.randn(2, 2, 3, 3, generator=generator).requires_grad_()
    targets = torch.ones(2, 2, 3, 3)
    weights = torch.tensor([[1.0, 0.0], [1.0, 1.0]])[:, :, None, None]
    loss(logits, targets, weights).backward()
    assert logits.grad is not None
    assert not logits.grad[0, 1].any()
    assert logits.grad[0, 0].all()
    assert logits.grad[1].all()


def test_compounds_add_up() -> None:
    dice = SoftDice()(LOGITS, TARGETS)
    torch.testing.assert_close(
        FocalDice(dice_weight=0.5)(LOGITS, TARGETS), Focal()(LOGITS, TARGETS) + 0.5 * dice
    )
    torch.testing.assert_close(
        CrossEntropyDice()(LOGITS, TARGETS), BinaryCrossEntropy()(LOGITS, TARGETS) + dice
    )


def test_half_precision_logits_are_summed_in_single_precision() -> None:
    """65,536 foreground pixels do not fit into half precision's sums."""
    loss = SoftDice()(torch.zeros(1, 1, 512, 512, dtype=torch.float16), torch.ones(1, 1, 512, 512))
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(1 - (512 * 512 + 1) / (1.5 * 512 * 512 + 1))


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(UsageError, match="same shape"):
        Focal()(torch.zeros(1, 1, 4, 4), torch.zeros(1, 4, 4))
    with pytest.raises(UsageError, match="class indices"):
        CrossEntropy()(torch.zeros(1, 2, 4), torch.zeros(1, 2, 4))
    with pytest.raises(UsageError, match="3 class weights"):
        CrossEntropy(class_weights=(1.0, 1.0, 1.0))(torch.zeros(1, 2, 4), torch.zeros(1, 4))


@pytest.mark.parametrize(
    "wrong", [lambda: Focal(gamma=-1), lambda: Focal(alpha=1.0), lambda: SoftDice(smoothing=0.0)]
)
def test_settings_out_of_range_are_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="must be"):
        wrong()  # type: ignore[operator]
