from __future__ import annotations

import torch
from torch import Tensor, nn

from deepvein.inference.engines.torch import TorchEngine
from deepvein.laboratory.explanation import occlusion


class Weighted(nn.Module):
    """Logit 1 is the sum of the picture times fixed weights, logit 0 is 0."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, inputs: Tensor) -> Tensor:
        total = (inputs * self.weights).flatten(1).sum(1)
        return torch.stack([torch.zeros_like(total), total], dim=1)


def engine(weights: Tensor) -> TorchEngine:
    return TorchEngine(Weighted(weights), torch.device("cpu"))


def test_occlusion_finds_what_the_answer_comes_from() -> None:
    """A bright square on a background of mean 0 gives a map that is highest there and 0 far away."""
    inputs = torch.zeros(1, 1, 28, 28)
    inputs[..., 8:12, 18:22] = 1.0
    inputs -= inputs.mean()
    weights = torch.zeros(28, 28)
    weights[8:12, 18:22] = 1.0
    heat = occlusion(engine(weights), inputs, parts=7)
    row, column = divmod(int(heat.argmax()), 7)
    assert (row, column) in {(2, 4), (2, 5)}
    assert heat[6].abs().max() < 1e-5
    covered = inputs[..., 8:12, 18:22].sum()
    assert torch.isclose(heat.max(), covered, atol=1e-4)


def test_occlusion_takes_chunks_too() -> None:
    inputs = torch.randn(1, 2, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    assert occlusion(engine(torch.ones(12, 12)), inputs, parts=4).shape == (4, 4)
