"""The Global Convolutional Network: what its kernels reach, what its residuals add."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from deepvein.core.errors import SettingsError
from deepvein.networks.gcn import GCN, BoundaryRefinement, GCNSettings, GlobalConvolution
from deepvein.networks.initialisation import initialise


def test_the_global_convolution_sees_a_whole_square_of_its_kernel() -> None:
    block = initialise(GlobalConvolution(1, 1, 5), 0)
    inputs = torch.zeros(1, 1, 11, 11, requires_grad=True)
    block(inputs)[0, 0, 5, 5].backward()
    assert inputs.grad is not None
    seen = torch.zeros(11, 11, dtype=torch.bool)
    seen[3:8, 3:8] = True
    assert torch.equal(inputs.grad[0, 0] != 0, seen)


def test_its_two_ways_compute_separable_kernels() -> None:
    block = initialise(GlobalConvolution(1, 1, 3), 0)
    weights = dict(block.named_parameters())
    tall, wide = weights["left.0.weight"], weights["left.1.weight"]
    left = tall[0, 0, :, :] @ wide[0, 0, :, :]
    tall, wide = weights["right.1.weight"], weights["right.0.weight"]
    right = tall[0, 0, :, :] @ wide[0, 0, :, :]
    inputs = torch.randn(1, 1, 7, 7, generator=torch.Generator().manual_seed(0))
    whole = nn.functional.conv2d(inputs, (left + right)[None, None], padding=1)
    torch.testing.assert_close(block(inputs)[..., 1:-1, 1:-1], whole[..., 1:-1, 1:-1])


def test_refinement_adds_to_what_came_in() -> None:
    block = initialise(BoundaryRefinement(2), 0)
    for weight in block.parameters():
        nn.init.zeros_(weight)
    inputs = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(inputs), inputs)


def test_logits_at_the_papers_size_lie_on_its_pixels() -> None:
    network = GCN.skeleton(GCNSettings())
    assert network(torch.zeros(1, 1, 960, 320, device="meta")).shape == (1, 1, 960, 320)
    assert sum(isinstance(one, BoundaryRefinement) for one in network.modules()) == 9
    assert network.encoder.channels == (256, 512, 1024, 2048)


def test_even_kernels_are_refused() -> None:
    with pytest.raises(SettingsError, match="kernel must be odd, got 14"):
        GCNSettings(kernel=14)
