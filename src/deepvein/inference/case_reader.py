"""The one loop that runs a model over a study: tile by tile, slice by slice or chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import ModelError
from deepvein.core.progress import Progress, silent
from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.sources import open_source
from deepvein.examples.whole import Item, WholeSlices
from deepvein.inference.engines import Engine
from deepvein.inference.models import Model
from deepvein.training.source import Feed

if TYPE_CHECKING:
    from torch import Tensor

_AHEAD = 6
"""Threads that prepare inputs for a graphics processor."""


def read_views(
    engine: Engine,
    inputs: Callable[[int], Tensor],
    views: int,
    progress: Progress = silent,
    stage: str = "segmenting",
) -> Iterator[Tensor]:
    """The logits of each view of a study, in order.

    inputs: of the view with this number, 0 to views - 1, as `Engine` takes them.
    """
    workers = _AHEAD if engine.device.type == "cuda" else 0
    for done, given in enumerate(Feed(inputs, range(views), engine.device, workers)):
        progress(stage, done, views)
        yield engine(given)
    progress(stage, views, views)


def read_case(
    model: Model, case: Case, cohort: Cohort, batch: int = 32
) -> Iterator[tuple[Item, Tensor]]:
    """Each example of a case with its logits: (target, [slice,] row, column), or (class,) of a label.

    For models of whole slices and of chunks; one of chunks that answers for the middle slice alone is
    asked about every slice. batch: examples at a time. Raises ModelError for models of other examples.
    """
    settings = model.description.examples
    if isinstance(settings, ChunkExamples) and settings.chunk.target == "centre":
        settings = replace(settings, chunk=replace(settings.chunk, stride=1))
    device = model.engine.device
    source = open_source(
        replace(cohort, cases=(case,)),
        settings,
        0,
        batch,
        training=False,
        moments=model.description.moments,
        device=device if device.type == "cuda" else "cpu",
    )
    if not isinstance(source, WholeSlices):
        raise ModelError(f"{model.folder} reads {settings.kind}, not whole slices or chunks")
    for step, logits in enumerate(read_views(model.engine, source.inputs, len(source))):
        yield from zip(source.items[step * batch : (step + 1) * batch], logits, strict=True)
