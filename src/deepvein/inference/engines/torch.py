"""The reference: the network itself, run by torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from deepvein.inference.engines.engine import ENGINES
from deepvein.training.checkpoints import LoadedModel


class TorchEngine:
    """A network on a device; `half` computes in bfloat16 where that is safe.

    Images are laid out channels last, which is faster; volumes are not.
    """

    def __init__(self, network: nn.Module, device: torch.device, half: bool = False) -> None:
        self.network, self.device, self.half = network.to(device).eval(), device, half
        self.version, self.largest_difference = str(torch.__version__), 0.0
        spatial = any(weight.ndim == 5 for weight in network.parameters())
        if device.type == "cpu" and not spatial:
            self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def __call__(self, inputs: Tensor) -> Tensor:
        inputs = inputs.to(self.device)
        if inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            logits: Tensor = self.network(inputs)
        return logits.float()


@ENGINES.register("torch")
def torch_engine(model: LoadedModel, device: torch.device, half: bool = False) -> TorchEngine:
    """The model's own network."""
    return TorchEngine(model.network, device, half)
