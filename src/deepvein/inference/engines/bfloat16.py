"""torch in bfloat16, on devices that multiply in it themselves; elsewhere it would be slower."""

from __future__ import annotations

import torch

from deepvein.core.devices import has_bf16
from deepvein.core.errors import EngineError
from deepvein.inference.engines.conversion import largest_difference
from deepvein.inference.engines.engine import ENGINES
from deepvein.inference.engines.torch import TorchEngine
from deepvein.training.checkpoints import LoadedModel

MOST_DIFFERENT = 0.1
"""Of a probability in tiles of noise, where many lie in the middle: bfloat16 has eight significant bits,
and the bundled segmenters are off by 0.03 to 0.06."""


@ENGINES.register("bfloat16")
def bfloat16_engine(model: LoadedModel, device: torch.device, half: bool = False) -> TorchEngine:
    """The model's own network with convolutions in bfloat16; sums and norms stay in single precision."""
    del half
    if not has_bf16(device):
        raise EngineError(f"{device} has no instructions for bfloat16")
    engine = TorchEngine(model.network, device, half=True)
    engine.largest_difference = largest_difference(model.network, engine, MOST_DIFFERENT)
    return engine
