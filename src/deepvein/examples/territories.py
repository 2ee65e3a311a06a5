"""Examples for the localiser: crops of the coarse study and the deep vein that runs nearest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from deepvein.cohorts.cache import derived_path, load, store
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError, SettingsError
from deepvein.core.seeds import generator
from deepvein.examples.augmentation import Draw, draw, space_matrix
from deepvein.examples.batch import IGNORE, Batch
from deepvein.examples.coarse import EMPTY_INPUT, coarse_input, coarse_segments, territories
from deepvein.examples.intensity import change_intensity
from deepvein.examples.settings import CoarseSettings, ExampleSettings, SamplingSettings
from deepvein.examples.sources import SourceSpec, register
from deepvein.examples.targets import require_masks
from deepvein.examples.warp import centred, sampling_grid, warp

GENERATION = 1
"""Raised when the same files come to other coarse arrays."""

_KEPT = 256
"""Coarse cases kept in memory: about 2 MB each."""


@dataclass(frozen=True, eq=False)
class CoarseCase:
    """A case on the coarse grid: input (slice, row, column) float16 in -1..1, territories uint8."""

    image: NDArray[np.float16]
    territories: NDArray[np.uint8]


def coarse_case(case: Case, cache: Path, settings: CoarseSettings) -> CoarseCase:
    """The coarse arrays of a case, from the folder `cache` if they were made before."""
    what = {"spacing_mm": settings.spacing_mm, "reach_mm": settings.reach_mm}
    path = derived_path(case, cache, "coarse", GENERATION, modality=case.modality.value, **what)
    stored = load(path, ("image", "territories"))
    if stored is not None:
        return CoarseCase(*stored)
    opened = open_case(case, cache)
    if opened.segments is None:
        raise CohortError(f"case {case.case!r} has no segments, which territories need")
    image, grid = coarse_input(opened.image, case.modality, settings.spacing_mm)
    named = coarse_segments(opened.segments, grid)
    near = territories(named, settings.spacing_mm, settings.reach_mm)
    made = CoarseCase(image.astype(np.float16), near)
    store(path, {"image": made.image, "territories": made.territories})
    return made


@dataclass(frozen=True)
class TerritoryExamples(ExampleSettings):
    """The coarse study and the deep vein that runs nearest; `coarse.coarse_input` normalises it."""

    kind: str = "territories"
    coarse: CoarseSettings = field(default_factory=CoarseSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.augmentation.bend_px:
            raise SettingsError(
                "bend_px bends planes, and territories are learnt from volumes: use 0"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        return self.coarse.crop

    @property
    def spatial(self) -> bool:
        return True

    @property
    def needs_veins(self) -> bool:
        return True

    @property
    def names_veins(self) -> bool:
        return True

    @property
    def needs_thrombi(self) -> bool:
        return False


class TerritorySource:
    """An ExampleSource of coarse crops: inputs (batch, 1, *crop), targets int64 (batch, *crop).

    Training: crops at random places along the body, turned, scaled, mirrored; segments carry no side,
    so mirroring leaves them true. Otherwise: crops that tile each case along the body, in order.
    """

    def __init__(
        self,
        cohort: Cohort,
        settings: TerritoryExamples,
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
        self._coarse = lru_cache(maxsize=_KEPT)(
            lambda case: coarse_case(case, cohort.cache, settings.coarse)
        )
        self._tiles = lru_cache(maxsize=1)(self._find_tiles)

    def __len__(self) -> int:
        count = self.settings.sampling.epoch if self.training else len(self._tiles())
        return math.ceil(count / self.batch_size)

    def batch(self, step: int) -> Batch:
        """The batch of a step; the last one without training may be smaller."""
        if self.training:
            chosen = [self._random(step, n) for n in range(self.batch_size)]
        else:
            start = step * self.batch_size
            chosen = list(self._tiles()[start : start + self.batch_size])
        examples = [self._crop(*each) for each in chosen]
        inputs = torch.cat([image for image, _ in examples])
        inputs = change_intensity(inputs, [change for _, _, change in chosen])
        targets = torch.cat([target for _, target in examples])
        return Batch(inputs, targets, None, tuple(case.case for case, _, _ in chosen))

    def _random(self, step: int, n: int) -> tuple[Case, tuple[float, float, float], Draw]:
        """A case, the centre of the crop in it (slice, row, column), and its change."""
        random = generator(self.seed, "territories", step, n)
        case = self.cohort.cases[int(random.integers(len(self.cohort)))]
        change = draw(self.settings.augmentation, random, self.settings.coarse.tilt_deg)
        shape, crop = self._coarse(case).image.shape, self.settings.coarse.crop
        # Along the body a crop may reach a quarter of its length over the ends, as in short studies.
        margin = [min(n, c) / 2 for n, c in zip(shape, crop, strict=True)]
        margin[0] -= crop[0] / 4
        low = [m - 0.5 for m in margin]
        high = [n - 0.5 - m for n, m in zip(shape, margin, strict=True)]
        centre = [random.uniform(min(a, b), max(a, b)) for a, b in zip(low, high, strict=True)]
        return case, _on_voxels(centre, crop), change

    def _find_tiles(self) -> tuple[tuple[Case, tuple[float, float, float], Draw], ...]:
        tiles = []
        for case in self.cohort:
            shape, length = self._coarse(case).image.shape, self.settings.coarse.crop[0]
            count = math.ceil(shape[0] / length)
            for start in np.linspace(0, max(0, shape[0] - length), count):
                along = start + (min(length, shape[0]) - 1) / 2
                centre = [along, (shape[1] - 1) / 2, (shape[2] - 1) / 2]
                tiles.append((case, _on_voxels(centre, self.settings.coarse.crop), Draw()))
        return tuple(tiles)

    def _crop(
        self, case: Case, centre: tuple[float, float, float], change: Draw
    ) -> tuple[torch.Tensor, torch.Tensor]:
        coarse, crop = self._coarse(case), self.settings.coarse.crop
        shift = np.array([0.0, *change.shift]) * crop
        found = centred(space_matrix(change), coarse.image.shape, crop, shift)
        found[:, 3] += np.array(centre) - (np.array(coarse.image.shape) - 1) / 2
        grid = sampling_grid(found[None], coarse.image.shape, crop, self.device)
        image = torch.from_numpy(coarse.image.astype(np.float32))[None, None].to(self.device)
        image = warp(image, grid, background=EMPTY_INPUT)
        # Labels move up by one, so that the 0 that lies outside can be told from "no vein near".
        labels = torch.from_numpy(coarse.territories).to(self.device)[None, None].float() + 1
        labels = warp(labels, grid, background=0.0, nearest=True)[:, 0].round().long()
        return image, torch.where(labels > 0, labels - 1, torch.full_like(labels, IGNORE))


def _on_voxels(centre: Sequence[float], crop: tuple[int, int, int]) -> tuple[float, float, float]:
    """The centre nearest to `centre` at which the voxels of a crop fall on voxels of the volume."""
    middle = [(n - 1) / 2 for n in crop]
    a, b, c = (round(x - m) + m for x, m in zip(centre, middle, strict=True))
    return a, b, c


def _prepare(case: Case, cache: Path, settings: TerritoryExamples) -> None:
    if case.segments is not None:
        coarse_case(case, cache, settings.coarse)


register(
    SourceSpec(
        "territories",
        "the coarse study and its nearest deep veins",
        TerritoryExamples,
        TerritorySource,
        _prepare,
    )
)
