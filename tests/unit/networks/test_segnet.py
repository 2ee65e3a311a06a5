"""SegNet: the published size, and maxima that come back to where they were."""

from __future__ import annotations

import torch
from torch import nn

from deepvein.networks.segnet import SEGNET, SegNetSettings


def test_the_publications_table_gives_29_45_million() -> None:
    count = SEGNET.parameters(SegNetSettings(in_channels=3, classes=11))
    assert count == 29_449_355
    assert round(count / 1e6, 2) == 29.45


def test_thirteen_layers_down_and_thirteen_back() -> None:
    network = SEGNET.skeleton(SegNetSettings())
    encoder, decoder = (
        [one for one in part.modules() if isinstance(one, nn.Conv2d)]
        for part in (network.encoder, network.decoder)
    )
    assert len(encoder) == len(decoder) + 1 == 13
    down = [(one.in_channels, one.out_channels) for one in encoder[1:]]
    back = [(one.out_channels, one.in_channels) for one in decoder]
    assert down == back[::-1]
    assert network.head.convolution.kernel_size == (3, 3)


def test_maxima_return_to_their_places() -> None:
    network = SEGNET.build(SegNetSettings(width=2))
    inputs = torch.zeros(1, 1, 4, 4)
    inputs[0, 0, 1, 2], inputs[0, 0, 3, 0] = 5.0, 7.0
    pooled, places = network.pooling(inputs)
    assert torch.equal(network.unpooling(pooled, places), inputs)


def test_logits_at_the_papers_size_lie_on_its_pixels() -> None:
    logits = SEGNET.skeleton(SegNetSettings())(torch.zeros(1, 1, 960, 320, device="meta"))
    assert logits.shape == (1, 1, 960, 320)


def test_batch_norm_is_the_default_and_a_setting() -> None:
    kinds = {"batch": nn.BatchNorm2d, "group": nn.GroupNorm, "instance": nn.InstanceNorm2d}
    assert SegNetSettings().normalisation == "batch"
    for name, kind in kinds.items():
        network = SEGNET.skeleton(SegNetSettings(width=4, normalisation=name))  # type: ignore[arg-type]
        assert sum(isinstance(one, kind) for one in network.modules()) == 25
