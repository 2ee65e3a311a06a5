"""Recipes of the models that come with deepvein: for each modality a localiser and a segmenter."""

from __future__ import annotations

from typing import Literal

from deepvein.examples.presets import CT_PATCHES, MR_PATCHES, TERRITORIES
from deepvein.examples.settings import ExampleSettings
from deepvein.networks import GNUNetSettings
from deepvein.studies.study import Modality
from deepvein.training.losses import BinaryCrossEntropy, CrossEntropy, CrossEntropyDice, SoftDice
from deepvein.training.recipe import Recipe, Task, add
from deepvein.training.settings import OptimiserSettings, ScheduleSettings, TrainingSettings

SOURCE = "made for deepvein: Huang 2019's network, narrower, on tiles at native scale"


_TERRITORY_WEIGHTS = (
    *(0.15, 4.0, 2.3, 1.5, 2.1, 1.6, 0.9),
    *(0.8, 1.2, 2.0, 2.7, 3.0, 1.3, 4.3),
)
"""None, then the segments by value: about the square root of how rare a territory's voxels are, as counted
in training crops; nineteen voxels in twenty are none."""


def _training(
    epochs: int,
    steps_per_epoch: int,
    batch: int,
    score: Literal["dice", "class-dice"],
    learning_rate: float,
) -> TrainingSettings:
    """So long that each of the four models is trained in under an hour on one processor core in bfloat16."""
    return TrainingSettings(
        epochs=epochs,
        steps_per_epoch=steps_per_epoch,
        batch=batch,
        optimiser=OptimiserSettings(kind="adamw", learning_rate=learning_rate, weight_decay=0.01),
        schedule=ScheduleSettings(kind="cosine", warm_up_steps=100, final=0.01),
        clip_norm=1.0,
        average=0.995,
        score=score,
    )


def _segmenter(modality: Modality, examples: ExampleSettings, parameters: int) -> Recipe:
    return Recipe(
        name=f"deepvein/{modality.value.lower()}-segmenter",
        task=Task.SEGMENTATION,
        modality=modality,
        summary=f"deep veins and thrombi in {modality.value} tiles with neighbouring slices",
        source=SOURCE,
        network="gn-unet",
        network_settings=GNUNetSettings(
            in_channels=examples.channels, classes=len(examples.targets), base=16, prior=0.02
        ),
        examples=examples,
        loss=CrossEntropyDice(BinaryCrossEntropy(), SoftDice(over="batch")),
        training=_training(30, 300, batch=8, score="dice", learning_rate=2e-3),
        parameters=parameters,
    )


def _localiser(modality: Modality, examples: ExampleSettings) -> Recipe:
    return Recipe(
        name=f"deepvein/{modality.value.lower()}-localiser",
        task=Task.LOCALISATION,
        modality=modality,
        summary=f"the nearest deep vein of each 8 mm voxel of a whole {modality.value} study",
        source=SOURCE,
        network="gn-unet",
        # Flat kernels at full size cost a third and lose little: the levels below see along the body.
        network_settings=GNUNetSettings(
            classes=14, base=8, depth=3, dimensions=3, kernels=((1, 3, 3), *((3, 3, 3),) * 3)
        ),
        examples=examples,
        loss=CrossEntropy(class_weights=_TERRITORY_WEIGHTS),
        training=_training(8, 100, batch=4, score="class-dice", learning_rate=3e-3),
        parameters=346_526,
    )


CT_SEGMENTER = add(_segmenter(Modality.CT, CT_PATCHES, parameters=1_944_642))
CT_LOCALISER = add(_localiser(Modality.CT, TERRITORIES))
MR_SEGMENTER = add(_segmenter(Modality.MR, MR_PATCHES, parameters=1_944_066))
MR_LOCALISER = add(_localiser(Modality.MR, TERRITORIES))
