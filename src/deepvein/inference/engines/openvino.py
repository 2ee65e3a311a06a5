"""OpenVINO, on processors; converted from the torch module itself (by way of ONNX it drops antialiasing)."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepvein.inference.engines.conversion import open_converted, sample_input
from deepvein.inference.engines.engine import ENGINES
from deepvein.training.checkpoints import LoadedModel

_FILE = "model.xml"


class OpenVinoEngine:
    """A converted network in single precision, on as many threads as torch has."""

    def __init__(self, folder: Path) -> None:
        import openvino

        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
        }
        compiled = openvino.Core().compile_model(folder / _FILE, "CPU", settings)
        self.device = torch.device("cpu")
        self.version = str(openvino.__version__)
        self.largest_difference = 0.0
        self._request: Any = compiled.create_infer_request()

    def __call__(self, inputs: Tensor) -> Tensor:
        given = inputs.to("cpu", torch.float32).contiguous().numpy()
        # A copy: the request writes the next answer to the same place.
        return torch.from_numpy(self._request.infer([given])[0].copy())


@ENGINES.register("openvino")
def openvino_engine(model: LoadedModel, device: torch.device, half: bool = False) -> OpenVinoEngine:
    """The model by OpenVINO, if that gives what torch gives."""
    import openvino

    del half
    name = f"openvino {openvino.__version__}"
    return open_converted(model, device, name, _convert, OpenVinoEngine)


def _convert(network: nn.Module, folder: Path) -> None:
    import openvino

    sample = sample_input(network)
    shape = [-1, sample.shape[1], *[-1] * (sample.ndim - 2)]
    with warnings.catch_warnings():
        # Of checks of the input's shape, which hold for all shapes that are asked for.
        warnings.simplefilter("ignore")
        made = openvino.convert_model(network, example_input=sample, input=[tuple(shape)])
    openvino.save_model(made, folder / _FILE, compress_to_fp16=False)
