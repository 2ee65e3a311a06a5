"""One drawn CT acquisition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from deepvein.core.seeds import generator
from deepvein.phantoms.ct.motion import Motion, sample_motion
from deepvein.phantoms.ct.noise import KERNEL_NOISE
from deepvein.phantoms.ct.protocol import COVERAGES, CtSettings
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.coverings import Coverings, sample_coverings
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import Pixels

T = TypeVar("T")

DEFAULT = CtSettings()
_REFERENCE_MAS = 110.0
"""Exposure that gives 10 HU of noise in thigh muscle at 3 mm, 120 kVp and the standard kernel (M)."""


@dataclass(frozen=True)
class CtScan:
    """One drawn acquisition. Heights and places in the person's coordinates, mm.

    noise_hu: SD of thigh muscle as this slice thickness, dose and kernel have it. offset_mm: the person's
    origin in the scanner (LPS), so that absolute positions tell nothing. arms: one or both beside the
    pelvis. modulation, hardening, metal: see CtSettings.
    """

    seed: int
    matrix: int
    fov_mm: float
    centre_mm: tuple[float, float]
    low_mm: float
    slices: int
    thickness_mm: float
    increment_mm: float
    kvp: int
    mas: int
    noise_hu: float
    kernel: str
    table: str
    table_mm: float
    offset_mm: tuple[float, float, float]
    planes: int
    feet_first: bool
    storage: str
    arms: bool
    coverings: Coverings
    motion: Motion
    modulation: float
    hardening: float
    metal: float
    delay_s: float
    manufacturer: str
    model: str

    @property
    def pixel_mm(self) -> float:
        return self.fov_mm / self.matrix

    @property
    def padded(self) -> bool:
        """Nothing is reconstructed outside the circle of the field of view."""
        return self.storage.endswith("padded")

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """(rows, columns) True outside the circle of the field of view."""
        offset = np.arange(self.matrix) - (self.matrix - 1) / 2
        square = offset * offset
        beyond: NDArray[np.bool_] = square[:, None] + square > (self.matrix / 2) ** 2
        return beyond

    @cached_property
    def heights_mm(self) -> tuple[float, ...]:
        """Slice centres from the feet up."""
        return tuple(self.low_mm + self.increment_mm * k for k in range(self.slices))

    @property
    def covered_mm(self) -> tuple[float, float]:
        return self.heights_mm[0], self.heights_mm[-1]

    @cached_property
    def pixels(self) -> Pixels:
        return self.shifted_pixels(0.0, 0.0)

    def shifted_pixels(self, x_mm: float, y_mm: float) -> Pixels:
        """Pixel centres in the coordinates of a person who has moved by x_mm, y_mm."""
        offsets = (np.arange(self.matrix) - (self.matrix - 1) / 2) * self.pixel_mm
        x, y = self.centre_mm
        return Pixels(np.round(x - x_mm + offsets, 6), np.round(y - y_mm + offsets, 6))

    def sub_planes(self, z_mm: float) -> tuple[float, ...]:
        """Heights within the slice at which it is sampled."""
        step = self.thickness_mm / self.planes
        return tuple(z_mm + step * (k - (self.planes - 1) / 2) for k in range(self.planes))


def sample_ct(seed: int, frame: Frame, body: Body, settings: CtSettings = DEFAULT) -> CtScan:
    """Draw an acquisition of a person.

    Everything is drawn whether it is used or not, so that fixing one setting moves no other.
    """
    rng = generator(seed, "acquisition")
    coverage_name = draw.choose(rng, *_split(settings.coverages))
    low_t, high_t = COVERAGES[settings.coverage or coverage_name]
    low, high = (float(z) + draw.normal(rng, 0, 8, -15, 15) for z in frame.z((low_t, high_t)))
    low = max(low, float(frame.z(-0.03)))
    thickness, increment = _slices(rng, settings)
    t = np.linspace(float(frame.t(low)), float(frame.t(high)), 24)
    fov = _field_of_view(rng, settings, 2 * max(body.half_width_mm(float(at)) for at in t))
    table = round(body.lowest_mm(t) + draw.uniform(rng, 0, 3), 4)
    kvp = draw.choose(rng, *_split(settings.kvps))
    kvp = settings.kvp or kvp
    level = draw.uniform(rng, *settings.noise_hu)
    kernel = draw.choose(rng, *_split(settings.kernels))
    centre = (draw.normal(rng, 0, 5, -12, 12), round(table - draw.uniform(rng, 95, 125), 4))
    offset = (
        draw.normal(rng, 0, 4),
        round(-table + draw.uniform(rng, 130, 190), 3),
        round(draw.uniform(rng, -1500, -200), 1),
    )
    feet_first = draw.chance(rng, 0.5)
    around = generator(seed, "acquisition", "surroundings")
    moving = generator(seed, "acquisition", "motion")
    still = not draw.chance(moving, settings.motion_share)
    motion = sample_motion(moving, low, high)
    machine = generator(seed, "acquisition", "machine")
    return CtScan(
        seed=seed,
        matrix=settings.matrix,
        fov_mm=fov,
        centre_mm=centre,
        low_mm=round(low, 3),
        slices=max(1, int((high - low) / increment)),
        thickness_mm=thickness,
        increment_mm=increment,
        kvp=kvp,
        # Dose falls with the square of noise; a softer beam needs more of it.
        mas=max(10, round(_REFERENCE_MAS * (10 / level) ** 2 * (120 / kvp) ** 2)),
        noise_hu=round(level * (3.0 / thickness) ** 0.5 * KERNEL_NOISE[kernel], 6),
        kernel=kernel,
        table=draw.choose(machine, *_split(settings.tables)),
        table_mm=table,
        offset_mm=offset,
        planes=settings.planes,
        feet_first=feet_first,
        storage=draw.choose(machine, *_split(settings.storages)),
        arms=draw.chance(around, settings.arms_share),
        coverings=sample_coverings(
            around, frame, settings.clothes_share, settings.blanket_share, settings.cushion_share
        ),
        motion=Motion() if still else motion,
        modulation=draw.uniform(machine, *settings.modulation),
        hardening=draw.uniform(machine, *settings.hardening),
        metal=draw.uniform(machine, *settings.metal),
        delay_s=round(draw.uniform(machine, *settings.delay_s)),
        manufacturer=settings.manufacturer,
        model=settings.model,
    )


def _slices(rng: np.random.Generator, settings: CtSettings) -> tuple[float, float]:
    pairs = [(thick, step) for thick, step, _ in settings.slices]
    thickness, increment = draw.choose(rng, pairs, [weight for _, _, weight in settings.slices])
    if settings.thickness_mm is not None:
        thickness = increment = settings.thickness_mm
    return thickness, settings.increment_mm or increment


def _field_of_view(rng: np.random.Generator, settings: CtSettings, width_mm: float) -> float:
    low, high = settings.fov_range_mm
    wanted = min(max(width_mm * draw.uniform(rng, *settings.fit), low), high)
    zoomed, little = draw.chance(rng, settings.zoomed_share), draw.uniform(rng, 0, 20)
    fov = min(low + little, high) if zoomed else wanted
    return round(settings.fov_mm or fov, 2)


def _split(weighted: tuple[tuple[T, float], ...]) -> tuple[tuple[T, ...], tuple[float, ...]]:
    return tuple(name for name, _ in weighted), tuple(weight for _, weight in weighted)
