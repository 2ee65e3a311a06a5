"""SegNet: VGG16's convolutions, and a decoder that puts maxima back where they were found.

At the default setting (one channel in and out), input 960×320:

| stage | layers | output |
|---|---|---|
| encoder 1 | 2 × (3×3 convolution, batch norm, ReLU), 2×2 max pooling that keeps its indices | 64 × 480×160 |
| encoder 2 | the same | 128 × 240×80 |
| encoder 3 | 3 × (convolution, batch norm, ReLU), pooling | 256 × 120×40 |
| encoder 4 | the same | 512 × 60×20 |
| encoder 5 | the same | 512 × 30×10 |
| decoder 5 | unpooling by the indices of encoder 5, 3 × (convolution, batch norm, ReLU) | 512 × 60×20 |
| decoder 4 | the same with 4, down to | 256 × 120×40 |
| decoder 3 | the same with 3, down to | 128 × 240×80 |
| decoder 2 | unpooling with 2, 2 × (convolution, batch norm, ReLU), down to | 64 × 480×160 |
| decoder 1 | unpooling with 1, convolution, batch norm, ReLU | 64 × 960×320 |
| head | 3×3 convolution | 1 × 960×320 |

29,442,433 parameters; 29,449,355 with the three channels and eleven classes of the publication, whose
table gives 29.45 million (M). Convolutions keep their biases, as in the published network.

Source: Badrinarayanan, Kendall and Cipolla, IEEE TPAMI 39 (2017) 2481, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from deepvein.networks.layers import Convolutions, Head, Normalisation, require_shape
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.transfer import Transfer
from deepvein.networks.vgg16 import VGG16Settings, widths


@dataclass(frozen=True)
class SegNetSettings(VGG16Settings):
    """The defaults are the publication's: normalisation after each convolution but the last."""

    normalisation: Normalisation = "batch"


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


SEGNET = register(
    NetworkSpec(
        name="segnet",
        summary="VGG16-like encoder, decoder with max-unpooling by the encoder's indices",
        source="Badrinarayanan et al. 2017, doi:10.1109/TPAMI.2016.2644615",
        settings=SegNetSettings,
        construct=SegNet,
        transfer=Transfer(first="encoder.0.0.0.weight"),
    )
)
