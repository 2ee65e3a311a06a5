"""Recipes of the models that come with deepvein: for each modality a localiser, a segmenter and a reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from deepvein.studies.study import Modality
from deepvein.training.recipe import Ingredients, LazyRecipe, Task, recipe
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
    """So long that each of the models is trained in under an hour on one processor core in bfloat16."""
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


def _named(
    modality: Modality,
    part: str,
    task: Task,
    summary: str,
    parameters: int,
    network: str = "gn-unet",
    source: str = SOURCE,
) -> Callable[[Callable[[], Ingredients]], LazyRecipe]:
    return recipe(
        f"deepvein/{modality.value.lower()}-{part}",
        task=task,
        modality=modality,
        network=network,
        parameters=parameters,
        summary=summary,
        source=source,
    )


def _segmenter(modality: Modality, parameters: int) -> LazyRecipe:
    summary = f"deep veins and thrombi in {modality.value} tiles with neighbouring slices"

    @_named(modality, "segmenter", Task.SEGMENTATION, summary, parameters)
    def segmenter() -> Ingredients:
        from deepvein.examples.presets import CT_PATCHES, MR_PATCHES
        from deepvein.networks.gn_unet import GNUNetSettings
        from deepvein.training.losses.bce_dice import CrossEntropyDice
        from deepvein.training.losses.dice import SoftDice

        examples = CT_PATCHES if modality is Modality.CT else MR_PATCHES
        return Ingredients(
            network_settings=GNUNetSettings(
                in_channels=examples.channels, classes=len(examples.targets), base=16, prior=0.02
            ),
            examples=examples,
            loss=CrossEntropyDice(dice=SoftDice(over="batch")),
            training=_training(30, 300, batch=8, score="dice", learning_rate=2e-3),
        )

    return segmenter


def _localiser(modality: Modality) -> LazyRecipe:
    summary = f"the nearest deep vein of each 8 mm voxel of a whole {modality.value} study"

    @_named(modality, "localiser", Task.LOCALISATION, summary, parameters=346_526)
    def localiser() -> Ingredients:
        from deepvein.examples.presets import TERRITORIES
        from deepvein.networks.gn_unet import GNUNetSettings
        from deepvein.training.losses.cross_entropy import CrossEntropy

        # Flat kernels at full size cost a third and lose little: the levels below see along the body.
        kernels = ((1, 3, 3), *((3, 3, 3),) * 3)
        return Ingredients(
            network_settings=GNUNetSettings(
                classes=14, base=8, depth=3, dimensions=3, kernels=kernels
            ),
            examples=TERRITORIES,
            loss=CrossEntropy(class_weights=_TERRITORY_WEIGHTS),
            training=_training(8, 100, batch=4, score="class-dice", learning_rate=3e-3),
        )

    return localiser


def _reader(modality: Modality) -> LazyRecipe:
    summary = f"thrombi along each deep vein's course in {modality.value}, both legs together"

    @_named(
        modality, "reader", Task.READING, summary, 212_107, "course-reader", "made for deepvein"
    )
    def reader() -> Ingredients:
        from deepvein.examples.presets import COURSES
        from deepvein.networks.course_reader import CourseReaderSettings
        from deepvein.training.losses.bce_dice import CrossEntropyDice
        from deepvein.training.losses.dice import SoftDice

        return Ingredients(
            network_settings=CourseReaderSettings(),
            examples=COURSES,
            loss=CrossEntropyDice(dice=SoftDice(smoothing=20.0, over="batch"), dice_weight=0.5),
            training=_training(12, 500, batch=2, score="dice", learning_rate=1.5e-3),
        )

    return reader


CT_SEGMENTER = _segmenter(Modality.CT, parameters=1_944_642)
CT_LOCALISER = _localiser(Modality.CT)
MR_SEGMENTER = _segmenter(Modality.MR, parameters=1_944_066)
MR_LOCALISER = _localiser(Modality.MR)
CT_READER = _reader(Modality.CT)
MR_READER = _reader(Modality.MR)
