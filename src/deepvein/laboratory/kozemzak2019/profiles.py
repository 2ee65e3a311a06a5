"""How large the study is run: everything that a smaller machine has to scale down, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from deepvein.core.devices import Precision
from deepvein.core.registry import Registry
from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.settings import ImageSettings
from deepvein.training.recipe import Recipe, Task

Slices = tuple[tuple[float, float, float], ...]
"""Thickness, increment (mm) and weight of protocols."""

_ALL_SLICES: Slices = (
    (5.0, 5.0, 0.34),
    (3.0, 3.0, 0.24),
    (5.0, 7.0, 0.08),
    (2.0, 2.0, 0.12),
    (2.0, 1.5, 0.08),
    (1.0, 1.0, 0.09),
    (1.0, 0.7, 0.05),
)
_THICK: Slices = ((5.0, 7.0, 0.2), (5.0, 5.0, 0.3), (8.0, 8.0, 0.5))


@dataclass(frozen=True)
class Training:
    """steps: optimiser steps of an epoch; None for every example once. epochs: None for the recipe's.

    batch: None for the recipe's. rate: learning rate, None for the recipe's.
    """

    steps: int | None = None
    epochs: int | None = None
    batch: int | None = None
    rate: float | None = None


@dataclass(frozen=True)
class Profile:
    """studies, patients: of the synthetic cohort. matrix: at which its phantoms are painted (512 in the
    paper). size: that slices are resized to (224). width: factor on the channels of all networks.
    segmenter …: how long each kind is trained. stride: slices between the chunks that are classified in
    training and validation (the evaluation takes every slice). folds: of the ensemble over folds. trials:
    of the hyper-parameter search, each `trial_share` of a training. splits: random ones that the ten models
    are trained on, the first of which the tables show. curve: shares of the training patients that the
    CNN-RNN is also trained with. pretext: phantoms of the own
    pre-training, and draws of the bootstrap.
    """

    name: str
    summary: str
    studies: int
    patients: int
    matrix: int = 512
    size: int = 224
    slices: Slices = _ALL_SLICES
    width: float = 1.0
    segmenter: Training = field(default_factory=Training)
    segmenter_3d: Training = field(default_factory=Training)
    classifier: Training = field(default_factory=Training)
    classifier_3d: Training = field(default_factory=Training)
    pretext: Training = field(default_factory=Training)
    pretext_studies: int = 60
    stride: int = 1
    folds: int = 5
    trials: int = 20
    trial_share: float = 0.25
    splits: int = 1
    curve: tuple[float, ...] = ()
    draws: int = 2000
    precision: Precision = "auto"
    seed: int = 2019

    def training_of(self, recipe: Recipe) -> Training:
        three = recipe.examples.spatial
        if recipe.task is Task.SEGMENTATION:
            return self.segmenter_3d if three else self.segmenter
        return self.classifier_3d if three else self.classifier


QUICK = Profile(
    "quick",
    "a small cohort, small images, narrow networks and short trainings: it shows that every part "
    "works and says little about how well",
    studies=36,
    patients=30,
    matrix=192,
    size=96,
    slices=_THICK,
    width=0.25,
    segmenter=Training(steps=100, epochs=8, batch=12),
    segmenter_3d=Training(steps=60, epochs=5, batch=2),
    classifier=Training(steps=100, epochs=6, batch=24, rate=3e-4),
    classifier_3d=Training(steps=40, epochs=4, batch=8, rate=3e-4),
    pretext=Training(steps=60, epochs=1, batch=12, rate=1e-3),
    pretext_studies=8,
    stride=3,
    folds=3,
    trials=5,
    trial_share=0.34,
    draws=300,
    precision="bf16-mixed",
)

PROFILES: Registry[Profile] = Registry("profile")
PROFILES.add("quick", QUICK)
PROFILES.add(
    "cpu",
    replace(
        QUICK,
        name="cpu",
        summary="the paper's patients, with small images of thick slices, narrow networks and short "
        "trainings, for two processor cores",
        studies=119,
        patients=97,
        segmenter=Training(steps=200, epochs=20, batch=12),
        segmenter_3d=Training(steps=120, epochs=12, batch=2),
        classifier=Training(steps=100, epochs=14, batch=24, rate=3e-4),
        classifier_3d=Training(steps=40, epochs=20, batch=8, rate=3e-4),
        pretext=Training(steps=60, epochs=4, batch=12, rate=1e-3),
        pretext_studies=24,
        draws=1000,
    ),
)
PROFILES.add(
    "days",
    Profile(
        "days",
        "the paper's patients and image size, networks half as wide, trained until validation no longer "
        "improves, on five splits, for some working days of two processor cores",
        studies=119,
        patients=97,
        matrix=256,
        slices=((5.0, 7.0, 0.2), (5.0, 5.0, 0.5), (3.0, 3.0, 0.3)),
        width=0.5,
        segmenter=Training(steps=300, epochs=40, batch=8),
        segmenter_3d=Training(steps=300, epochs=30, batch=2),
        classifier=Training(steps=150, epochs=30, batch=16, rate=3e-4),
        classifier_3d=Training(steps=150, epochs=30, batch=4, rate=3e-4),
        pretext=Training(steps=300, epochs=4, batch=12, rate=1e-3),
        pretext_studies=40,
        stride=3,
        trials=8,
        splits=5,
        curve=(0.1, 0.25, 0.5),
        draws=1000,
        precision="bf16-mixed",
    ),
)
PROFILES.add(
    "gpu",
    Profile(
        "gpu",
        "the paper's cohort size, image size and networks; trainings cut to about an hour on one "
        "graphics processor",
        studies=119,
        patients=97,
        segmenter=Training(steps=250, epochs=8, batch=32),
        segmenter_3d=Training(steps=250, epochs=6, batch=8),
        classifier=Training(steps=150, epochs=6, batch=64),
        classifier_3d=Training(steps=200, epochs=5, batch=16),
        pretext=Training(steps=300, epochs=1, batch=32),
        pretext_studies=40,
        stride=3,
        folds=3,
        trials=8,
        draws=1000,
    ),
)
PROFILES.add(
    "paper",
    Profile(
        "paper",
        "the paper's cohort size, image size and networks; trainings until validation stops them",
        studies=119,
        patients=97,
        pretext=Training(steps=1000, epochs=4, batch=32),
    ),
)


def scaled(recipe: Recipe, profile: Profile) -> Recipe:
    """The recipe at the profile's size; `parameters` is that of the recipe still."""
    wanted = profile.training_of(recipe)
    own = recipe.training
    training = replace(
        own,
        steps_per_epoch=wanted.steps,
        epochs=wanted.epochs or own.epochs,
        batch=wanted.batch or own.batch,
        optimiser=replace(own.optimiser, learning_rate=wanted.rate or own.optimiser.learning_rate),
        seed=profile.seed,
    )
    examples = replace(cast("ImageSettings", recipe.examples), size=(profile.size, profile.size))
    if recipe.task is Task.CLASSIFICATION and isinstance(examples, ChunkExamples):
        examples = replace(examples, chunk=replace(examples.chunk, stride=profile.stride))
    return replace(
        recipe,
        network_settings=narrowed(recipe.network_settings, profile.width),
        examples=examples,
        training=training,
    )


def narrowed(settings: Any, factor: float) -> Any:
    """A network's settings with `factor` times the channels, at least 4 and a multiple of 4."""
    changes = {
        name: max(4, round(getattr(settings, name) * factor / 4) * 4)
        for name in ("base", "width", "hidden")
        if hasattr(settings, name)
    }
    return replace(settings, **changes) if factor != 1 else settings
