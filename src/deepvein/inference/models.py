"""Models that answer: loaded once for all studies, papers and explanations of a process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.core.devices import resolve_device
from deepvein.core.errors import EngineError, ModelError
from deepvein.core.provenance import sha256
from deepvein.inference.engines import ENGINES, Engine, engine_named
from deepvein.inference.prediction import EngineIdentity
from deepvein.training.checkpoints import WEIGHTS, ModelDescription, load_model, read_description

if TYPE_CHECKING:
    import torch

TORCH = "torch"
"""The engine that computes every network."""

_KEPT = 8
"""Models that stay loaded: those of both modalities, and then some."""


@dataclass(frozen=True, eq=False)
class Model:
    """An engine, and what its inputs and logits mean; sha256 is that of `model.safetensors`.

    computed_by: the engine's name, and why it is not the one that was asked for.
    """

    engine: Engine
    description: ModelDescription
    sha256: str
    folder: Path
    computed_by: EngineIdentity


def open_model(
    folder: Path, device: str = "auto", *, engine: str = "torch", half: bool = False
) -> Model:
    """The model in `folder`, on a device as `core.devices` names it.

    The same weights of the same network are loaded once for each device, engine and precision, whatever
    folder they lie in. half: compute in bfloat16 where that is safe. Raises ModelError for a folder that
    holds no sound model, UnknownNameError for an unknown engine and UsageError for a device that is not
    there.
    """
    description, path = read_description(folder), folder / WEIGHTS
    if not path.is_file():
        raise ModelError(f"{folder} holds no {WEIGHTS}")
    digest = sha256(path)
    network = json.dumps(asdict(description.network), sort_keys=True)
    on = resolve_device(device)
    loaded, identity = _loaded(_Place(digest, network, on, engine_named(engine, on), half, folder))
    if engine == "auto":
        # Nobody asked for the one that could not do it.
        identity = replace(identity, instead_of="", reason="")
    return Model(loaded, description, digest, folder, identity)


@dataclass(frozen=True)
class _Place:
    """What tells engines apart, and a folder to load one from."""

    sha256: str
    network: str
    device: torch.device
    engine: str
    half: bool
    folder: Path = field(compare=False)


@lru_cache(maxsize=_KEPT)
def _loaded(place: _Place) -> tuple[Engine, EngineIdentity]:
    """An engine, and what it is; torch where the one that was asked for cannot do it."""
    model, name, refused = load_model(place.folder), place.engine, ("", "")
    try:
        engine = ENGINES.get(name)(model, place.device, place.half)
    except EngineError as error:
        refused, name = (name, str(error)), TORCH
        engine = ENGINES.get(name)(model, place.device, place.half)
    return engine, EngineIdentity(name, engine.version, engine.largest_difference, *refused)
