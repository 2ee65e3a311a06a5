"""The module of `deepvein.networks.gcn`, where its table of shapes stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from deepvein.networks.modules.blocks import Head, convolution, require_shape, upsampling
from deepvein.networks.modules.resnet import ResNet

if TYPE_CHECKING:
    from deepvein.networks.gcn import GCNSettings


class GlobalConvolution(nn.Module):
    """A k×k convolution in two separable ways, k×1 then 1×k and 1×k then k×1, added; no ReLU."""

    def __init__(self, incoming: int, outgoing: int, kernel: int) -> None:
        super().__init__()
        tall, wide = (kernel, 1), (1, kernel)
        self.left = nn.Sequential(
            convolution(incoming, outgoing, tall), convolution(outgoing, outgoing, wide)
        )
        self.right = nn.Sequential(
            convolution(incoming, outgoing, wide), convolution(outgoing, outgoing, tall)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        result: Tensor = self.left(inputs) + self.right(inputs)
        return result


class BoundaryRefinement(nn.Module):
    """The score maps plus what two 3×3 convolutions with a ReLU between make of them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            convolution(channels, channels, (3, 3)),
            nn.ReLU(inplace=True),
            convolution(channels, channels, (3, 3)),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        result: Tensor = inputs + self.layers(inputs)
        return result


class GCN(nn.Module):
    """(B, in_channels, row, column) to logits (B, classes, row, column); sizes are multiples of 32."""

    def __init__(self, settings: GCNSettings) -> None:
        super().__init__()
        self.settings = settings
        maps = settings.score_maps
        self.encoder = ResNet(
            settings.encoder, settings.in_channels, None, settings.width, settings.normalisation
        )
        self.scores = nn.ModuleList(
            nn.Sequential(
                GlobalConvolution(channels, maps, settings.kernel), BoundaryRefinement(maps)
            )
            for channels in self.encoder.channels
        )
        self.upsampling = nn.ModuleList(
            upsampling(maps, maps, (2, 2), "transposed") for _ in range(5)
        )
        self.refinement = nn.ModuleList(BoundaryRefinement(maps) for _ in range(5))
        self.head = Head(maps, settings.classes, 2, settings.prior)

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        scores = [
            score(stage)
            for score, stage in zip(self.scores, self.encoder.stages(inputs), strict=True)
        ]
        result = scores.pop()
        for rise, refine in zip(self.upsampling, self.refinement, strict=True):
            result = rise(result)
            if scores:
                result = result + scores.pop()
            result = refine(result)
        logits: Tensor = self.head(result)
        return logits
