"""Every model of the study: the paper's ten, and one for each thing that its authors could not do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from deepvein.core.errors import UnknownNameError
from deepvein.laboratory.kozemzak2019 import recipes
from deepvein.laboratory.kozemzak2019.profiles import Profile, scaled
from deepvein.networks import NETWORKS
from deepvein.training.recipe import Recipe, Task

AUTO, PHANTOMS, NONE = "auto", "phantoms", "none"
"""First weights: the published file if it is at hand and our phantoms' otherwise; our phantoms'; random."""

TUNED = "resnet18-tuned"


@dataclass(frozen=True)
class Model:
    """name: its folder. label: what tables call it. pretrained: first weights, "none", "phantoms" or as
    `networks.pretrained` takes them. split: "random", "matched", "fold-N" or "split-N". masks: which veins
    a segmenter learns. share: of the training patients that it learns from."""

    name: str
    label: str
    recipe: Recipe
    pretrained: str = NONE
    split: str = "random"
    masks: Literal["drawn", "completed"] = "drawn"
    share: float = 1.0

    @property
    def segments(self) -> bool:
        return self.recipe.task is Task.SEGMENTATION

    @property
    def fold(self) -> int | None:
        """Of the training's cases this fold is held out; None where the split says it."""
        return int(self.split.removeprefix("fold-")) if self.split.startswith("fold-") else None

    @property
    def takes_masks(self) -> bool:
        return not self.segments and self.recipe.examples.needs_veins


def models_of(profile: Profile, pretrained: str = AUTO) -> tuple[Model, ...]:
    """All models in the order in which they are trained: the paper's tables first.

    pretrained: the choice for those that the paper begins from published weights.
    """
    tables = {**recipes.SEGMENTERS, **recipes.CLASSIFIERS}
    out = [
        Model(
            name,
            recipes.LABELS[name],
            scaled(make(), profile),
            _first(make(), profile, pretrained),
        )
        for name, make in tables.items()
    ]
    vgg, resnet = scaled(recipes.vgg(), profile), scaled(recipes.resnet18(), profile)
    out += [
        Model("vgg-cross-entropy", "2D VGG, weighted cross-entropy",
              scaled(recipes.vgg_cross_entropy(), profile)),
        Model("vgg-symmetric", "2D VGG, masks completed by symmetry", vgg, masks="completed"),
        Model("unet-3d-centre", "3D U-Net, centre slice alone", scaled(recipes.unet_3d_centre(), profile)),
        Model("resnet18-random", "2D ResNet, random first weights", resnet),
    ]  # fmt: skip
    own = _first(recipes.resnet18(), profile, pretrained)
    if own != PHANTOMS:
        out.append(Model("resnet18-phantoms", "2D ResNet, own pre-training", resnet, PHANTOMS))
    if _first(recipes.vgg_pretrained(), profile, pretrained) != PHANTOMS:
        out.append(Model("vgg-phantoms", "2D VGG, own pre-training", vgg, PHANTOMS))
    out.append(Model("resnet18-matched", "2D ResNet, matched split", resnet, own, "matched"))
    out += [
        Model(f"resnet18-fold-{k}", f"2D ResNet, fold {k}", resnet, own, f"fold-{k}")
        for k in range(profile.folds)
    ]
    out.append(Model(TUNED, "2D ResNet, searched settings", resnet, own))
    out += [
        Model(f"{name}-split-{k}", f"{recipes.LABELS[name]}, split {k}", scaled(make(), profile),
              _first(make(), profile, pretrained), f"split-{k}")
        for k in range(1, profile.splits)
        for name, make in tables.items()
    ]  # fmt: skip
    recurrent = recipes.cnn_rnn()
    out += [
        Model(f"cnn-rnn-{round(100 * share)}", f"CNN-RNN, {share:.0%} of the training patients",
              scaled(recurrent, profile), _first(recurrent, profile, pretrained), share=share)
        for share in profile.curve
    ]  # fmt: skip
    return tuple(out)


def chosen(
    models: Sequence[Model], names: Sequence[str] | None, folds: Sequence[int] | None
) -> tuple[Model, ...]:
    """Those called so (all for None), of the folds those asked for; UnknownNameError for no such name."""
    known = [model.name for model in models]
    wrong = [name for name in names or () if name not in known]
    if wrong:
        raise UnknownNameError(f"unknown model {wrong[0]!r} (known: {', '.join(known)})")
    return tuple(
        model
        for model in models
        if (names is None or model.name in names)
        and (folds is None or model.fold is None or model.fold in folds)
    )


def with_rate(model: Model, rate: float, weight_decay: float) -> Model:
    """The model with the settings that a search has found."""
    training = model.recipe.training
    optimiser = replace(training.optimiser, learning_rate=rate, weight_decay=weight_decay)
    recipe = replace(model.recipe, training=replace(training, optimiser=optimiser))
    return replace(model, recipe=recipe)


def _first(recipe: Recipe, profile: Profile, pretrained: str) -> str:
    if recipe.pretrained == NONE:
        return NONE
    if pretrained == AUTO:
        return recipe.pretrained if profile.width == 1 and _at_hand(recipe) else PHANTOMS
    if pretrained in ("imagenet", "kinetics"):
        return recipe.pretrained
    return pretrained


def _at_hand(recipe: Recipe) -> bool:
    """Whether the recipe's published file lies in torch.hub's folder."""
    from pathlib import Path

    import torch

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    published = NETWORKS.get(recipe.network).transfer.published
    return any(
        one.choice == recipe.pretrained and (folder / one.file).is_file() for one in published
    )
