"""Residual networks under the names that torchvision gives their layers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from torch import Tensor, nn

from deepvein.networks.layers import Normalisation, normalisation

Depth = Literal["resnet18", "resnet50"]

GROUPS = 32
"""Of group normalisation, where it takes the place of batch normalisation (Wu and He 2018)."""


def _convolution(incoming: int, outgoing: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(incoming, outgoing, kernel, stride=stride, padding=kernel // 2, bias=False)


class Residual(nn.Module, ABC):
    """What both kinds of blocks do: ReLU of the input plus what their layers make of it."""

    expansion = 1

    def __init__(self, incoming: int, width: int, stride: int, kind: Normalisation) -> None:
        super().__init__()
        outgoing = width * self.expansion
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or incoming != outgoing:
            self.downsample = nn.Sequential(
                _convolution(incoming, outgoing, 1, stride),
                normalisation(kind, outgoing, 2, GROUPS),
            )

    @abstractmethod
    def branch(self, inputs: Tensor) -> Tensor:
        """(B, incoming, row, column) to (B, width * expansion, row / stride, column / stride)."""

    def forward(self, inputs: Tensor) -> Tensor:
        kept = inputs if self.downsample is None else self.downsample(inputs)
        result: Tensor = self.relu(self.branch(inputs) + kept)
        return result


class BasicBlock(Residual):
    """Two 3×3 convolutions, as in ResNet18."""

    def __init__(self, incoming: int, width: int, stride: int, kind: Normalisation) -> None:
        super().__init__(incoming, width, stride, kind)
        self.conv1 = _convolution(incoming, width, 3, stride)
        self.bn1 = normalisation(kind, width, 2, GROUPS)
        self.conv2 = _convolution(width, width, 3)
        self.bn2 = normalisation(kind, width, 2, GROUPS)

    def branch(self, inputs: Tensor) -> Tensor:
        result: Tensor = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(inputs)))))
        return result


class Bottleneck(Residual):
    """1×1, 3×3 and 1×1 convolutions, as in ResNet50; the 3×3 one strides, as in torchvision."""

    expansion = 4

    def __init__(self, incoming: int, width: int, stride: int, kind: Normalisation) -> None:
        super().__init__(incoming, width, stride, kind)
        self.conv1 = _convolution(incoming, width, 1)
        self.bn1 = normalisation(kind, width, 2, GROUPS)
        self.conv2 = _convolution(width, width, 3, stride)
        self.bn2 = normalisation(kind, width, 2, GROUPS)
        self.conv3 = _convolution(width, width * self.expansion, 1)
        self.bn3 = normalisation(kind, width * self.expansion, 2, GROUPS)

    def branch(self, inputs: Tensor) -> Tensor:
        features = self.relu(self.bn1(self.conv1(inputs)))
        features = self.relu(self.bn2(self.conv2(features)))
        result: Tensor = self.bn3(self.conv3(features))
        return result


_LAYERS: dict[Depth, tuple[type[Residual], tuple[int, ...]]] = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
}


class ResNet(nn.Module):
    """(B, in_channels, row, column) to logits (B, classes), or to the features without classes.

    width: channels of the first convolution; 64 as published. He et al., CVPR 2016, table 1.
    """

    def __init__(
        self,
        depth: Depth,
        in_channels: int,
        classes: int | None,
        width: int = 64,
        kind: Normalisation = "batch",
    ) -> None:
        super().__init__()
        block, counts = _LAYERS[depth]
        self.conv1 = nn.Conv2d(in_channels, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = normalisation(kind, width, 2, GROUPS)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        incoming = width
        for number, count in enumerate(counts):
            inner = width * 2**number
            blocks: list[nn.Module] = []
            for place in range(count):
                stride = 2 if number and not place else 1
                blocks.append(block(incoming, inner, stride, kind))
                incoming = inner * block.expansion
            self.add_module(f"layer{number + 1}", nn.Sequential(*blocks))
        self.channels = tuple(width * block.expansion * 2**number for number in range(len(counts)))
        self.fc = nn.Identity() if classes is None else nn.Linear(incoming, classes)

    def stages(self, inputs: Tensor) -> list[Tensor]:
        """What layers 1 to 4 give: `channels` at a quarter, eighth, sixteenth and 32nd of the size."""
        features = self.maxpool(self.relu(self.bn1(self.conv1(inputs))))
        found: list[Tensor] = []
        for number in range(len(self.channels)):
            features = self.get_submodule(f"layer{number + 1}")(features)
            found.append(features)
        return found

    def forward(self, inputs: Tensor) -> Tensor:
        result: Tensor = self.fc(self.stages(inputs)[-1].mean(dim=(2, 3)))
        return result
