"""What an engine is, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from deepvein.core.errors import MissingExtraError
from deepvein.core.registry import Registry

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from deepvein.training.checkpoints import LoadedModel

AUTO = "torch"
"""What `auto` stands for: none was faster in single precision on the processors measured so far
(docs/performance.md)."""

_PACKAGES = {"onnx": ("onnxruntime", "onnxscript"), "openvino": ("openvino",)}
"""What engines need beside torch, also the extras that bring it."""


class Engine(Protocol):
    """One network on one device, in evaluation: float32 inputs to float32 logits, no gradients.

    Inputs are (batch, channel, [slice,] row, column) on any device; logits lie on `device` and are what
    the network of the same weights gives in torch, up to rounding. version: of what computes.
    largest_difference: by which probabilities were seen to differ from torch's.
    """

    version: str
    largest_difference: float

    @property
    def device(self) -> torch.device: ...

    def __call__(self, inputs: Tensor) -> Tensor: ...


ENGINES: Registry[Callable[[LoadedModel, torch.device, bool], Engine]] = Registry(
    "engine",
    {
        "torch": "deepvein.inference.engines.torch",
        "bfloat16": "deepvein.inference.engines.bfloat16",
        "onnx": "deepvein.inference.engines.onnx",
        "openvino": "deepvein.inference.engines.openvino",
    },
)
"""Makers of an engine from a model and a device; with True it may compute in half precision.

A maker raises EngineError for a network that it cannot take or does not compute rightly.
"""


def engine_named(name: str) -> str:
    """The engine that a name of the command line stands for, `auto` among them.

    Raises UnknownNameError for a name that is not known, and MissingExtraError for an engine whose packages are
    not installed.
    """
    chosen = AUTO if name == "auto" else name
    if chosen in _PACKAGES and not all(map(find_spec, _PACKAGES[chosen])):
        raise MissingExtraError(f"the engine {chosen}", chosen)
    ENGINES.get(chosen)
    return chosen
