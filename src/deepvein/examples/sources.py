"""The kinds of examples by name, one a file, settings above source; a file is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments, training_moments
from deepvein.core.errors import SettingsError
from deepvein.core.progress import Progress, silent
from deepvein.core.registry import Registry
from deepvein.examples.settings import ExampleSettings

if TYPE_CHECKING:
    import torch

    from deepvein.examples.batch import ExampleSource


@dataclass(frozen=True)
class SourceSpec:
    """One kind of examples.

    settings: its class of settings. make: the class of its sources. prepare: makes what the examples of a
    case are found by, once; later it comes from the cohort's cache. None where there is nothing to make.
    """

    name: str
    summary: str
    settings: type[ExampleSettings]
    make: Callable[..., ExampleSource]
    prepare: Callable[[Case, Path, Any], object] | None = None


_ROOM = "deepvein.examples"

SOURCES: Registry[SourceSpec] = Registry(
    "kind of examples",
    {
        "slices": f"{_ROOM}.slices",
        "patches": f"{_ROOM}.patches",
        "chunks": f"{_ROOM}.chunks",
        "territories": f"{_ROOM}.territories",
        "courses": f"{_ROOM}.courses.source",
    },
)


def register(spec: SourceSpec) -> SourceSpec:
    """Enter a kind of examples under its name."""
    return SOURCES.add(spec.name, spec)


def open_source(  # noqa: PLR0913  (each is a choice of the caller, by name)
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
    if not isinstance(settings, spec.settings):
        raise SettingsError(
            f"examples of kind {spec.name!r} take {spec.settings.__name__}, got {type(settings).__name__}"
        )
    prepare(cohort, settings, progress)
    if moments is None and training and settings.normalisation.kind == "standardise":
        moments = training_moments(cohort, settings.normalisation.clip, progress)
    return spec.make(
        cohort, settings, seed, batch_size, training=training, moments=moments, device=device
    )


def prepare(cohort: Cohort, settings: ExampleSettings, progress: Progress = silent) -> None:
    """Make what the examples of each case are found by, once; later it comes from the cohort's cache.

    About a second for a large study. `open_source` does it by itself.
    """
    make = SOURCES.get(settings.kind).prepare
    if make is None:
        return
    for done, case in enumerate(cohort):
        progress("indexing cases", done, len(cohort))
        make(case, cohort.cache, settings)
    progress("indexing cases", len(cohort), len(cohort))
