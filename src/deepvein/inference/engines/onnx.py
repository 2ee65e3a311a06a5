"""ONNX Runtime, on processors.

Exported at opset 21: below it a group norm of a constant map is off by half a standard deviation there.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepvein.inference.engines.conversion import open_converted, sample_input
from deepvein.inference.engines.engine import ENGINES
from deepvein.training.checkpoints import LoadedModel

_FILE = "model.onnx"
_OPSET = 21
_MULTIPLE = 16


class OnnxEngine:
    """An exported network in single precision, on as many threads as torch has."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self.device = torch.device("cpu")
        self.version = str(onnxruntime.__version__)
        self.largest_difference = 0.0
        self._session: Any = onnxruntime.InferenceSession(
            folder / _FILE, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def __call__(self, inputs: Tensor) -> Tensor:
        given = inputs.to("cpu", torch.float32).contiguous().numpy()
        return torch.from_numpy(self._session.run(None, {self._input: given})[0])


@ENGINES.register("onnx")
def onnx_engine(model: LoadedModel, device: torch.device, half: bool = False) -> OnnxEngine:
    """The model by ONNX Runtime, if that gives what torch gives."""
    import onnxruntime

    del half
    name = f"onnx {onnxruntime.__version__} opset {_OPSET} torch {torch.__version__}"
    return open_converted(model, device, name, _convert, OnnxEngine)


def _convert(network: nn.Module, folder: Path) -> None:
    sample = sample_input(network)
    names = ("slices", "rows", "columns")[-(sample.ndim - 2) :]
    axes: dict[int, Any] = {0: torch.export.Dim("batch")}
    for axis, name in enumerate(names, start=2):
        axes[axis] = _MULTIPLE * torch.export.Dim(name)
    # The exporter tells its steps on stdout and of packages that it does not find on stderr.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (sample,),
            folder / _FILE,
            dynamo=True,
            opset_version=_OPSET,
            dynamic_shapes=(axes,),
            external_data=False,
            verbose=False,
        )
