"""The moving average of a network's weights, which is steadier than the weights of any one step."""

from __future__ import annotations

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def average_of(network: nn.Module, decay: float) -> AveragedModel:
    """An average that follows the network by `update_parameters`; buffers are copied.

    After n updates the next one keeps the share min(decay, (1 + n) / (10 + n)): early steps are forgotten
    sooner.
    """

    def follow(mean: Tensor, value: Tensor, updates: Tensor | int) -> Tensor:
        kept = min(decay, (1 + int(updates)) / (10 + int(updates)))
        return mean.lerp(value, 1 - kept)

    average: AveragedModel = AveragedModel(network, avg_fn=follow).requires_grad_(False)
    return average
