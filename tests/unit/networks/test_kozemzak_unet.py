"""Ten convolutional layers, in both readings of the paper, in two and three dimensions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from deepvein.core.errors import SettingsError
from deepvein.networks.kozemzak_unet import (
    KOZEMZAK_UNET,
    KOZEMZAK_UNET_3D,
    KozemzakUNet3DSettings,
    KozemzakUNetSettings,
)


def layers(network: nn.Module) -> int:
    return sum(isinstance(one, nn.Conv2d | nn.Conv3d) for one in network.modules())


def test_it_has_ten_convolutional_layers() -> None:
    two, three = KozemzakUNetSettings(), KozemzakUNet3DSettings()
    assert layers(KOZEMZAK_UNET.skeleton(two)) == 10
    assert layers(KOZEMZAK_UNET_3D.skeleton(three)) == 10


def test_the_other_reading_has_ten_and_the_outputs() -> None:
    other = KozemzakUNetSettings(depth=2, convolutions=2)
    assert layers(KOZEMZAK_UNET.skeleton(other)) == 11


def test_parameters_by_hand() -> None:
    def total(taps: int) -> int:
        down = [(1, 32), (32, 64), (64, 128), (128, 256), (256, 512)]
        up = [(512 + 256, 256), (256 + 128, 128), (128 + 64, 64), (64 + 32, 32)]
        return sum(taps * a * b + b for a, b in down + up) + 32 + 1

    assert KOZEMZAK_UNET.parameters(KozemzakUNetSettings()) == total(9) == 3_918_593
    assert KOZEMZAK_UNET_3D.parameters(KozemzakUNet3DSettings()) == total(27) == 11_752_769


def test_eight_slices_come_out_as_eight() -> None:
    network = KOZEMZAK_UNET_3D.skeleton(KozemzakUNet3DSettings())
    assert network(torch.zeros(2, 1, 8, 224, 224, device="meta")).shape == (2, 1, 8, 224, 224)
    network = KOZEMZAK_UNET.skeleton(KozemzakUNetSettings())
    assert network(torch.zeros(2, 1, 224, 224, device="meta")).shape == (2, 1, 224, 224)


def test_the_centre_slice_alone_is_that_of_all() -> None:
    settings = KozemzakUNet3DSettings(base=2)
    every = KOZEMZAK_UNET_3D.build(settings, 1)
    centre = KOZEMZAK_UNET_3D.build(replace(settings, target="centre"), 1)
    inputs = torch.randn(2, 1, 8, 16, 16, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(centre(inputs), every(inputs)[:, :, 4])
    with pytest.raises(SettingsError, match="three dimensions"):
        KozemzakUNetSettings(target="centre")


def test_poolings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SettingsError, match="4 tuples of 2"):
        KozemzakUNetSettings(pooling=((2, 2),))
    with pytest.raises(SettingsError, match="convolutions"):
        KozemzakUNetSettings(convolutions=0)
