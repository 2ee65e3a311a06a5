"""A recipe: everything that makes a model except the cohort.

A recipe is a function under a name. Its heading says what it is without importing a network, a loss or
torch; called, it gives the recipe:

    @recipe("me/mine", task=Task.SEGMENTATION, modality=Modality.CT, network="gn-unet", ...)
    def mine() -> Ingredients:
        from deepvein.networks.gn_unet import GNUNetSettings
        ...
        return Ingredients(GNUNetSettings(), examples, loss, training)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
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
    READING = "reading"


@dataclass(frozen=True)
class Heading:
    """What is said about a recipe.

    network: its name in NETWORKS. parameters: of the network at the recipe's settings; the contract tests
    count them. source: the publication, or what the recipe was made for.
    """

    name: str
    task: Task
    modality: Modality
    network: str
    parameters: int
    summary: str
    source: str


@dataclass(frozen=True)
class Ingredients:
    """network_settings are of the class that the network takes; loss is an instance of one in LOSSES.

    pretrained: the first weights, as `networks.pretrained` takes them: "none" for random ones.
    """

    network_settings: Any
    examples: ExampleSettings
    loss: Any
    training: TrainingSettings
    pretrained: str = "none"


@dataclass(frozen=True)
class Recipe(Ingredients, Heading):
    """Heading and ingredients, which fit one another: SettingsError otherwise."""

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
        name = LOSSES.name_of(type(self.loss))
        if name is None:
            raise SettingsError(
                f"recipe {self.name!r}: {self.loss!r} is none of the registered losses"
            )
        return Part(name, to_dict(self.loss))

    @property
    def labels(self) -> tuple[str, ...]:
        """What the network's output channels mean."""
        if self.task is Task.LOCALISATION:
            deep = [segment for segment in VeinSegment if segment.is_deep]
            return ("none", *(segment.term.name for segment in deep))
        if self.task is Task.CLASSIFICATION:
            return ("no DVT", "DVT")
        if self.task is Task.READING:
            answers = ("thrombus pixels", "thrombus", "mixing artefact")
            return tuple(f"{leg} leg: {answer}" for leg in ("one", "other") for answer in answers)
        return self.examples.targets


@dataclass(frozen=True)
class LazyRecipe:
    """A recipe that is made when it is called."""

    heading: Heading
    make: Callable[[], Ingredients]

    def __call__(self) -> Recipe:
        return Recipe(**vars(self.heading), **vars(self.make()))


RECIPES: Registry[LazyRecipe] = Registry("recipe")


def recipe(
    name: str,
    *,
    task: Task,
    modality: Modality,
    network: str,
    parameters: int,
    summary: str,
    source: str,
) -> Callable[[Callable[[], Ingredients]], LazyRecipe]:
    """Decorator that enters a function which gives a recipe's ingredients, under a heading."""
    heading = Heading(name, task, modality, network, parameters, summary, source)
    return lambda make: RECIPES.add(name, LazyRecipe(heading, make))


def with_network(recipe: Recipe, name: str) -> Recipe:
    """The recipe with another network at its own defaults, but for channels and classes.

    Its settings take `in_channels` and `classes`. Raises UnknownNameError for an unknown network and
    SettingsError for one that does not fit the recipe's task.
    """
    spec = NETWORKS.get(name)
    settings = spec.settings(in_channels=recipe.examples.channels, classes=len(recipe.labels))
    return replace(
        recipe,
        network=name,
        network_settings=settings,
        parameters=spec.parameters(settings),
        pretrained="none",
    )


def with_loss(recipe: Recipe, name: str) -> Recipe:
    """The recipe with another loss at its own defaults; UnknownNameError for an unknown one."""
    return replace(recipe, loss=LOSSES.get(name)())


def with_setting(recipe: Recipe, key: str, value: Any) -> Recipe:
    """The recipe with one setting changed; keys begin with training, examples, network or loss.

    SettingsError for a key that does not exist.
    """
    name, path = _place(key)
    return replace(recipe, **{name: _replaced(getattr(recipe, name), path, value, key)})


def setting(recipe: Recipe, key: str) -> Any:
    """What one setting of the recipe is; keys and errors as of `with_setting`."""
    name, path = _place(key)
    value: Any = getattr(recipe, name)
    for number, part in enumerate(path):
        if not is_dataclass(value):
            raise SettingsError(f"{key!r}: {path[number - 1]!r} has no parts")
        value = _part(value, part, key)
    return value


def _place(key: str) -> tuple[str, list[str]]:
    """The field of the recipe that a key begins with, and the parts behind it."""
    group, _, rest = key.partition(".")
    parts = {
        "training": "training",
        "examples": "examples",
        "network": "network_settings",
        "loss": "loss",
    }
    if group not in parts or not rest:
        raise SettingsError(
            f"{key!r} is no setting of a recipe; keys begin with training., examples., network. or loss."
        )
    return parts[group], rest.split(".")


def _part(settings: Any, name: str, key: str) -> Any:
    known = [field.name for field in fields(settings)]
    if name not in known:
        raise SettingsError(f"{key!r}: no setting {name!r} (known: {', '.join(known)})")
    return getattr(settings, name)


def _replaced(settings: Any, path: list[str], value: Any, key: str) -> Any:
    name, *rest = path
    old = _part(settings, name, key)
    if rest:
        if not is_dataclass(old):
            raise SettingsError(f"{key!r}: {name!r} has no parts")
        return replace(settings, **{name: _replaced(old, rest, value, key)})
    if isinstance(old, int) and not isinstance(old, bool):
        value = round(value)
    return replace(settings, **{name: value})
