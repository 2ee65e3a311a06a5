"""torch in bfloat16, on devices that multiply in it themselves; elsewhere it would be slower."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from deepvein.core.devices import has_bf16
from deepvein.core.errors import EngineError
from deepvein.inference.engines.conversion import largest_difference
from deepvein.inference.engines.engine import ENGINES
from deepvein.inference.engines.torch import TorchEngine
from deepvein.networks.ushape import UShaped
from deepvein.training.checkpoints import LoadedModel

MOST_DIFFERENT = 0.1
"""Of a probability in tiles of noise, where many lie in the middle: bfloat16 has eight significant bits,
and the bundled segmenters are off by 0.02 to 0.05."""


class _Single(nn.Module):
    """A layer that computes in single precision, whatever is around it."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, inputs: Tensor) -> Tensor:
        with torch.autocast(inputs.device.type, enabled=False):
            answer: Tensor = self.layer(inputs.float())
        return answer


@ENGINES.register("bfloat16")
def bfloat16_engine(model: LoadedModel, device: torch.device, half: bool = False) -> TorchEngine:
    """The model's own network with convolutions in bfloat16; sums stay in single precision, and so does all
    of a U-shaped network's first level and its last layer."""
    del half
    if not has_bf16(device):
        raise EngineError(f"{device} has no instructions for bfloat16")
    network = model.network
    if isinstance(network, UShaped):
        # Where images come in and logits go out eight bits cost most, and more of them a few per cent of time.
        for name in ("encoder.0", "head"):
            network.set_submodule(name, _Single(network.get_submodule(name)))
    engine = TorchEngine(network, device, half=True)
    engine.largest_difference = largest_difference(network, engine, MOST_DIFFERENT)
    return engine
