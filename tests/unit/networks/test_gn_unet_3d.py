"""The volumetric sibling: flat where slices are few, the same weights as `gn-unet` in 3D."""

from __future__ import annotations

import torch
from torch import nn

from deepvein.networks.gn_unet import GN_UNET, GNUNetSettings
from deepvein.networks.gn_unet_3d import GN_UNET_3D, GNUNet3DSettings


def test_logits_at_the_papers_size_lie_on_its_voxels() -> None:
    logits = GN_UNET_3D.skeleton(GNUNet3DSettings())(torch.zeros(1, 1, 16, 960, 320, device="meta"))
    assert logits.shape == (1, 1, 16, 960, 320)
    assert GNUNet3DSettings().size_multiple == (4, 16, 16)


def test_convolutions_of_full_size_stay_within_the_slice() -> None:
    network = GN_UNET_3D.skeleton(GNUNet3DSettings())
    kernels = {one.kernel_size for one in network.encoder[0] if isinstance(one, nn.Conv3d)}
    assert kernels == {(1, 3, 3)}


def test_it_is_gn_unet_with_other_defaults() -> None:
    here = GNUNet3DSettings(base=2)
    there = GNUNetSettings(
        base=2, dimensions=3, pooling=here.pooling, kernels=here.kernels, max_channels=256
    )
    one, two = GN_UNET_3D.build(here, 3), GN_UNET.build(there, 3)
    inputs = torch.randn(1, 1, 4, 32, 16, generator=torch.Generator().manual_seed(0))
    assert torch.equal(one(inputs), two(inputs))
