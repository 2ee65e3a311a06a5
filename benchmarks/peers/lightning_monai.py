"""A plain training as one would write it with Lightning and MONAI: the peer of `benchmarks/training.py`.

    python benchmarks/peers/lightning_monai.py COHORT --recipe deepvein/ct-segmenter --steps 60 --warm-up 20

COHORT holds NIfTI files and a table (`deepvein phantom cohort ct --write nifti`). Network and numbers of the
augmentation are the recipe's; transforms, loader and loop are MONAI's and Lightning's, put together as their
tutorials do: volumes are scaled and the places of crops found once (CacheDataset, FgBgToIndicesd), a volume
gives four crops at a time, a loader's processes prepare them. Prints the seconds of each step after the
warm-up, and how long it waited for its data.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path
from typing import Any

import lightning
import torch
from monai.data import CacheDataset, DataLoader, list_data_collate
from monai.losses import DiceLoss
from monai.transforms import (
    Compose,
    EnsureChannelFirstd,
    FgBgToIndicesd,
    LoadImaged,
    RandAdjustContrastd,
    RandAffined,
    RandCropByPosNegLabeld,
    RandFlipd,
    RandGaussianNoised,
    RandGaussianSmoothd,
    RandScaleIntensityd,
    RandShiftIntensityd,
    RandSimulateLowResolutiond,
    ScaleIntensityRanged,
    SpatialPadd,
)

from deepvein.laboratory import RECIPES
from deepvein.networks import NETWORKS
from deepvein.training.recipe import Recipe

CROPS = 4
"""Of a volume at a time."""


class Training(lightning.LightningModule):
    """The recipe's network, cross-entropy and Dice over the middle slice, AdamW."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.network = NETWORKS.get(recipe.network).build(recipe.network_settings, 0)
        self.optimiser = recipe.training.optimiser
        self.dice = DiceLoss(sigmoid=True, batch=True)
        self.entropy = torch.nn.BCEWithLogitsLoss()

    def training_step(self, batch: dict[str, Any], _: int) -> torch.Tensor:
        # Lightning's and MONAI's axes: batch, channel, row, column, slice.
        inputs = batch["image"][:, 0].permute(0, 3, 1, 2).as_tensor().contiguous()
        middle = inputs.shape[1] // 2
        masks = [batch[name][..., middle].as_tensor() > 0 for name in ("veins", "thrombi")]
        targets = torch.cat(masks, dim=1).float()
        logits = self.network(inputs)
        loss: torch.Tensor = self.entropy(logits, targets) + self.dice(logits, targets)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        rate, decay = self.optimiser.learning_rate, self.optimiser.weight_decay
        return torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=decay)


class Clock(lightning.Callback):
    """When steps end, and how long was waited for the batches between."""

    def __init__(self, warm_up: int) -> None:
        self.warm_up, self.ends, self.waited_s = warm_up, [], 0.0

    def on_train_batch_start(self, *_: Any) -> None:
        if len(self.ends) > self.warm_up:
            self.waited_s += time.perf_counter() - self.ends[-1]

    def on_train_batch_end(self, *_: Any) -> None:
        self.ends.append(time.perf_counter())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("--recipe", default="deepvein/ct-segmenter")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    recipe = RECIPES.get(options.recipe)()
    steps = options.warm_up + options.steps
    dataset = CacheDataset(files(options.cohort), transforms(recipe), progress=False)
    loader = DataLoader(
        dataset,
        batch_size=recipe.training.batch // CROPS,
        sampler=torch.utils.data.RandomSampler(
            dataset, replacement=True, num_samples=steps * recipe.training.batch // CROPS
        ),
        num_workers=options.workers,
        collate_fn=list_data_collate,
        persistent_workers=options.workers > 0,
    )
    clock = Clock(options.warm_up)
    trainer = lightning.Trainer(
        accelerator="gpu" if options.device.startswith("cuda") else options.device,
        devices=1,
        max_steps=steps,
        gradient_clip_val=recipe.training.clip_norm,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[clock],
    )
    trainer.fit(Training(recipe), loader)
    begun, ended = clock.ends[options.warm_up - 1], clock.ends[-1]
    print(
        json.dumps(
            {
                "samples_per_s": options.steps * recipe.training.batch / (ended - begun),
                "waiting": clock.waited_s / (ended - begun),
            }
        )
    )


def files(cohort: Path) -> list[dict[str, str]]:
    """The cases that have both masks."""
    with (cohort / "cohort.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    names = {"image": "image", "veins": "segments", "thrombi": "thrombi"}
    return [
        {name: str(cohort / row[column]) for name, column in names.items()}
        for row in rows
        if row["segments"] and row["thrombi"]
    ]


def transforms(recipe: Recipe) -> Compose:
    """The recipe's window, crops and augmentation. MONAI's gamma, noise and blur are drawn like ours; its
    rotation is about the axis across the slices, as NIfTI has them."""
    examples: Any = recipe.examples
    change, window = examples.augmentation, examples.normalisation
    size = (*examples.patch, examples.slices)
    keys, image, p = ("image", "veins", "thrombi"), "image", change.intensity
    low = 1 / change.low_resolution
    return Compose(
        [
            LoadImaged(keys),
            EnsureChannelFirstd(keys),
            ScaleIntensityRanged(image, window.low, window.high, -1, 1, clip=True),
            SpatialPadd(keys, size),
            FgBgToIndicesd("veins", image_key=image, image_threshold=-1),
            RandCropByPosNegLabeld(
                keys,
                "veins",
                size,
                pos=0.8,
                neg=0.2,
                num_samples=CROPS,
                fg_indices_key="veins_fg_indices",
                bg_indices_key="veins_bg_indices",
            ),
            RandFlipd(keys, change.mirror_columns, spatial_axis=0),
            RandAffined(
                keys,
                prob=change.geometry,
                rotate_range=(0, 0, change.rotation_deg * torch.pi / 180),
                scale_range=(change.scale, change.scale, 0),
                mode=("bilinear", "nearest", "nearest"),
                padding_mode="border",
            ),
            RandSimulateLowResolutiond(image, p, zoom_range=(low, 1)),
            RandGaussianSmoothd(image, *[(0.01, change.blur_px)] * 2, sigma_z=(0.01, 0.01), prob=p),
            RandAdjustContrastd(image, p, gamma=(1 / (1 + change.gamma), 1 + change.gamma)),
            RandScaleIntensityd(image, change.gain, p),
            RandShiftIntensityd(image, change.offset, prob=p),
            RandGaussianNoised(image, p, std=change.noise),
        ]
    )


if __name__ == "__main__":
    main()
