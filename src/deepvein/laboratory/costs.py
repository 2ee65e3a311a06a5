"""What a study will cost before it runs: its queue, with the time of each training at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from deepvein.evaluation.tables import Table
from deepvein.training.machine import Machine
from deepvein.training.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor

QUEUE = "queue.csv"
_TIMED = 3
"""Steps that are timed, after one that warms up."""


@dataclass(frozen=True)
class Queued:
    """One step of a study. recipe: what it trains, None for other work. steps: of the optimiser at most,
    None where it depends on the patients."""

    name: str
    recipe: Recipe | None = None
    steps: int | None = None

    @classmethod
    def of(cls, name: str, recipe: Recipe) -> Queued:
        """A training to its last epoch."""
        training = recipe.training
        steps = training.steps_per_epoch
        return cls(name, recipe, None if steps is None else steps * training.epochs)


def queue_table(queue: Sequence[Queued], machine: Machine, processes: int) -> Table:
    """Steps in order with their time at most; what is not trained is not predicted, nor are tests.

    Each kind of training is timed for a few steps of its own network, image size and batch on random
    images; the whole is for `processes` trainings side by side. Trainings that validation ends take less.
    """
    known: dict[str, float] = {}
    rows, total = [], 0.0
    for one in queue:
        seconds = None
        if one.recipe is not None and one.steps is not None:
            kind = repr((one.recipe.network_part, one.recipe.examples, one.recipe.training.batch))
            if kind not in known:
                known[kind] = seconds_a_step(one.recipe, machine)
            seconds = one.steps * known[kind]
            total += seconds
        steps = "–" if one.steps is None else f"{one.steps:,}"
        rows.append((one.name, steps, "–" if seconds is None else f"{seconds / 3600:.2f}"))
    rows.append((f"All trainings, {processes} at a time", "", f"{total / processes / 3600:.2f}"))
    return Table("Queue", ("Step", "Training steps at most", "Hours at most"), tuple(rows))


def seconds_a_step(recipe: Recipe, machine: Machine) -> float:
    """The median time of an optimiser step of the recipe's network on one thread of the machine, at the
    precision in which a study trains it."""
    import torch

    from deepvein.networks import NETWORKS
    from deepvein.training.loop import is_spatial

    network: Any = NETWORKS.get(recipe.network).build(recipe.network_settings, 0)
    fabric = machine.sound_for(is_spatial(network)).fabric()
    network = network.to(fabric.device).train()
    optimiser = torch.optim.Adam(network.parameters())
    images = _images(recipe).to(fabric.device)
    times = []
    for _ in range(1 + _TIMED):
        begun = perf_counter()
        optimiser.zero_grad()
        with fabric.autocast():
            logits = network(images)
        logits.float().square().mean().backward()
        optimiser.step()
        if fabric.device.type == "cuda":
            torch.cuda.synchronize()
        times.append(perf_counter() - begun)
    return median(times[1:])


def _images(recipe: Recipe) -> Tensor:
    """A batch of noise of the recipe's shape: (batch, channels, [slices,] rows, columns)."""
    import torch

    examples: Any = recipe.examples
    depth = (examples.chunk.length,) if examples.spatial else ()
    shape = (recipe.training.batch, recipe.network_settings.in_channels, *depth, *examples.size)
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))
