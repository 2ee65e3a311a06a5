"""The module of `deepvein.networks.segnet`, where its table of shapes stands."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from torch import Tensor, nn

from deepvein.networks.modules.blocks import Convolutions, Head, require_shape
from deepvein.networks.modules.vgg16 import widths

if TYPE_CHECKING:
    from deepvein.networks.segnet import SegNetSettings


class SegNet(nn.Module):
    """(B, in_channels, row, column) to logits (B, classes, row, column); sizes are multiples of 32."""

    def __init__(self, settings: SegNetSettings) -> None:
        super().__init__()
        self.settings = settings
        self.pooling = nn.MaxPool2d(2, return_indices=True)
        self.unpooling = nn.MaxUnpool2d(2)
        self.encoder = nn.ModuleList()
        self.decoder = nn.ModuleList()
        incoming = settings.in_channels
        for number, block in enumerate(widths(settings.width)):
            self.encoder.append(self._block(incoming, *block))
            # The last block leaves its last convolution to the head, which gives the classes.
            back = block[::-1] if number == 0 else (*block[::-1], incoming)
            self.decoder.insert(0, self._block(*back))
            incoming = block[-1]
        self.head = Head(settings.width, settings.classes, 2, settings.prior, kernel=3)

    def _block(self, *channels: int) -> nn.Sequential:
        """Convolution, normalisation, ReLU from each number of channels to the next."""
        settings = self.settings
        return nn.Sequential(
            *(
                Convolutions(a, b, (3, 3), settings.normalisation, settings.groups, count=1)
                for a, b in pairwise(channels)
            )
        )

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        features, places = inputs, []
        for encode in self.encoder:
            features, indices = self.pooling(encode(features))
            places.append(indices)
        for decode in self.decoder:
            features = decode(self.unpooling(features, places.pop()))
        logits: Tensor = self.head(features)
        return logits
