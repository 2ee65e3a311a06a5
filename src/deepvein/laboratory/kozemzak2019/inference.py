"""A trained model over the studies of a cohort, one study at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.devices import resolve_device
from deepvein.core.progress import Progress, silent
from deepvein.training.checkpoints import LoadedModel

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from deepvein.examples.whole import WholeSlices

STEPS = 10
"""Levels a unit of the logit."""

_AHEAD = 6
"""Threads that prepare batches for a graphics processor."""


@dataclass(frozen=True)
class Reader:
    """device: as `inference.devices` takes it. batch: examples at a time. half: bfloat16 arithmetic."""

    device: str = "auto"
    batch: int = 32
    half: bool = False

    def masks(
        self, model: LoadedModel, cohort: Cohort, progress: Progress = silent
    ) -> Iterator[tuple[Case, NDArray[np.uint8]]]:
        """Each case with the (slice, row, column) level of each pixel as a byte, at the model's size.

        A level is the logit in tenths, 128 for 0: a probability of a half or more is a level of 128 or
        more. Probabilities themselves would all fall into the lowest bytes where veins are rare.
        """
        from deepvein.examples.preprocessing import EMPTY

        for case, source, outputs in self._outputs(model, cohort, progress):
            whole: NDArray[np.uint8] | None = None
            count = max(n for item in source.items for n in item.answers) + 1
            for start, logits in outputs:
                steps = (logits.float() * STEPS).floor().clamp(-128, 127) + 128
                levels = steps.byte().cpu().numpy()[:, 0]
                if whole is None:
                    whole = np.zeros((count, *levels.shape[-2:]), dtype=np.uint8)
                for item, planes in zip(source.items[start:], levels, strict=False):
                    planes = planes if planes.ndim == 3 else planes[None]  # noqa: PLW2901
                    for index, plane in zip(item.answers, planes, strict=True):
                        if index != EMPTY:
                            whole[index] = plane
            if whole is not None:
                yield case, whole

    def labels(
        self, model: LoadedModel, cohort: Cohort, progress: Progress = silent
    ) -> Iterator[tuple[Case, NDArray[np.float64]]]:
        """Each case with the (slices,) probability that a slice shows DVT."""
        for case, _, outputs in self._outputs(model, cohort, progress):
            parts = [logits.float().softmax(1)[:, 1].cpu().numpy() for _, logits in outputs]
            yield case, np.concatenate(parts).astype(np.float64)

    def _outputs(
        self, model: LoadedModel, cohort: Cohort, progress: Progress
    ) -> Iterator[tuple[Case, WholeSlices, Iterator[tuple[int, Tensor]]]]:
        device = resolve_device(self.device)
        network = model.network.to(device).eval()
        for done, case in enumerate(cohort):
            progress(f"reading with {model.folder.name}", done, len(cohort))
            source = self._source(model, replace(cohort, cases=(case,)), device)
            yield case, source, self._batches(network, source, device)
        progress(f"reading with {model.folder.name}", len(cohort), len(cohort))

    def _source(self, model: LoadedModel, cohort: Cohort, device: torch.device) -> Any:
        from deepvein.examples.sources import open_source

        settings = model.description.examples
        if settings.kind == "chunks" and settings.chunk.target == "centre":
            settings = replace(settings, chunk=replace(settings.chunk, stride=1))
        return open_source(
            cohort,
            settings,
            0,
            self.batch,
            training=False,
            moments=model.description.moments,
            device=device if device.type == "cuda" else "cpu",
        )

    def _batches(
        self, network: Any, source: Any, device: torch.device
    ) -> Iterator[tuple[int, Tensor]]:
        import torch

        from deepvein.training.source import Feed

        workers = _AHEAD if device.type == "cuda" else 0
        feed = Feed(source, range(len(source)), device, workers)
        half = self.half or device.type == "cuda"
        for number, batch in enumerate(feed):
            with (
                torch.inference_mode(),
                torch.autocast(device.type, torch.bfloat16) if half else nullcontext(),
            ):
                yield number * self.batch, network(batch.inputs)


def probability_of(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The probabilities, float32, at the middle of each level."""
    middle = (levels.astype(np.float32) - 127.5) / STEPS
    return np.asarray(1 / (1 + np.exp(-middle)), dtype=np.float32)
