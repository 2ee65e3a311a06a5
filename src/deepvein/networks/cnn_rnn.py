"""ResNet18 on each of eleven slices, then a bidirectional LSTM along them (Kozemzak et al. 2019).

At the default setting (one channel, two classes), input 11×224×224:

| stage | layers | output |
|---|---|---|
| cnn | ResNet18 without its last layer, on each slice | 11 × 512 |
| lstm | LSTM along the slices, forth and back | 11 × (2 × 256) |
| middle | what it gives at the middle slice, number slices // 2 | 512 |
| fc | linear | 2 |

12,748,226 parameters. The paper gives neither the size of the LSTM (here 256 each way, one layer) nor
which of its outputs goes on: here the middle slice's, since that slice is judged. The running statistics
of batch normalisation are over the slices of all examples.

Source: Kozemzak et al. 2019, section 4.4.1; He et al., CVPR 2016; Hochreiter and Schmidhuber 1997.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from deepvein.networks.checks import require_positive
from deepvein.networks.layers import require_shape
from deepvein.networks.network import NetworkSpec, register
from deepvein.networks.resnet import ResNet
from deepvein.networks.transfer import RESNET18_IMAGENET, Transfer


@dataclass(frozen=True)
class CNNRNNSettings:
    """in_channels, classes: channels of the input and logits of the answer.

    width: channels of the first convolution; published weights need 64. hidden: of the LSTM, each way.
    """

    in_channels: int = 1
    classes: int = 2
    width: int = 64
    hidden: int = 256

    def __post_init__(self) -> None:
        require_positive(self, "in_channels", "classes", "width", "hidden")

    @property
    def size_multiple(self) -> tuple[int, ...]:
        """Input sizes must be multiples of this along slice, row, column: any size will do."""
        return (1, 1, 1)


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


CNN_RNN = register(
    NetworkSpec(
        name="cnn-rnn",
        summary="ResNet18 on each slice, bidirectional LSTM along them",
        source="Kozemzak et al. 2019, section 4.4.1",
        settings=CNNRNNSettings,
        construct=CNNRNN,
        output="labels",
        transfer=Transfer(
            published=(RESNET18_IMAGENET,),
            first="cnn.conv1.weight",
            prefix="cnn.",
            fresh=("lstm.", "fc."),
            unused=("cnn.fc.",),
        ),
    )
)
