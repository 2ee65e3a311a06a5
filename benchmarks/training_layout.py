"""A training step with images laid out channels last beside channels first, for the recipes' own networks.

    python benchmarks/training_layout.py [RECIPE …] [--rounds 5] [--batch N] [--threads 1 2]
                                         [--precision 32-true bf16-mixed]

Both do forward, loss, backward and a step of the optimiser with noise of the recipe's batch and size, in
turns in one process, since the speed of a machine drifts. Told are processor seconds a step (medians), the
medians of the ratios of turns that follow one another in processor and in wall time, and by how much the
first gradients differ: the length of their difference as a share of their own.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from deepvein.laboratory import RECIPES
from deepvein.networks import NETWORKS
from deepvein.training.machine import Machine
from deepvein.training.optimisers import optimiser
from deepvein.training.recipe import Recipe

FIRST, LAST = torch.contiguous_format, torch.channels_last
FLAT = (
    "deepvein/ct-segmenter",
    "deepvein/mr-segmenter",
    "deepvein/ct-reader",
    "huang2019/gn-unet",
    "huang2019/unet",
    "huang2019/segnet",
    "huang2019/gcn",
    "huang2019/bn-unet",
    "kozemzak2019/unet",
    "kozemzak2019/vgg",
    "kozemzak2019/resnet18",
    "kozemzak2019/cnn-rnn",
)
"""Recipes whose networks convolve images."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=FLAT, metavar="RECIPE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, help="examples a step, if not the recipe's")
    parser.add_argument("--threads", type=int, nargs="+", default=(1, 2))
    parser.add_argument("--precision", nargs="+", default=("32-true", "bf16-mixed"))
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}")
    print(
        f"{'recipe':24}{'precision':>12}{'threads':>9}{'first, s':>10}{'last, s':>10}"
        f"{'processor':>11}{'wall':>7}{'gradients':>11}"
    )
    for name in options.recipes:
        for precision in options.precision:
            for threads in options.threads:
                torch.set_num_threads(threads)
                recipe = RECIPES.get(name)()
                batch = options.batch or recipe.training.batch
                recipe = replace(recipe, training=replace(recipe.training, batch=batch))
                told = compared(recipe, precision, options.rounds)
                print(f"{name:24}{precision:>12}{threads:>9}{told}", flush=True)


def compared(recipe: Recipe, precision: Any, rounds: int) -> str:
    """The rest of a recipe's row."""
    inputs, targets = noise(recipe)
    ways = [Way(recipe, inputs, targets, precision, layout) for layout in (FIRST, LAST)]
    gradients = [way.gradients() for way in ways]
    apart = float((gradients[1] - gradients[0]).norm() / gradients[0].norm())
    times: list[list[tuple[float, float]]] = [[], []]
    for number in range(rounds + 1):
        for told, way in zip(times, ways, strict=True):
            seconds = timed(way.step)
            if number:  # the first turn warms up
                told.append(seconds)
    shares = [
        statistics.median(b[kind] / a[kind] for a, b in zip(*times, strict=True)) for kind in (0, 1)
    ]
    first, last = (statistics.median(one[0] for one in told) for told in times)
    return f"{first:>10.3f}{last:>10.3f}{shares[0]:>11.2f}{shares[1]:>7.2f}{apart:>11.1e}"


class Way:
    """One layout's training step on one batch."""

    def __init__(
        self,
        recipe: Recipe,
        inputs: Tensor,
        targets: Tensor,
        precision: Any,
        layout: torch.memory_format,
    ) -> None:
        network = NETWORKS.get(recipe.network).build(recipe.network_settings, seed=1)
        self.network: nn.Module = network.to(memory_format=layout).train()  # type: ignore[call-overload]
        # Some networks lay out their images themselves.
        first = next(one for one in network.modules() if isinstance(one, nn.Conv2d))
        first.register_forward_pre_hook(
            lambda _, given: (given[0].contiguous(memory_format=layout),)
        )
        self.inputs, self.targets, self.loss = inputs, targets, recipe.loss
        self.fabric = Machine(device="cpu", precision=precision).fabric()
        self.optimiser = optimiser(recipe.training.optimiser, self.network)

    def gradients(self) -> Tensor:
        """Those of all parameters, one after the other."""
        torch.manual_seed(5)  # of dropout
        self._backward()
        found = [one.grad.flatten() for one in self.network.parameters() if one.grad is not None]
        self.optimiser.zero_grad()
        return torch.cat(found)

    def step(self) -> None:
        self._backward()
        self.optimiser.step()
        self.optimiser.zero_grad()

    def _backward(self) -> None:
        with self.fabric.autocast():
            logits = self.network(self.inputs)
        self.loss(logits.float(), self.targets, None).backward()


def noise(recipe: Recipe) -> tuple[Tensor, Tensor]:
    """A batch as the recipe's examples have, an eighth being air: inputs and targets."""
    draw = torch.Generator().manual_seed(3)
    settings: Any = recipe.network_settings
    inputs = torch.randn(
        (recipe.training.batch, settings.in_channels, *size(recipe)), generator=draw
    )
    inputs = inputs / 4
    inputs[:, ..., : inputs.shape[-1] // 8] = -1.0
    with torch.no_grad():
        answer = NETWORKS.get(recipe.network).build(settings, seed=1)(inputs[:1])
    shape = (len(inputs), *answer.shape[1:])
    if NETWORKS.get(recipe.network).output == "labels":
        return inputs, torch.randint(0, shape[1], (len(inputs),), generator=draw)
    return inputs, (torch.rand(shape, generator=draw) > 0.98).float()


def size(recipe: Recipe) -> tuple[int, ...]:
    """([section or slice,] row, column) of an example."""
    examples: Any = recipe.examples
    if examples.kind == "courses":
        return (examples.course.sections, 28, 28)
    if examples.kind == "patches":
        rows, columns = examples.patch
        return (rows, columns)
    flat: tuple[int, ...] = tuple(examples.size)
    return (examples.chunk.length, *flat) if examples.kind == "chunks" else flat


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Processor and wall seconds."""
    begun, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - begun, time.perf_counter() - wall


if __name__ == "__main__":
    main()
