"""A recipe: everything that makes a model except the cohort; free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from deepvein.anatomy.veins import VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.core.registry import Registry
from deepvein.core.settings import to_dict
from deepvein.examples.settings import ExampleSettings
from deepvein.networks import NETWORKS
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import Part
from deepvein.training.losses import LOSSES
from deepvein.training.settings import TrainingSettings


class Task(Enum):
    """What a model answers."""

    SEGMENTATION = "segmentation"
    CLASSIFICATION = "classification"
    LOCALISATION = "localisation"


@dataclass(frozen=True)
class Recipe:
    """network_settings are of the class that the network takes; loss is an instance of one in LOSSES.

    parameters: of the network at these settings, stated here so that listing recipes needs no torch;
    the contract tests count them. source: the publication, or what the recipe was made for.
    pretrained: the first weights, as `networks.pretrained` takes them: "none" for random ones.
    """

    name: str
    task: Task
    modality: Modality
    summary: str
    source: str
    network: str
    network_settings: Any
    examples: ExampleSettings
    loss: Any
    training: TrainingSettings
    parameters: int
    pretrained: str = "none"

    def __post_init__(self) -> None:
        spec = NETWORKS.get(self.network)
        wanted = spec.settings
        if not isinstance(self.network_settings, wanted):
            raise SettingsError(
                f"recipe {self.name!r}: network {self.network!r} takes {wanted.__name__}, got "
                f"{type(self.network_settings).__name__}"
            )
        if (spec.output == "labels") != (self.task is Task.CLASSIFICATION):
            raise SettingsError(
                f"recipe {self.name!r}: {self.task.value} does not fit network {self.network!r}, which "
                f"gives {spec.output}"
            )
        self.loss_part  # noqa: B018  (raises for a loss that is not registered)

    @property
    def network_part(self) -> Part:
        return Part(self.network, to_dict(self.network_settings))

    @property
    def loss_part(self) -> Part:
        for name, kind in LOSSES.items():
            if type(self.loss) is kind:
                return Part(name, to_dict(self.loss))
        raise SettingsError(f"recipe {self.name!r}: {self.loss!r} is none of the registered losses")

    @property
    def labels(self) -> tuple[str, ...]:
        """What the network's output channels mean."""
        if self.task is Task.LOCALISATION:
            deep = [segment for segment in VeinSegment if segment.is_deep]
            return ("none", *(segment.term.name for segment in deep))
        if self.task is Task.CLASSIFICATION:
            return ("no DVT", "DVT")
        return self.examples.targets


RECIPES: Registry[Recipe] = Registry("recipe")


def add(recipe: Recipe) -> Recipe:
    """Enter a recipe under its name."""
    RECIPES.add(recipe.name, recipe)
    return recipe
