"""Everything that is trained: the four networks, and one experiment a question, on which folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from deepvein.core.errors import UsageError
from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.settings import ImageSettings
from deepvein.laboratory.huang2019 import recipes
from deepvein.laboratory.huang2019.profiles import Profile
from deepvein.networks import NETWORKS
from deepvein.networks.gcn import GCNSettings
from deepvein.networks.gn_unet import GNUNetSettings
from deepvein.networks.segnet import SegNetSettings
from deepvein.networks.unet import UNetSettings
from deepvein.training.losses.bce import BinaryCrossEntropy
from deepvein.training.losses.dice import SoftDice
from deepvein.training.losses.focal import Focal
from deepvein.training.recipe import Recipe

PROPOSED = "models/gn-unet"
CENTRES = ("A", "B", "C")


@dataclass(frozen=True)
class Experiment:
    """One network under one condition. name: its folder; label: for tables; chapter: of the page.

    share: of the training patients that it learns from.
    """

    name: str
    label: str
    recipe: Recipe

    @property
    def chapter(self) -> str:
        return self.name.split("/", 1)[0]

    @property
    def share(self) -> float:
        return float(self.name.rpartition("-")[2]) / 100 if self.chapter == "curve" else 1.0


@dataclass(frozen=True)
class Run:
    """One training and the patients that it is tested on: those of a fold, or those of a centre."""

    experiment: Experiment
    fold: int | None = None
    centre: str = ""

    @property
    def name(self) -> str:
        """The folder of its step."""
        return f"{self.experiment.name}/" + (
            f"centre-{self.centre}" if self.centre else f"fold-{self.fold}"
        )


NAMES = {
    "gn-unet": "Proposed (GN U-Net)",
    "unet": "Original U-Net",
    "segnet": "SegNet",
    "gcn": "GCN",
}
"""What tables call the networks of Table 2."""
MODEL_NAMES = {
    f"models/{name}": NAMES[name] for name in sorted(NAMES, key=lambda name: name == "gn-unet")
}
"""The same by experiment, in the order of Table 2: the proposed one last, as printed."""


def _beyond() -> list[tuple[str, str, Recipe]]:
    """Name, label and recipe of what is compared with the proposed network beyond the tables."""
    proposed = recipes.gn_unet()
    losses = {
        "losses/dice": ("soft Dice", SoftDice()),
        "losses/cross-entropy": ("cross-entropy", BinaryCrossEntropy()),
        "losses/weighted-cross-entropy": (
            "weighted cross-entropy (foreground × 50)",
            BinaryCrossEntropy(50.0),
        ),
        "losses/focal-25": ("focal, γ 2, α 0.25", Focal(alpha=0.25)),
    }
    return [
        *((name, label, replace(proposed, loss=loss)) for name, (label, loss) in losses.items()),
        ("normalisation/group", "group normalisation", proposed),
        ("normalisation/batch", "batch normalisation", recipes.bn_unet()),
        ("normalisation/none", "no normalisation", recipes.plain_unet()),
        ("volume/gn-unet-3d", "3D GN U-Net", recipes.gn_unet_3d()),
        ("sequences/gn-unet-t2", "CE-MRI and T2-weighted", recipes.gn_unet_t2()),
    ]


@cache
def experiments(profile: Profile) -> tuple[Experiment, ...]:
    """All of them at the profile's scale, those of Table 2 first, the proposed network before all."""
    listed = [(f"models/{name}", NAMES[name], make()) for name, make in recipes.MODELS.items()]
    listed += _beyond()
    listed.append(("centres/gn-unet", NAMES["gn-unet"], recipes.gn_unet()))
    listed += [
        (f"curve/gn-unet-{share:.0%}".removesuffix("%"), f"{share:.0%} of them", recipes.gn_unet())
        for share in profile.curve
    ]
    return tuple(
        Experiment(name, label, _for(name, scaled(recipe, profile)))
        for name, label, recipe in listed
    )


def runs(
    profile: Profile,
    models: Sequence[str] = (),
    folds: Sequence[int] = (),
    *,
    beyond: bool = True,
    sequences: bool = True,
    centres: Sequence[str] = CENTRES,
) -> tuple[Run, ...]:
    """What is to be trained, in order: the tables fold by fold, then what goes beyond them.

    models, folds: only these, empty for all; UsageError for one that does not exist. beyond: the
    experiments beyond the tables. sequences: whether there is a second sequence. centres: those of the
    cohort; with fewer than two none is left out.
    """
    known = [name.split("/")[1] for name in (f"models/{key}" for key in recipes.MODELS)]
    for name in models:
        if name not in known:
            raise UsageError(f"unknown model {name!r} (known: {', '.join(known)})")
    for fold in folds:
        if not 0 <= fold < profile.folds:
            raise UsageError(f"fold {fold} does not exist, folds run from 0 to {profile.folds - 1}")
    found = {one.name: one for one in experiments(profile)}
    chosen = [f"models/{name}" for name in known if not models or name in models]
    wanted = [fold for fold in range(profile.folds) if not folds or fold in folds]
    out = [Run(found[name], fold) for fold in wanted for name in chosen]
    if beyond:
        for one in found.values():
            if one.chapter in ("models", "centres") or (
                one.chapter == "sequences" and not sequences
            ):
                continue
            out += [Run(one, fold) for fold in profile.trials if fold in wanted]
        if len(centres) > 1:
            out += [Run(found["centres/gn-unet"], centre=centre) for centre in centres]
    return tuple(out)


def scaled(recipe: Recipe, profile: Profile) -> Recipe:
    """The recipe at the profile's image size, network width and number of steps."""
    settings = _narrower(recipe.network_settings, profile)
    examples = replace(cast("ImageSettings", recipe.examples), size=profile.size)
    chunks = isinstance(examples, ChunkExamples)
    if isinstance(examples, ChunkExamples):
        stride = profile.chunk // 2
        examples = replace(
            examples, chunk=replace(examples.chunk, length=profile.chunk, stride=stride)
        )
    steps, batch = profile.steps, profile.batch
    if chunks:
        batch = profile.batch_3d
        # As many slices are seen as in two dimensions.
        steps = None if steps is None else max(1, steps * profile.batch // (profile.chunk * batch))
    training = replace(
        recipe.training,
        optimiser=replace(recipe.training.optimiser, learning_rate=profile.learning_rate),
        schedule=replace(recipe.training.schedule, kind=profile.schedule),
        epochs=profile.epochs,
        steps_per_epoch=steps,
        score="loss" if profile.patience is None else "dice",
        patience=profile.patience,
        batch=batch,
        seed=profile.seed,
    )
    return replace(
        recipe,
        network_settings=settings,
        examples=examples,
        training=training,
        parameters=NETWORKS.get(recipe.network).parameters(settings),
    )


def _for(name: str, recipe: Recipe) -> Recipe:
    """The argument for group normalisation is the small batch: both sides are trained with 2 slices."""
    if not name.startswith("normalisation/"):
        return recipe
    return replace(recipe, training=_at_batch_two(recipe))


def _at_batch_two(recipe: Recipe) -> Any:
    training = recipe.training
    steps = training.steps_per_epoch
    steps = None if steps is None else steps * training.batch // 2
    return replace(training, batch=2, steps_per_epoch=steps)


def _narrower(settings: Any, profile: Profile) -> Any:
    by = profile.narrowing
    if isinstance(settings, GNUNetSettings):
        most = settings.max_channels // by
        return replace(settings, base=settings.base // by, max_channels=most)
    if isinstance(settings, UNetSettings):
        return replace(settings, base=settings.base // by)
    if isinstance(settings, SegNetSettings):
        return replace(settings, width=settings.width // by)
    if isinstance(settings, GCNSettings):
        return replace(settings, width=settings.width // by, kernel=profile.kernel)
    raise UsageError(f"no rule how to narrow {type(settings).__name__}")
