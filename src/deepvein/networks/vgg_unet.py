"""The VGG16 encoder and decoder of Kozemzak et al. 2019; its encoder takes ImageNet's weights.

At the default setting (one channel in and out), input 224×224:

| stage | layers | output |
|---|---|---|
| block 1 | 2 × (3×3 convolution, ReLU), 2×2 max pooling | 64 × 112×112 |
| block 2 | 2 × (convolution, ReLU), pooling | 128 × 56×56 |
| block 3 | 3 × (convolution, ReLU), pooling | 256 × 28×28 |
| block 4 | the same | 512 × 14×14 |
| block 5 | the same | 512 × 7×7 |
| up 5 | nearest-neighbour upsampling, 3 × (convolution, ReLU) | 512 × 14×14 |
| up 4 | the same | 512 × 28×28 |
| up 3 | the same | 256 × 56×56 |
| up 2 | upsampling, 2 × (convolution, ReLU) | 128 × 112×112 |
| up 1 | the same | 64 × 224×224 |
| head | 1×1 convolution | 1 × 224×224 |

31,785,857 parameters, 14,713,536 of them in the encoder: the 14,714,688 of VGG16's convolutions less the
1,152 that two further input channels cost. The paper says that the decoder mirrors the max poolings with
upsamplings and names neither skips (there are none) nor what lies between the upsamplings: here the
convolutions of the encoder's block.

Source: Kozemzak et al. 2019, section 4.3.1; Simonyan and Zisserman, ICLR 2015, table 1, column D.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from deepvein.networks.layers import Convolutions, Head, require_shape, upsampling
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.transfer import VGG16_IMAGENET, Transfer
from deepvein.networks.vgg16 import VGG16Settings, features, widths


@dataclass(frozen=True)
class VGGUNetSettings(VGG16Settings):
    """Normalisation is that of the decoder; the encoder is VGG16's and has none."""


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


VGG_UNET = register(
    NetworkSpec(
        name="vgg-unet",
        summary="VGG16 encoder and a decoder that mirrors it, without skips",
        source="Kozemzak et al. 2019, section 4.3.1",
        settings=VGGUNetSettings,
        construct=VGGUNet,
        transfer=Transfer(
            published=(VGG16_IMAGENET,),
            first="features.0.weight",
            fresh=("decoder.", "head."),
            unused=("classifier.",),
        ),
    )
)
