"""Networks in the formats of other engines: converted once, kept, and compared with torch at the start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import torch
from torch import Tensor, nn

from deepvein.cohorts.foldercache import user_cache
from deepvein.core.errors import EngineError

if TYPE_CHECKING:
    from deepvein.training.checkpoints import LoadedModel

MOST_DIFFERENT = 1 / 255
"""Probabilities are kept in steps of this; an engine that is off by more than one is refused."""

_MULTIPLE = 16
_SIDES = ((80, 112), (48, 32), (16, 48))
"""Rows and columns of the tiles that are compared, all multiples of what four poolings divide, few of each
other's."""
_SLICES = 32


class ConvertedEngine(Protocol):
    """An engine that tells by how much its probabilities differ from torch's at most."""

    largest_difference: float

    def __call__(self, inputs: Tensor) -> Tensor: ...


Converted = TypeVar("Converted", bound=ConvertedEngine)


def open_converted(
    model: LoadedModel,
    device: torch.device,
    name: str,
    convert: Callable[[nn.Module, Path], None],
    load: Callable[[Path], Converted],
) -> Converted:
    """The engine that `load` makes of the converted model, once it was compared with torch.

    name: of the engine, with its version (see `converted`). Raises EngineError for another device than the
    processor, and where converting, loading or comparing fails.
    """
    if device.type != "cpu":
        raise EngineError(f"it computes on the processor, not on {device}")
    folder = converted(model, name, convert)
    try:
        engine = load(folder)
    except Exception as error:
        raise EngineError(f"it cannot be loaded: {error}") from error
    engine.largest_difference = largest_difference(model.network, engine)
    return engine


def converted(model: LoadedModel, engine: str, convert: Callable[[nn.Module, Path], None]) -> Path:
    """The folder with a model in an engine's format, made by `convert` if it is not in the user's cache.

    engine: its name and version, with the weights and the network what the folder is kept under. Raises
    EngineError for whatever stops the conversion.
    """
    network = json.dumps(asdict(model.description.network), sort_keys=True)
    key = hashlib.sha256(f"{model.sha256} {network} {engine}".encode()).hexdigest()[:32]
    try:
        return user_cache("engines").folder(key, lambda made: convert(model.network, made))
    except Exception as error:
        told = (str(error).strip().splitlines() or [""])[0][:160]
        raise EngineError(f"it cannot be converted ({type(error).__name__}: {told})") from error


def sample_input(network: nn.Module) -> Tensor:
    """The smallest input of a network, zeros (2, channel, [slice,] row, column)."""
    weights = _first_weights(network)
    slices = (_SLICES,) if weights.ndim == 5 else ()
    return torch.zeros(2, weights.shape[1], *slices, 2 * _MULTIPLE, 2 * _MULTIPLE)


def largest_difference(
    network: nn.Module, engine: Callable[[Tensor], Tensor], most: float = MOST_DIFFERENT
) -> float:
    """By how much an engine's probabilities differ from torch's at most, in tiles of air, of one value, half
    padded and of noise; EngineError if that is more than `most` or the engine fails."""
    worst = 0.0
    device = next(network.parameters()).device
    for tile in _tiles(network):
        with torch.inference_mode():
            expected = network(tile.to(device)).sigmoid().cpu()
            try:
                found = engine(tile).sigmoid().cpu()
            except Exception as error:
                shape = tuple(tile.shape)
                raise EngineError(f"it fails on an input of {shape}: {error}") from error
            if found.shape != expected.shape:
                shapes = f"{tuple(found.shape)}, not {tuple(expected.shape)}"
                raise EngineError(f"it answers with {shapes}")
            # NaN is not at most anything.
            worst = max(worst, float((found - expected).abs().nan_to_num(1.0).max()))
    if worst > most:
        raise EngineError(f"its probabilities are off by up to {worst:.3f} from torch's")
    return worst


def _tiles(network: nn.Module) -> Iterator[Tensor]:
    draw = torch.Generator().manual_seed(3)
    shape = sample_input(network).shape
    for batch, sides in enumerate(_SIDES, start=1):
        size = (batch, *shape[1:-2], *sides)
        noise = torch.randn(size, generator=draw) / 4
        padded = noise.clone()
        padded[..., sides[1] // 2 :] = -1.0
        yield from (torch.full(size, -1.0), torch.full(size, 0.3), padded, noise)


def _first_weights(network: nn.Module) -> Tensor:
    """Those of the first convolution, which tell channels and dimensions of the input."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Conv3d):
            return layer.weight
    raise EngineError("it has no convolution that would tell what goes in")
