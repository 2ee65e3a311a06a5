"""Patches of slices, balanced between thrombi, open veins, what lies beside them and the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.examples.augmentation import Draw, draw, plane_matrix
from deepvein.examples.batch import Batch
from deepvein.examples.index import VoxelIndex, index_case, voxel_index
from deepvein.examples.intensity import change_intensity
from deepvein.examples.normalisation import Scaling, normalise, scaling
from deepvein.examples.preprocessing import neighbours, network_spacing, read_planes
from deepvein.examples.settings import AugmentationSettings, SamplingSettings
from deepvein.examples.slices import SliceExamples
from deepvein.examples.sources import SourceSpec, register
from deepvein.examples.targets import read_masks, read_veins, require_masks
from deepvein.examples.warp import bend, centred, sampling_grid, warp, warp_masks

_BESIDE_MM = (12.0, 45.0)
"""Distance from a deep vein at which soft tissue beside it is looked at."""

Window = tuple[int, int, int, int]


@dataclass(frozen=True)
class _Place:
    """The centre (slice, row, column) of one patch, and how it is changed."""

    case: Case
    centre: tuple[int, int, int]
    change: Draw


@dataclass(frozen=True)
class PatchExamples(SliceExamples):
    """Tiles of slices at about native size. patch: (rows, columns) of one in training."""

    kind: str = "patches"
    patch: tuple[int, int] = (160, 160)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.patch) < 1:
            raise SettingsError(f"patch is 1 or larger, got {self.patch}")
        if self.classifies or self.size is not None:
            raise SettingsError("patches have mask targets and a native size; use kind 'slices'")
        if self.normalisation.kind == "minmax":
            raise SettingsError("minmax scales whole images; use kind 'slices', or another scaling")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.patch


class PatchSource:
    """An ExampleSource of patches, inputs (batch, slices, *patch), targets (batch, targets, *patch).

    All randomness of a patch comes from (seed, step, place in the batch). Without `training` patches are
    neither shifted nor changed, and `settings.sampling.validation` of them are a fixed set.
    """

    def __init__(
        self,
        cohort: Cohort,
        settings: PatchExamples,
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
        self._scaling = lru_cache(maxsize=None)(self._scaling_of)
        self._index = lru_cache(maxsize=None)(lambda case: voxel_index(case, cohort.cache))
        self._diseased = tuple(
            case for case in cohort if case.thrombi is not None and case.has_dvt is not False
        )

    def __len__(self) -> int:
        sampling = self.settings.sampling
        count = sampling.epoch if self.training else sampling.validation
        return math.ceil(count / self.batch_size)

    def batch(self, step: int) -> Batch:
        """The batch of a step: reads only the windows of the slices that it shows."""
        places = [self._place(step, n) for n in range(self.batch_size)]
        opened = [open_case(place.case, self.cohort.cache) for place in places]
        span = self._window_span(opened)
        windows = [_window(place, span) for place in places]
        spacings = [network_spacing(case.image.grid, self.settings) for case in opened]
        maps = np.stack(
            [self._map(*each, span) for each in zip(places, opened, spacings, windows, strict=True)]
        )
        background = self.settings.normalisation.background
        raw = np.stack([self._images(*each) for each in zip(opened, places, windows, strict=True)])
        masks = np.stack([self._masks(*each) for each in zip(opened, places, windows, strict=True)])
        grid = sampling_grid(maps, span, self.settings.patch, self.device)
        grid = bend(grid, [place.change for place in places], span)
        images = warp(torch.from_numpy(raw).to(self.device), grid, background=background)
        images = normalise(images, [self._scaling(place.case) for place in places])
        images = change_intensity(images, [place.change for place in places])
        targets = warp_masks(torch.from_numpy(masks).to(self.device), grid)
        if self.settings.vein_channel:
            images = torch.cat([images, targets[:, -1:]], dim=1)
            targets = targets[:, :-1]
        return Batch(images, targets, None, tuple(place.case.case for place in places))

    def _place(self, step: int, n: int) -> _Place:
        role = "training" if self.training else "validation"
        random = generator(self.seed, "patches", role, step, n)
        case, centre = self._centre(random)
        jitter = self.settings.sampling.jitter * random.uniform(-1.0, 1.0, 2)
        augmentation = self.settings.augmentation if self.training else AugmentationSettings()
        change = draw(augmentation, random)
        index, row, column = (int(v) for v in centre)
        if self.training:
            grid = open_case(case, self.cohort.cache).image.grid
            pixel = network_spacing(grid, self.settings)
            row += round(jitter[0] * self.settings.patch[0] * pixel[0] / grid.spacing_mm[1])
            column += round(jitter[1] * self.settings.patch[1] * pixel[1] / grid.spacing_mm[2])
        return _Place(case, (index, row, column), change)

    def _centre(self, random: np.random.Generator) -> tuple[Case, NDArray[Any]]:
        sampling = self.settings.sampling
        kinds = ("thrombus", "vein", "near", "anywhere", "dark")
        shares = np.array([getattr(sampling, kind) for kind in kinds])
        kind = kinds[int(random.choice(len(kinds), p=shares / shares.sum()))]
        if kind == "thrombus" and self._diseased:
            case = _one_of(self._diseased, random)
            index = self._index(case)
            if len(index.thrombi):
                return case, _labelled(index.thrombi, index.thrombi_labels, random)
        case = _one_of(self.cohort.cases, random)
        index = self._index(case)
        if kind in ("thrombus", "vein", "dark") and len(index.veins):
            among = index.dark if kind == "dark" and index.dark.any() else slice(None)
            return case, _labelled(index.veins[among], index.veins_labels[among], random)
        if kind == "near" and len(index.superficial) and random.uniform() < 0.5:
            return case, _labelled(index.superficial, index.superficial_labels, random)
        if kind == "near" and len(index.veins):
            return case, self._beside(case, index, random)
        if len(index.body):
            return case, index.body[random.integers(len(index.body))]
        return case, np.array([random.integers(n) for n in self._shape(case)])

    def _beside(self, case: Case, index: VoxelIndex, random: np.random.Generator) -> NDArray[Any]:
        voxel = _labelled(index.veins, index.veins_labels, random).astype(np.float64)
        angle, distance = random.uniform(0, 2 * math.pi), random.uniform(*_BESIDE_MM)
        grid = open_case(case, self.cohort.cache).image.grid
        voxel[1] += distance * math.sin(angle) / grid.spacing_mm[1]
        voxel[2] += distance * math.cos(angle) / grid.spacing_mm[2]
        return voxel.clip(0, np.array(grid.shape) - 1)

    def _shape(self, case: Case) -> tuple[int, int, int]:
        return open_case(case, self.cohort.cache).image.grid.shape

    def _scaling_of(self, case: Case) -> Scaling:
        volume = open_case(case, self.cohort.cache).image
        return scaling(volume, self.settings.normalisation, self.moments)

    def _window_span(self, opened: list[OpenCase]) -> tuple[int, int]:
        """Rows and columns of volume that the largest possible patch of this batch needs."""
        change = self.settings.augmentation if self.training else AugmentationSettings()
        angle = math.radians(min(change.rotation_deg, 45.0))
        reach = (math.cos(angle) + math.sin(angle)) * (1 + 2 * change.shift) / (1 - change.scale)
        spans = []
        for case in opened:
            pixel = network_spacing(case.image.grid, self.settings)
            size = max(p * mm for p, mm in zip(self.settings.patch, pixel, strict=True)) * reach
            spans.append([math.ceil(size / mm) + 4 for mm in case.image.grid.spacing_mm[1:]])
        rows, columns = np.max(spans, axis=0)
        return int(rows), int(columns)

    def _map(
        self,
        place: _Place,
        case: OpenCase,
        pixel: tuple[float, float],
        window: Window,
        span: tuple[int, int],
    ) -> NDArray[np.float64]:
        native = np.array(case.image.grid.spacing_mm[1:])
        matrix = np.diag(1 / native) @ plane_matrix(place.change) @ np.diag(pixel)
        # An even patch has no middle pixel: the one after its middle shows the centre, so that a patch
        # which is not turned or scaled shows the image's own pixels.
        even = (np.array(self.settings.patch) % 2 == 0) / 2
        shift = np.array(place.change.shift) * self.settings.patch + even
        found = centred(matrix, span, self.settings.patch, shift)
        # The window begins at a whole voxel; the patch is centred on the wanted fraction of one.
        middle = np.array([window[0], window[1]]) + (np.array(span) - 1) / 2
        found[:, 2] += np.array(place.centre[1:]) - middle
        return found

    def _images(self, case: OpenCase, place: _Place, window: Window) -> NDArray[Any]:
        grid = case.image.grid
        indices = neighbours(place.centre[0], grid.shape[0], self.settings, grid.spacing_mm[0])
        background = self.settings.normalisation.background
        return read_planes(case.image.array, indices, background, window)

    def _masks(self, case: OpenCase, place: _Place, window: Window) -> NDArray[np.uint8]:
        index = [place.centre[0]]
        masks = read_masks(case, index, self.settings, window)[:, 0]
        if not self.settings.vein_channel:
            return masks
        return np.concatenate([masks, read_veins(case, index, window)])


register(
    SourceSpec(
        "patches",
        "tiles of slices, balanced between thrombi, veins and the rest",
        PatchExamples,
        PatchSource,
        index_case,
    )
)


def _window(place: _Place, span: tuple[int, int]) -> Window:
    top = round(place.centre[1] - (span[0] - 1) / 2)
    left = round(place.centre[2] - (span[1] - 1) / 2)
    return top, left, *span


def _one_of(cases: tuple[Case, ...], random: np.random.Generator) -> Case:
    return cases[int(random.integers(len(cases)))]


def _labelled(
    voxels: NDArray[np.int16], labels: NDArray[np.uint8], random: np.random.Generator
) -> NDArray[Any]:
    """A voxel of a random label, each label as likely, so that long or wide ones do not outweigh."""
    label = random.choice(np.unique(labels))
    of_label = np.flatnonzero(labels == label)
    voxel: NDArray[Any] = voxels[of_label[random.integers(len(of_label))]]
    return voxel
