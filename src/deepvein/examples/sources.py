"""The kinds of example sources by name; torch is imported when one is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments, training_moments
from deepvein.core.progress import Progress, silent
from deepvein.core.registry import Registry
from deepvein.examples.settings import ExampleSettings

if TYPE_CHECKING:
    import torch

    from deepvein.examples.batch import ExampleSource


@dataclass(frozen=True)
class SourceSpec:
    """One kind of examples; `load` imports and returns the class that makes them."""

    name: str
    summary: str
    load: Callable[[], Callable[..., ExampleSource]]


SOURCES: Registry[SourceSpec] = Registry("kind of examples")


def open_source(
    cohort: Cohort,
    settings: ExampleSettings,
    seed: int,
    batch_size: int,
    *,
    training: bool,
    moments: Moments | None = None,
    device: torch.device | str = "cpu",
    progress: Progress = silent,
) -> ExampleSource:
    """The source of `settings.kind` over the cases of `cohort`.

    moments: mean and SD of the training images. Where the normalisation needs them they are measured on
    `cohort` in training, and must be given otherwise: `source.moments` of the training source.
    Raises UnknownNameError for an unknown kind, SettingsError for settings that do not go together and
    CohortError for cases that lack a mask.
    """
    spec = SOURCES.get(settings.kind)
    prepare(cohort, settings, progress)
    if moments is None and training and settings.normalisation.kind == "standardise":
        moments = training_moments(cohort, settings.normalisation.clip, progress)
    make = spec.load()
    return make(
        cohort, settings, seed, batch_size, training=training, moments=moments, device=device
    )


def prepare(cohort: Cohort, settings: ExampleSettings, progress: Progress = silent) -> None:
    """Make what the examples of each case are found by, once; later it comes from the cohort's cache.

    About a second for a large study. `open_source` does it by itself.
    """
    from deepvein.examples.index import voxel_index
    from deepvein.examples.territories import coarse_case

    coarse = settings.kind == "territories"
    if not (coarse or settings.kind == "patches" or settings.classifies):
        return
    for done, case in enumerate(cohort):
        progress("indexing cases", done, len(cohort))
        if not coarse:
            voxel_index(case, cohort.cache)
        elif case.segments is not None:
            coarse_case(case, cohort.cache, settings.coarse)
    progress("indexing cases", len(cohort), len(cohort))


def _slices() -> Callable[..., ExampleSource]:
    from deepvein.examples.slices import SliceSource

    return SliceSource


def _patches() -> Callable[..., ExampleSource]:
    from deepvein.examples.patches import PatchSource

    return PatchSource


def _chunks() -> Callable[..., ExampleSource]:
    from deepvein.examples.chunks import ChunkSource

    return ChunkSource


def _territories() -> Callable[..., ExampleSource]:
    from deepvein.examples.territories import TerritorySource

    return TerritorySource


def _courses() -> Callable[..., ExampleSource]:
    from deepvein.examples.courses.source import CourseSource

    return CourseSource


for _spec in (
    SourceSpec("slices", "every whole slice once an epoch, with neighbours", _slices),
    SourceSpec(
        "patches", "tiles of slices, balanced between thrombi, veins and the rest", _patches
    ),
    SourceSpec("chunks", "consecutive whole slices as 3D examples", _chunks),
    SourceSpec("territories", "the coarse study and its nearest deep veins", _territories),
    SourceSpec("courses", "sections along the veins of planned phantoms, both legs", _courses),
):
    SOURCES.add(_spec.name, _spec)
