"""VGG16's layers compute what torchvision's do; the decoder mirrors them without skips."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, max_pool2d

from deepvein.networks.vgg16 import features
from deepvein.networks.vgg_unet import VGG_UNET, VGGUNetSettings

COLUMN_D = [64, 64, "M", 128, 128, "M", *[256] * 3, "M", *[512] * 3, "M", *[512] * 3, "M"]
"""Simonyan and Zisserman 2015, table 1."""


def recomputed(state: dict[str, Tensor], inputs: Tensor) -> Tensor:
    """VGG16's convolutional part from a state dict alone, in the numbering of torchvision's layers."""
    number = 0
    for entry in COLUMN_D:
        if entry == "M":
            inputs, number = max_pool2d(inputs, 2, 2), number + 1
        else:
            weight, bias = state[f"features.{number}.weight"], state[f"features.{number}.bias"]
            inputs, number = conv2d(inputs, weight, bias, padding=1).clamp(min=0), number + 2
    return inputs


def test_the_encoder_is_what_its_state_dict_says() -> None:
    network = VGG_UNET.build(VGGUNetSettings(width=4, in_channels=3), 1).eval()
    inputs = torch.randn(1, 3, 64, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        network.features(inputs), recomputed(network.state_dict(), inputs), rtol=1e-5, atol=1e-6
    )


def test_names_and_shapes_of_the_published_file() -> None:
    with torch.device("meta"):
        layers = features(3)
    shapes = {name: tuple(value.shape) for name, value in layers.state_dict().items()}
    assert len(shapes) == 26
    assert shapes["0.weight"] == (64, 3, 3, 3)
    assert shapes["10.weight"] == (256, 128, 3, 3)
    assert shapes["28.weight"] == (512, 512, 3, 3)
    assert shapes["28.bias"] == (512,)
    assert sum(value.numel() for value in layers.parameters()) == 14_714_688


def test_torchvisions_network_gives_the_same() -> None:
    models = pytest.importorskip("torchvision.models")
    theirs = models.vgg16(weights=None).features.eval()
    ours = features(3).eval()
    ours.load_state_dict(theirs.state_dict())
    inputs = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(ours(inputs), theirs(inputs))


def test_the_decoder_mirrors_the_poolings() -> None:
    network = VGG_UNET.skeleton(VGGUNetSettings())
    convolutions = [one for one in network.decoder.modules() if isinstance(one, nn.Conv2d)]
    assert [one.out_channels for one in convolutions] == [
        *(512, 512, 512), *(512, 512, 512), *(256, 256, 256), *(128, 128), *(64, 64)
    ]  # fmt: skip
    assert sum(isinstance(one, nn.Upsample) for one in network.modules()) == 5
    assert network(torch.zeros(1, 1, 224, 224, device="meta")).shape == (1, 1, 224, 224)
