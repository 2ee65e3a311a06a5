"""A model on disk: a folder with `model.safetensors` and `model.json`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deepvein.cohorts.moments import Moments
from deepvein.core import settings
from deepvein.core.errors import ModelError, SettingsError, UnknownNameError
from deepvein.core.files import write_bytes
from deepvein.core.provenance import Provenance, sha256
from deepvein.examples.settings import ExampleSettings
from deepvein.networks import NETWORKS
from deepvein.networks.pretrained import Pretrained
from deepvein.studies.study import Modality
from deepvein.training.settings import TrainingSettings

if TYPE_CHECKING:
    import torch
    from torch import nn

WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"


@dataclass(frozen=True)
class Part:
    """A network or a loss: its name in the registry, and the values of its settings."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CohortSummary:
    """How many a model has learned from; no names, which may be confidential.

    with_dvt counts the cases known to have DVT. digest: SHA-256 over the names of the cases, to tell
    whether two models have seen the same. images: of each image (`training.seen`), empty in models of earlier
    versions.
    """

    cases: int
    patients: int
    with_dvt: int
    digest: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reached:
    """One figure measured in validation while training."""

    name: str
    value: float


@dataclass(frozen=True)
class ModelDescription:
    """All that is needed to use the weights, and where they came from.

    labels: what the output channels mean, in order. moments: mean and SD of the training images where
    the normalisation needs them. pretrained: where the first weights came from, None for random ones.
    cohort: what it learned from, with what a model learned from whose weights it began with. validation:
    what chose its epoch.
    weights_sha256 is filled in on saving and checked on loading.
    """

    recipe: str
    task: str
    modality: Modality
    network: Part
    examples: ExampleSettings
    labels: tuple[str, ...]
    moments: Moments | None = None
    pretrained: Pretrained | None = None
    loss: Part | None = None
    training: TrainingSettings | None = None
    cohort: CohortSummary | None = None
    validation: CohortSummary | None = None
    reached: tuple[Reached, ...] = ()
    provenance: Provenance | None = None
    weights_sha256: str = ""
    format: Literal[1] = 1


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network with its weights, in evaluation mode; sha256 is that of `model.safetensors`."""

    network: nn.Module
    description: ModelDescription
    sha256: str
    folder: Path


def save_model(
    network: nn.Module,
    description: ModelDescription,
    folder: Path,
    *,
    precision: Literal["float32", "float16"] = "float32",
) -> ModelDescription:
    """Write a model folder, the weights first, each file whole; returns the description as written.

    precision: of the stored weights; half precision makes the file half as large. Raises ModelError for
    weights that are not finite in it.
    """
    import torch
    from safetensors.torch import save

    from deepvein.training.state import weights_of

    kind = getattr(torch, precision)
    tensors = {
        name: value.to(kind) if value.is_floating_point() else value
        for name, value in weights_of(network).items()
    }
    if not all(bool(value.isfinite().all()) for value in tensors.values()):
        raise ModelError(f"the weights of {description.recipe} are not finite in {precision}")
    write_bytes(folder / WEIGHTS, save(tensors))
    written = replace(description, weights_sha256=sha256(folder / WEIGHTS))
    settings.save(written, folder / DESCRIPTION)
    return written


def load_model(folder: Path, device: torch.device | str = "cpu") -> LoadedModel:
    """The model in `folder`, in single precision on `device`.

    Raises ModelError for files that are missing or damaged, weights that are not those described, an
    unknown network, settings that it does not know, and weights that do not fit it.
    """
    description = read_description(folder)
    path = folder / WEIGHTS
    if not path.is_file():
        raise ModelError(f"{folder} holds no {WEIGHTS}")
    found = sha256(path)
    if description.weights_sha256 != found:
        raise ModelError(
            f"{path} is damaged or belongs to another {DESCRIPTION}: its SHA-256 begins with "
            f"{found[:12]}, expected {description.weights_sha256[:12] or 'none'}"
        )
    network = _skeleton(description, folder)
    _fill(network, path)
    return LoadedModel(network.to(device).eval(), description, found, folder)


def read_description(folder: Path) -> ModelDescription:
    """The description alone, without torch; ModelError if it is missing or cannot be read."""
    path = folder / DESCRIPTION
    if not path.is_file():
        raise ModelError(f"{folder} holds no {DESCRIPTION}: give the folder of a model")
    try:
        return settings.load(ModelDescription, path)
    except SettingsError as error:
        raise ModelError(f"{path} does not describe a model: {error}") from error


def _skeleton(description: ModelDescription, folder: Path) -> nn.Module:
    try:
        spec = NETWORKS.get(description.network.name)
        return spec.skeleton(settings.from_dict(spec.settings, description.network.settings))
    except UnknownNameError as error:
        raise ModelError(
            f"the network of {folder} cannot be built: {error}; one of your own has to be imported, on the "
            "command line by --import"
        ) from error
    except SettingsError as error:
        raise ModelError(f"the network of {folder} cannot be built: {error}") from error


def _fill(network: nn.Module, path: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
        weights = {
            name: value.float() if value.is_floating_point() else value
            for name, value in tensors.items()
        }
        network.load_state_dict(weights, assign=True)
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ModelError(f"{path} does not fit its network: {error}") from error
