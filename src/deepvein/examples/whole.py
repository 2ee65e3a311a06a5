"""What sources of whole slices share: every example once an epoch, in an order drawn from the seed."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.core.errors import SettingsError, UsageError
from deepvein.core.seeds import generator
from deepvein.examples.augmentation import Draw, draw, plane_matrix, variants
from deepvein.examples.batch import Batch
from deepvein.examples.index import voxel_index
from deepvein.examples.intensity import change_intensity
from deepvein.examples.normalisation import Scaling, empty_value, normalise, scaling
from deepvein.examples.preprocessing import network_shape, read_planes, resize, resize_masks
from deepvein.examples.settings import ImageSettings
from deepvein.examples.targets import read_masks, read_veins, require_masks
from deepvein.examples.warp import bend, centred, sampling_grid, warp, warp_masks

S = TypeVar("S", bound=ImageSettings)


@dataclass(frozen=True)
class Item:
    """One example before it is changed: the slices that are read and those that are answered."""

    case: Case
    inputs: tuple[int, ...]
    answers: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Stack:
    """Examples side by side: images (batch, slice, row, column) normalised, masks (batch, target,
    answer, row, column) or None, veins (batch, answer, row, column) or None, labels (batch,) or None."""

    images: Tensor
    masks: Tensor | None
    veins: Tensor | None
    labels: Tensor | None


class WholeSlices(ABC, Generic[S]):
    """Base of SliceSource and ChunkSource, which say what the items are and how a batch is laid out.

    Training goes through all items times the variants of `augmentation.fixed`, epoch after epoch, each
    epoch in its own order. Otherwise all items come in order, the last batch perhaps smaller.
    """

    def __init__(
        self,
        cohort: Cohort,
        settings: S,
        seed: int,
        batch_size: int,
        *,
        training: bool,
        moments: Moments | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        require_masks(cohort, settings)
        self.cohort, self.settings, self.seed = cohort, settings, seed
        self.batch_size, self.training = batch_size, training
        self.moments, self.device = moments, device
        shapes = {network_shape(self._open(case).image.grid, settings) for case in cohort}
        if batch_size > 1 and len(shapes) > 1:
            raise SettingsError(
                f"slices of {len(shapes)} sizes, such as {sorted(shapes)[:2]}, do not fit into one batch; "
                "set size, or a batch size of 1"
            )
        self.items = tuple(item for case in cohort for item in self.items_of(self._open(case)))
        self.variants = (variants(settings.augmentation) if training else ()) or (None,)
        self._scaling = lru_cache(maxsize=None)(self._scaling_of)
        self._positive = lru_cache(maxsize=None)(
            lambda case: voxel_index(case, cohort.cache).positive
        )
        self._order = lru_cache(maxsize=2)(self._order_of)

    @abstractmethod
    def items_of(self, case: OpenCase) -> list[Item]:
        """The examples of a case, in order."""

    @abstractmethod
    def laid_out(self, stack: Stack) -> tuple[Tensor, Tensor]:
        """Inputs and targets of a batch."""

    def __len__(self) -> int:
        return math.ceil(len(self.items) * len(self.variants) / self.batch_size)

    def batch(self, step: int) -> Batch:
        """The batch of a step. UsageError beyond the end of a source that is not for training."""
        chosen = self._chosen(step)
        items = [item for item, _ in chosen]
        images = torch.cat([self._image(item) for item in items])
        masks = _joined([self._masks(item) for item in items])
        veins = _joined([self._veins(item) for item in items])
        if self.training:
            draws = [change for _, change in chosen]
            images, masks, veins = self._change(images, masks, veins, items, draws)
        labels = self._labels(items) if self.settings.classifies else None
        inputs, targets = self.laid_out(Stack(images, masks, veins, labels))
        return Batch(inputs, targets, None, tuple(item.case.case for item in items))

    def inputs(self, step: int) -> Tensor:
        """The inputs alone of a batch that is not for training; nothing that is true is read."""
        items = [item for item, _ in self._chosen(step)]
        images = torch.cat([self._image(item) for item in items])
        veins = _joined([self._veins(item) for item in items])
        return self.laid_out(Stack(images, None, veins, None))[0]

    def _chosen(self, step: int) -> list[tuple[Item, Draw]]:
        first = step * self.batch_size
        if not self.training:
            items = self.items[first : first + self.batch_size]
            if step < 0 or not items:
                raise UsageError(f"step {step} is beyond the {len(self)} batches of this source")
            return [(item, Draw()) for item in items]
        count = len(self.items) * len(self.variants)
        chosen = []
        for position in range(first, first + self.batch_size):
            epoch, place = divmod(position, count)
            number, variant = divmod(int(self._order(epoch)[place]), len(self.variants))
            change = self.variants[variant]
            if change is None:
                random = generator(self.seed, "augmentation", position)
                change = draw(self.settings.augmentation, random)
            chosen.append((self.items[number], change))
        return chosen

    def _order_of(self, epoch: int) -> NDArray[np.int64]:
        count = len(self.items) * len(self.variants)
        return generator(self.seed, "epoch", epoch).permutation(count)

    def _image(self, item: Item) -> Tensor:
        """(1, slice, row, column), normalised and at the network's size."""
        case, settings = self._open(item.case), self.settings
        planes = read_planes(case.image.array, item.inputs, settings.normalisation.background)
        image = torch.from_numpy(planes).to(self.device).unsqueeze(0)
        scaled = normalise(image, [self._scaling(item.case)])
        return resize(scaled, network_shape(case.image.grid, settings))

    def _masks(self, item: Item) -> Tensor | None:
        """(1, target, answer, row, column) at the network's size, None where labels are answered."""
        if self.settings.classifies:
            return None
        case = self._open(item.case)
        read = torch.from_numpy(read_masks(case, item.answers, self.settings)).to(self.device)
        return resize_masks(read, network_shape(case.image.grid, self.settings)).unsqueeze(0)

    def _veins(self, item: Item) -> Tensor | None:
        """(1, answer, row, column) where they are an input, else None."""
        if not self.settings.vein_channel:
            return None
        case = self._open(item.case)
        read = torch.from_numpy(read_veins(case, self._veins_of(item))).to(self.device)
        return resize_masks(read.unsqueeze(0), network_shape(case.image.grid, self.settings))

    def _veins_of(self, item: Item) -> tuple[int, ...]:
        """The slices whose veins are an input: the answered one."""
        return item.answers

    def _change(
        self,
        images: Tensor,
        masks: Tensor | None,
        veins: Tensor | None,
        items: list[Item],
        draws: list[Draw],
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        shape = tuple(int(n) for n in images.shape[-2:])
        if any(change.moves for change in draws):
            maps = np.stack(
                [
                    centred(plane_matrix(change), shape, shape, np.array(change.shift) * shape)
                    for change in draws
                ]
            )
            normalisation = self.settings.normalisation
            empty = [empty_value(self._scaling(item.case), normalisation) for item in items]
            level = torch.tensor(empty, dtype=images.dtype, device=images.device).reshape(
                -1, 1, 1, 1
            )
            grid = bend(sampling_grid(maps, shape, shape, images.device), draws, shape)
            images = warp(images, grid, background=level)
            if masks is not None:
                masks = warp_masks(masks.flatten(1, 2), grid).reshape(masks.shape)
            if veins is not None:
                veins = warp_masks(veins, grid)
        return change_intensity(images, draws), masks, veins

    def _labels(self, items: list[Item]) -> Tensor:
        labels = [bool(self._positive(i.case)[list(i.answers)].any()) for i in items]
        return torch.tensor(labels, dtype=torch.int64, device=self.device)

    def _open(self, case: Case) -> OpenCase:
        return open_case(case, self.cohort.cache)

    def _scaling_of(self, case: Case) -> Scaling:
        return scaling(self._open(case).image, self.settings.normalisation, self.moments)


def _joined(parts: list[Tensor | None]) -> Tensor | None:
    present = [part for part in parts if part is not None]
    return torch.cat(present) if present else None
