"""What an engine is, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from deepvein.core.devices import has_bf16
from deepvein.core.errors import MissingExtraError
from deepvein.core.registry import Registry

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from deepvein.training.checkpoints import LoadedModel

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


def engine_named(name: str, device: torch.device | None = None) -> str:
    """The engine that a name of the command line stands for, on a device.

    `auto` is bfloat16 on a processor that multiplies in it, where it was seen to find the same as torch in
    0.6 of the time (docs/performance.md), and torch everywhere else.

    Raises UnknownNameError for a name that is not known, and MissingExtraError for an engine whose packages are
    not installed.
    """
    if name == "auto":
        able = device is not None and device.type == "cpu" and has_bf16(device)
        name = "bfloat16" if able else "torch"
    if name in _PACKAGES and not all(map(find_spec, _PACKAGES[name])):
        raise MissingExtraError(f"the engine {name}", name)
    ENGINES.get(name)
    return name
