"""The module of `deepvein.networks.cnn_rnn`, where its table of shapes stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from deepvein.networks.modules.blocks import require_shape
from deepvein.networks.modules.resnet import ResNet

if TYPE_CHECKING:
    from deepvein.networks.cnn_rnn import CNNRNNSettings


class CNNRNN(nn.Module):
    """(B, in_channels, slice, row, column) of any size to logits (B, classes) of the middle slice."""

    def __init__(self, settings: CNNRNNSettings) -> None:
        super().__init__()
        self.settings = settings
        self.cnn = ResNet("resnet18", settings.in_channels, None, settings.width)
        self.lstm = nn.LSTM(
            self.cnn.channels[-1], settings.hidden, batch_first=True, bidirectional=True
        )
        self.fc = nn.Linear(2 * settings.hidden, settings.classes)

    def forward(self, inputs: Tensor) -> Tensor:
        require_shape(inputs, self.settings.in_channels, self.settings.size_multiple)
        batch, slices = inputs.shape[0], inputs.shape[2]
        each = self.cnn(inputs.movedim(2, 1).flatten(0, 1))
        along, _ = self.lstm(each.reshape(batch, slices, -1))
        logits: Tensor = self.fc(along[:, slices // 2])
        return logits
