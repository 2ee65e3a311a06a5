"""The original U-Net: its published count, its channels, its drop-out, nothing that normalises."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

from deepvein.core.errors import SettingsError
from deepvein.networks.unet import UNET, UNetSettings


def test_parameters_by_hand() -> None:
    widths = [64, 128, 256, 512, 1024]

    def double(incoming: int, outgoing: int) -> int:
        return 9 * (incoming + outgoing) * outgoing + 2 * outgoing

    encoder = sum(double(a, b) for a, b in pairwise([1, *widths]))
    up = sum(4 * below * here + here for here, below in pairwise(widths))
    decoder = sum(double(2 * here, here) for here in widths[:-1])
    assert UNET.parameters(UNetSettings()) == encoder + up + decoder + 64 + 1 == 31_030_593


def test_it_has_the_23_convolutional_layers_of_the_publication_and_no_normalisation() -> None:
    network = UNET.skeleton(UNetSettings())
    layers = [one for one in network.modules() if isinstance(one, nn.Conv2d | nn.ConvTranspose2d)]
    assert len(layers) == 23
    norms = (nn.GroupNorm, nn.modules.batchnorm._NormBase)
    assert not [one for one in network.modules() if isinstance(one, norms)]


def test_dropout_ends_the_contracting_path_and_acts_in_training_alone() -> None:
    network = UNET.build(UNetSettings(base=4, depth=3))
    levels = [any(isinstance(one, nn.Dropout) for one in level) for level in network.encoder]
    assert levels == [False, False, True, True]
    inputs = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    assert torch.equal(network.eval()(inputs), network(inputs))
    network.train()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        assert not torch.equal(network(inputs), network(inputs))


def test_logits_at_the_papers_size_lie_on_its_pixels() -> None:
    logits = UNET.skeleton(UNetSettings())(torch.zeros(1, 1, 960, 320, device="meta"))
    assert logits.shape == (1, 1, 960, 320)


@pytest.mark.parametrize("values", [{"base": 0}, {"dropout": 1.0}, {"prior": 0.0}])
def test_settings_that_make_no_network_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        UNetSettings(**values)  # type: ignore[arg-type]
