"""Can a segmenter of Kozemzak 2019 draw veins at all? Dice on the very slices that it is trained on.

    python benchmarks/memorising.py [--slices 8] [--steps 400] [--width 0.25] [--rates 1e-3 3e-4 1e-4]

A network that cannot repeat a few slices by heart lacks the means, whatever it is shown; one that can
lacks training or examples. Slices of phantoms, thigh to calf, that show deep veins, at 224×224 without
changes; the loss of the paper over the batch, Adam, every step on all slices. Beside it stands what the
paths through a network leave of a mask: the Dice of the true masks after their mean over squares as large
as a pixel of each level of the encoder, raised again to full size and cut at the best level.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from deepvein.cohorts.cohort import Cohort
from deepvein.examples.presets import KOZEMZAK2019_SEGMENTATION
from deepvein.examples.settings import AugmentationSettings, NormalisationSettings
from deepvein.examples.slices import SliceSource
from deepvein.laboratory.kozemzak2019.profiles import narrowed
from deepvein.networks.kozemzak_unet import KozemzakUNetSettings
from deepvein.networks.network import NETWORKS
from deepvein.networks.vgg_unet import VGGUNetSettings
from deepvein.phantoms.cohort import write_cohort
from deepvein.studies.study import Modality
from deepvein.training.losses.kozemzak_dice import KozemzakDice

_SEED = 19
_NETWORKS = {
    "kozemzak-unet (skips)": ("kozemzak-unet", KozemzakUNetSettings(), "batch"),
    "vgg-unet (none)": ("vgg-unet", VGGUNetSettings(), "batch"),
    "vgg-unet, decoder not normalised": ("vgg-unet", VGGUNetSettings(), "none"),
}


def examples(cohort: Cohort, count: int) -> tuple[Tensor, Tensor]:
    """(count, 1, 224, 224) images and masks of slices that show veins, evenly over the cohort."""
    settings = replace(
        KOZEMZAK2019_SEGMENTATION,
        normalisation=NormalisationSettings(kind="window"),
        augmentation=AugmentationSettings(),
    )
    source = SliceSource(cohort, settings, _SEED, 1, training=False)
    chosen: list[tuple[Tensor, Tensor]] = []
    for step in torch.linspace(0, len(source) - 1, 4 * count).long().tolist():
        batch = source.batch(step)
        if batch.targets.sum() > 20:
            chosen.append((batch.inputs, batch.targets))
    images, masks = zip(*chosen[:: max(1, len(chosen) // count)][:count], strict=True)
    return torch.cat(images), torch.cat(masks)


def dice(answer: Tensor, truth: Tensor) -> float:
    found = answer > 0
    both = (found & (truth > 0)).sum()
    return float(2 * both / (found.sum() + (truth > 0).sum()).clamp_min(1))


def left_by(squares: int, masks: Tensor) -> float:
    """The best Dice of masks that went through means over squares of so many pixels."""
    if squares > 1:
        small = functional.avg_pool2d(masks, squares)
        masks_again = functional.interpolate(small, masks.shape[-2:], mode="bilinear")
    else:
        masks_again = masks
    levels = torch.linspace(0.02, 0.98, 49)
    return max(dice(masks_again - level, masks) for level in levels)


def memorised(
    name: str, settings: object, rate: float, steps: int, data: tuple[Tensor, Tensor]
) -> str:
    """Dice on its own slices after a quarter, half and all of the steps."""
    network = NETWORKS.get(name).build(settings, _SEED).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=rate, eps=1e-14)
    loss = KozemzakDice(over="batch")
    told, begun = [], time.perf_counter()
    for step in range(1, steps + 1):
        logits = network(data[0])
        optimiser.zero_grad()
        torch.autograd.backward(loss(logits, data[1]))
        optimiser.step()
        if step in (steps // 4, steps // 2, steps):
            told.append(f"{dice(logits.detach(), data[1]):.2f}")
    return f"{' '.join(told)}  ({time.perf_counter() - begun:.0f} s)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohort", type=Path)
    parser.add_argument("--slices", type=int, default=8)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--rates", type=float, nargs="+", default=[1e-3, 3e-4, 1e-4])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.cohort is None:
            write_cohort(Modality.CT, 2, Path(folder), _SEED)
        data = examples(Cohort.load(options.cohort or Path(folder)), options.slices)
        print(f"{len(data[0])} slices, {float(data[1].mean()):.2%} of their pixels are veins")
        for squares in (1, 2, 4, 8, 16, 32):
            print(f"masks after squares of {squares} pixels: Dice {left_by(squares, data[1]):.2f}")
        for told, (name, full, normalisation) in _NETWORKS.items():
            settings = replace(narrowed(full, options.width), normalisation=normalisation)
            for rate in options.rates:
                found = memorised(name, settings, rate, options.steps, data)
                print(f"{told}, rate {rate:g}: Dice {found}", flush=True)


if __name__ == "__main__":
    main()
