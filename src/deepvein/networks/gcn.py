"""The Global Convolutional Network: large separable kernels on a residual encoder.

At the default setting (one channel in and out), input 960×320; GCB is the global convolution (15×1 then
1×15, plus 1×15 then 15×1), BR the boundary refinement (a residual of two 3×3 convolutions):

| stage | layers | output |
|---|---|---|
| conv1, maxpool | of ResNet50 | 64 × 240×80 |
| layer1 | 3 bottlenecks; GCB, BR | 256 → 21 × 240×80 |
| layer2 | 4 bottlenecks; GCB, BR | 512 → 21 × 120×40 |
| layer3 | 6 bottlenecks; GCB, BR | 1024 → 21 × 60×20 |
| layer4 | 3 bottlenecks; GCB, BR | 2048 → 21 × 30×10 |
| up 1 | 2×2 transposed convolution, plus layer3's maps, BR | 21 × 60×20 |
| up 2 | the same with layer2's | 21 × 120×40 |
| up 3 | the same with layer1's | 21 × 240×80 |
| up 4, up 5 | transposed convolution, BR | 21 × 960×320 |
| head | 1×1 convolution | 1 × 960×320 |

26,054,983 parameters. The publication has one score map a class and 21 classes; a single class would
leave one map, so its 21 maps stay and a 1×1 convolution reads them (`score_maps`). Its ablations use
ResNet50, its final model ResNet152; its best kernel is 15. The size of its deconvolutions is not given.
Huang et al. 2019, who compare with it, give none of these.

Source: Peng, Zhang, Yu, Luo and Sun, CVPR 2017, sections 3 and 4, Figure 2; doi:10.1109/CVPR.2017.189.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from deepvein.core.errors import SettingsError
from deepvein.networks.checks import require_positive, require_prior
from deepvein.networks.layers import Head, Normalisation, convolution, require_shape, upsampling
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.resnet import ResNet
from deepvein.networks.transfer import RESNET50_IMAGENET, Transfer


@dataclass(frozen=True)
class GCNSettings:
    """The defaults are the publication's, but for the number of classes.

    in_channels, classes: channels of the input and of the logits.
    encoder, width: the residual network and the channels of its first convolution; published weights
    need ResNet50 and 64. kernel: of the global convolutions, odd. score_maps: channels they give.
    normalisation: of the encoder.
    prior: the probability that sigmoid outputs start from, or None for logits that start at 0.
    """

    in_channels: int = 1
    classes: int = 1
    encoder: Literal["resnet18", "resnet50"] = "resnet50"
    width: int = 64
    kernel: int = 15
    score_maps: int = 21
    normalisation: Normalisation = "batch"
    prior: float | None = None

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "width", "kernel", "score_maps")
        if self.kernel % 2 == 0:
            raise SettingsError(f"kernel must be odd, got {self.kernel}")
        require_prior(self.prior)

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along row, column."""
        return (32, 32)


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


class GlobalConvolutionalNetwork(nn.Module):
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


GCN = register(
    NetworkSpec(
        name="gcn",
        summary="Global Convolutional Network: large separable kernels on ResNet50",
        source="Peng et al. 2017, doi:10.1109/CVPR.2017.189",
        settings=GCNSettings,
        construct=GlobalConvolutionalNetwork,
        transfer=Transfer(
            published=(RESNET50_IMAGENET,),
            first="encoder.conv1.weight",
            prefix="encoder.",
            fresh=("scores.", "upsampling.", "refinement.", "head."),
            unused=("encoder.fc.",),
        ),
    )
)
