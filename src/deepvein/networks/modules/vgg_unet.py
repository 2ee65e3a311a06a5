"""The module of `deepvein.networks.vgg_unet`, where its table of shapes stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from deepvein.networks.modules.blocks import Convolutions, Head, require_shape, upsampling
from deepvein.networks.modules.vgg16 import features, widths

if TYPE_CHECKING:
    from deepvein.networks.vgg_unet import VGGUNetSettings


class VGGUNet(nn.Module):
    """(B, in_channels, row, column) to logits (B, classes, row, column); sizes are multiples of 32."""

    def __init__(self, settings: VGGUNetSettings) -> None:
        super().__init__()
        self.settings = settings
        self.features = features(settings.in_channels, settings.width)
        self.decoder = nn.Sequential()
        incoming = 8 * settings.width
        for block in reversed(widths(settings.width)):
            self.decoder.append(upsampling(incoming, incoming, (2, 2), "nearest"))
            self.decoder.append(
                Convolutions(
                    incoming,
                    block[0],
                    (3, 3),
                    settings.normalisation,
                    settings.groups,
                    count=len(block),
                )
            )
            incoming = block[0]
        self.head = Head(incoming, settings.classes, 2, settings.prior)

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        logits: Tensor = self.head(self.decoder(self.features(inputs)))
        return logits
