"""First weights from our own unlabelled phantoms, where no published ones can be had.

The pretext task needs no annotation: at which height of the leg, in sixteen parts from the ankle to the
iliac crest, was a slice taken? It is learned on other people than those of the cohort.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import training_moments
from deepvein.core.progress import Progress, silent
from deepvein.laboratory.kozemzak2019.cohort import read_truth
from deepvein.laboratory.kozemzak2019.profiles import Profile, narrowed
from deepvein.laboratory.kozemzak2019.recipes import i3d, resnet18
from deepvein.training.losses.cross_entropy import CrossEntropy
from deepvein.training.machine import Machine
from deepvein.training.settings import OptimiserSettings, TrainingSettings

if TYPE_CHECKING:
    from torch import nn

PARTS = 16
TOP = 3.2
"""The uppermost landmark coordinate of a coverage."""

WEIGHTS = "best.safetensors"

KINDS = {"vgg-unet": "vgg", "resnet18": "resnet18", "cnn-rnn": "resnet18", "i3d": "i3d"}
"""Which pretext network's weights a network begins from; others begin at random."""


def parts_of(folder: Path) -> NDArray[np.int64]:
    """(slices,) part of the leg, 0 at the ankle, of a synthetic case."""
    heights = np.array([one.height for one in read_truth(folder)], dtype=np.float64)
    return np.clip((heights / TOP * PARTS).astype(np.int64), 0, PARTS - 1)


def learn(
    kind: str,
    cohort: Cohort,
    profile: Profile,
    folder: Path,
    *,
    machine: Machine | None = None,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> bool:
    """Train the pretext network of a kind ("vgg", "resnet18", "i3d"); True once its weights are there."""
    from deepvein.laboratory.kozemzak2019.position import source_of
    from deepvein.training.loop import train

    recipe = (i3d if kind == "i3d" else resnet18)()
    wanted = profile.pretext
    batch = wanted.batch or recipe.training.batch
    if kind == "i3d":
        batch = max(2, batch // 4)
    own: Any = recipe.examples
    examples = replace(own, size=(profile.size, profile.size))
    blind = replace(
        cohort,
        cases=tuple(
            replace(case, segments=None, thrombi=None, has_dvt=False) for case in cohort.cases
        ),
    )
    moments = training_moments(blind, examples.normalisation.clip, progress)
    answers: Mapping[str, NDArray[np.int64]] = {
        case.case: parts_of(case.image.parent) for case in cohort
    }
    runs_on = machine or Machine()
    source = source_of(blind, examples, answers, batch, moments, runs_on, profile.seed)
    settings = TrainingSettings(
        epochs=wanted.epochs or recipe.training.epochs,
        steps_per_epoch=wanted.steps,
        batch=batch,
        optimiser=OptimiserSettings(learning_rate=wanted.rate or 3e-4),
        seed=profile.seed,
    )
    result = train(
        network_of(kind, profile),
        source,
        CrossEntropy(),
        settings,
        folder,
        machine=runs_on,
        stop_after_s=stop_after_s,
        progress=progress,
    )
    return result.finished


def network_of(kind: str, profile: Profile) -> nn.Module:
    """The network that learns the pretext task, under the names that the paper's networks take."""
    from deepvein.laboratory.kozemzak2019.position import build_vgg
    from deepvein.networks import NETWORKS

    if kind == "vgg":
        from deepvein.networks.vgg_unet import VGGUNetSettings

        return build_vgg(narrowed(VGGUNetSettings(), profile.width).width, PARTS, profile.seed)
    recipe = (i3d if kind == "i3d" else resnet18)()
    settings: Any = replace(narrowed(recipe.network_settings, profile.width), classes=PARTS)
    return NETWORKS.get(recipe.network).build(settings, profile.seed)
