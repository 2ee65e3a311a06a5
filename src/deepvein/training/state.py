"""Where a training stands, as one file: tensors as safetensors, everything else as JSON in its header."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.optim import Optimizer

from deepvein.core.errors import ModelError, SettingsError
from deepvein.core.files import write_bytes
from deepvein.core.settings import from_dict, to_dict


@dataclass
class Position:
    """How far a training is, all that its further course depends on besides the tensors.

    step: optimiser steps done. losses: sum over the steps of the current epoch.
    best: the best score and the epoch (from 1) that reached it; stale: validations since then.
    stopped: why it is over, empty while it is not. seconds: time spent so far, over all its runs.
    precision: the state of the loss scaling of half precision, empty without it.
    """

    step: int = 0
    losses: float = 0.0
    best: float | None = None
    best_epoch: int = 0
    stale: int = 0
    stopped: str = ""
    seconds: float = 0.0
    precision: dict[str, Any] = field(default_factory=dict)


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """All parameters and buffers on the CPU, each with memory of its own."""
    return {
        name: value.detach().to("cpu", memory_format=torch.contiguous_format, copy=True)
        for name, value in network.state_dict().items()
    }


def save_weights(network: nn.Module, path: Path) -> None:
    """Write the parameters and buffers of a network as a safetensors file."""
    write_bytes(path, save(weights_of(network)))


def load_weights(network: nn.Module, path: Path) -> None:
    """Take the weights that `save_weights` wrote; ModelError if the file is gone or damaged."""
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ModelError(
            f"{path} is gone or damaged ({str(error).splitlines()[0]}); train in another folder"
        ) from error


def save_state(
    path: Path,
    position: Position,
    terms: dict[str, Any],
    network: nn.Module,
    average: nn.Module | None,
    optimiser: Optimizer,
) -> None:
    """`terms` are what the training was begun with; they are compared when it is resumed.

    A checksum of everything goes with it, and `load_state` refuses a file that has changed since.
    """
    tensors = {f"network.{name}": value for name, value in weights_of(network).items()}
    if average is not None:
        tensors |= {f"average.{name}": value for name, value in weights_of(average).items()}
    for number, moments in optimiser.state_dict()["state"].items():
        for name, value in moments.items():
            if isinstance(value, Tensor):
                tensors[f"optimiser.{number}.{name}"] = value.detach().cpu().contiguous()
    header = {"position": json.dumps(to_dict(position)), "terms": json.dumps(terms)}
    checksum = {"sha256": _checksum(tensors, header)}
    write_bytes(path, save(tensors, metadata=header | checksum))


def load_terms(path: Path) -> dict[str, Any]:
    """What the training was begun with; ModelError if the file is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            terms: dict[str, Any] = json.loads(file.metadata()["terms"])
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no state of a training: {error}") from error
    return terms


def load_state(
    path: Path, network: nn.Module, average: nn.Module | None, optimiser: Optimizer
) -> Position:
    """Put the tensors into their places; returns where the training stood."""
    try:
        with safe_open(path, framework="pt") as file:
            header = dict(file.metadata())
            position = from_dict(Position, json.loads(header["position"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if header.pop("sha256") != _checksum(tensors, header):
            raise ValueError(
                "it is damaged, for its contents do not have the SHA-256 that it names"
            )
        network.load_state_dict(_below(tensors, "network."))
        if average is not None:
            average.load_state_dict(_below(tensors, "average."))
    except (
        SafetensorError, SettingsError, OSError, KeyError, TypeError, ValueError, RuntimeError
    ) as error:  # fmt: skip
        raise ModelError(f"{path} is no state of this training: {error}") from error
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _below(tensors, "optimiser.").items():
        number, _, key = name.partition(".")
        state.setdefault(int(number), {})[key] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
    return position


def _checksum(tensors: dict[str, Tensor], header: dict[str, str]) -> str:
    """SHA-256 of names, kinds, shapes and bytes of the tensors, and of the header, in the order of names."""
    found = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(tensors):
        value = tensors[name]
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
