"""Segmenting a slice: our regions beside whole slices and beside MONAI's sliding window.

    python benchmarks/inference.py [--slices 48] [--repeats 5] [--device cpu]

The bundled CT segmenter, in float32, gives the probabilities of the same synthetic CT slices in three ways,
in turns in one process, since the speed of a machine drifts:

  deepvein       regions round the deep-vein territories, several slices a call, channels-last
  whole slices   plain eager PyTorch: every slice whole
  MONAI          `sliding_window_inference` with 160x160 windows (skipped where monai is not installed)

Ours looks at less because the localiser has told where the veins are; its time is counted. Peak memory is
the process's, for all of them together.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from deepvein.core.devices import resolve_device
from deepvein.examples.normalisation import scaling
from deepvein.examples.preprocessing import slice_inputs
from deepvein.inference.localiser import localise
from deepvein.inference.models import Model, open_model
from deepvein.inference.regions import regions, whole_slices
from deepvein.inference.segmenter import segment
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.screening.bundle import bundle_for
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume

WINDOW = 160
MONAI_BATCH = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=48)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    device = resolve_device(options.device)
    volume = thigh(options.slices)
    models = bundle_for(Modality.CT)
    localiser = open_model(models.localiser, options.device)
    segmenter = open_model(models.segmenter, options.device)
    ways: dict[str, Callable[[], None]] = {
        "deepvein": lambda: ours(localiser, segmenter, volume),
        "whole slices": lambda: whole(segmenter, volume),
    }
    if importlib.util.find_spec("monai"):
        ways["MONAI"] = lambda: monai(segmenter, volume, device)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(options.repeats + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            if device.type == "cuda":
                torch.cuda.synchronize()
            if repeat:  # the first turn warms up
                times[name].append((time.perf_counter() - begun) / len(volume.array))
    show(times, volume, device)


def thigh(slices: int) -> Volume:
    """The middle slices of a synthetic CT from pelvis to calf."""
    settings = PhantomSettings()
    settings = replace(settings, ct=replace(settings.ct, thickness_mm=3.0, coverage="whole"))
    image = render(sample(11, Modality.CT, True, settings)).image
    first = max(0, (image.grid.shape[0] - slices) // 2)
    last = min(image.grid.shape[0], first + slices)
    grid = image.grid.crop((first, 0, 0), (last, *image.grid.shape[1:]))
    return Volume(image.array[first:last], grid)


def empty(volume: Volume) -> dict[str, np.ndarray]:
    return {name: np.zeros(volume.array.shape, np.uint8) for name in ("veins", "thrombus")}


def ours(localiser: Model, segmenter: Model, volume: Volume) -> None:
    territories = localise(localiser, volume, Modality.CT)
    segment(segmenter, volume, regions(territories, volume.grid), empty(volume))


def whole(segmenter: Model, volume: Volume) -> None:
    segment(segmenter, volume, whole_slices(volume.grid, 1), empty(volume))


def monai(segmenter: Model, volume: Volume, device: torch.device) -> None:
    from monai.inferers import sliding_window_inference

    examples = segmenter.description.examples
    scale = scaling(volume, examples.normalisation, segmenter.description.moments)
    with torch.inference_mode():
        for index in range(len(volume.array)):
            inputs = slice_inputs(volume, [index], examples, scale, device=device)
            logits = sliding_window_inference(
                inputs, (WINDOW, WINDOW), MONAI_BATCH, segmenter.engine, overlap=0.25
            )
            (torch.sigmoid(logits) * 255).round().to(torch.uint8).cpu().numpy()


def show(times: dict[str, list[float]], volume: Volume, device: torch.device) -> None:
    slices, rows, columns = volume.array.shape
    print(f"{slices} CT slices of {rows}x{columns}, {device}, {torch.get_num_threads()} threads")
    print(f"{'':14}{'ms a slice':>12}{'ours / it':>12}")
    for name, values in times.items():
        ratio = statistics.median(a / b for a, b in zip(times["deepvein"], values, strict=True))
        print(f"{name:14}{1e3 * statistics.median(values):12.1f}{ratio:12.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB; medians of {len(times['deepvein'])} turns")


if __name__ == "__main__":
    main()
