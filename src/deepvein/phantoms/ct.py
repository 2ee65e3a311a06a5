"""CT venography: how a scenario becomes Hounsfield units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import CLOT_HU, TISSUES, VEIN_HU, Tissue, attenuation
from deepvein.core.errors import SettingsError
from deepvein.core.seeds import generator
from deepvein.phantoms import draw
from deepvein.phantoms.body import Body
from deepvein.phantoms.canvas import Canvas
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.noise import KERNELS, correlated
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.tube import Pixels, Pixels32, coverage

COVERAGES: dict[str, tuple[float, float]] = {
    "whole": (-0.02, 3.15),
    "pelvis to knee": (0.92, 3.15),
    "pelvis to calf": (0.45, 3.1),
    "thigh to calf": (0.3, 2.12),
    "pelvis": (1.75, 3.2),
}
"""Lowest and highest landmark coordinate of usual coverages."""


@dataclass(frozen=True)
class CtSettings:
    """The range of acquisitions; a setting that is not None is fixed, else it is drawn.

    thickness_mm: 2, 3 or 5; increment equals it unless given. Noise is the SD in HU of muscle.
    coverage: a name of COVERAGES.
    """

    matrix: int = 512
    fov_mm: float | None = None
    thickness_mm: float | None = None
    increment_mm: float | None = None
    kvp: int | None = None
    noise_hu: tuple[float, float] = (7.0, 15.0)
    coverage: str | None = None
    planes: int = 3

    def __post_init__(self) -> None:
        if self.matrix < 32:
            raise SettingsError(f"matrix must be 32 or larger, got {self.matrix}")
        if self.kvp is not None and self.kvp not in VEIN_HU:
            raise SettingsError(f"kvp must be one of {sorted(VEIN_HU)}, got {self.kvp}")
        if self.coverage is not None and self.coverage not in COVERAGES:
            known = ", ".join(COVERAGES)
            raise SettingsError(f"unknown coverage {self.coverage!r} (known: {known})")
        for name in ("fov_mm", "thickness_mm", "increment_mm"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise SettingsError(f"{name} must be larger than 0, got {value}")
        if self.planes < 1:
            raise SettingsError(f"planes must be 1 or larger, got {self.planes}")


@dataclass(frozen=True)
class CtScan:
    """One drawn acquisition. Heights and places in the person's coordinates, mm.

    offset_mm: the person's origin in the scanner (LPS), so that absolute positions tell nothing.
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
    table_mm: float
    offset_mm: tuple[float, float, float]
    planes: int
    feet_first: bool

    @property
    def pixel_mm(self) -> float:
        return self.fov_mm / self.matrix

    @cached_property
    def heights_mm(self) -> tuple[float, ...]:
        """Slice centres from the feet up."""
        return tuple(self.low_mm + self.increment_mm * k for k in range(self.slices))

    @property
    def covered_mm(self) -> tuple[float, float]:
        return self.heights_mm[0], self.heights_mm[-1]

    @cached_property
    def pixels(self) -> Pixels:
        offsets = (np.arange(self.matrix) - (self.matrix - 1) / 2) * self.pixel_mm
        x, y = self.centre_mm
        return Pixels(np.round(x + offsets, 6), np.round(y + offsets, 6))

    def sub_planes(self, z_mm: float) -> tuple[float, ...]:
        """Heights within the slice at which it is sampled."""
        step = self.thickness_mm / self.planes
        return tuple(z_mm + step * (k - (self.planes - 1) / 2) for k in range(self.planes))


def sample_ct(seed: int, frame: Frame, body: Body, settings: CtSettings = CtSettings()) -> CtScan:
    """Slices of 2 to 5 mm, a field of view of 350 to 500 mm (2/1.5 mm Byun 2008; 3/3 mm DLR-CTV 2025)."""
    rng = generator(seed, "acquisition")
    coverage_name = draw.choose(rng, tuple(COVERAGES), (0.45, 0.25, 0.15, 0.1, 0.05))
    low_t, high_t = COVERAGES[settings.coverage or coverage_name]
    low, high = (float(z) + draw.normal(rng, 0, 8, -15, 15) for z in frame.z((low_t, high_t)))
    low = max(low, float(frame.z(-0.03)))
    thickness = draw.choose(rng, (2.0, 3.0, 5.0), (0.2, 0.4, 0.4))
    thickness = settings.thickness_mm or thickness
    increment = settings.increment_mm or thickness
    t = np.linspace(float(frame.t(low)), float(frame.t(high)), 24)
    width = 2 * max(body.half_width_mm(float(at)) for at in t)
    least = min(470.0, max(350.0, 0.94 * width))
    wanted = draw.uniform(rng, least, max(least + 15.0, min(500.0, 1.18 * width)))
    table = round(body.lowest_mm(t) + draw.uniform(rng, 0, 3), 4)
    kvp = draw.choose(rng, (80, 100, 120), (0.15, 0.4, 0.45))
    noise = draw.uniform(rng, *settings.noise_hu)
    return CtScan(
        seed=seed,
        matrix=settings.matrix,
        fov_mm=round(settings.fov_mm or min(500.0, wanted), 2),
        centre_mm=(draw.normal(rng, 0, 5, -12, 12), round(table - draw.uniform(rng, 95, 125), 4)),
        low_mm=round(low, 3),
        slices=max(1, int((high - low) / increment)),
        thickness_mm=thickness,
        increment_mm=increment,
        kvp=settings.kvp or kvp,
        mas=int(draw.uniform(rng, 60, 220)),
        noise_hu=noise,
        kernel=draw.choose(rng, tuple(KERNELS), (0.25, 0.5, 0.25)),
        table_mm=table,
        offset_mm=(
            draw.normal(rng, 0, 4),
            round(-table + draw.uniform(rng, 130, 190), 3),
            round(draw.uniform(rng, -1500, -200), 1),
        ),
        planes=settings.planes,
        feet_first=draw.chance(rng, 0.5),
    )


@dataclass(frozen=True)
class CtPalette:
    """Hounsfield units at a tube voltage."""

    kvp: int

    def tissue(self, tissue: Tissue) -> float:
        return attenuation(tissue, self.kvp)

    def blood(self, enhancement: Pixels32) -> Pixels32:
        plain = np.float32(TISSUES[Tissue.BLOOD].hu)
        return plain + enhancement * (np.float32(VEIN_HU[self.kvp]) - plain)

    def clot(self, acute: bool, quantile: float) -> float:
        mean, sd = CLOT_HU["acute" if acute else "chronic"]
        return min(max(mean + quantile * sd, 28.0), 74.0)


@dataclass(frozen=True, eq=False)
class CtScanner:
    """Paints slices of a scan."""

    scan: CtScan
    painter: Painter

    def slice_at(self, index: int) -> tuple[Canvas, Pixels32]:
        """The painted canvas of slice `index` (from the feet) and its noisy Hounsfield units."""
        scan = self.scan
        z = scan.heights_mm[index]
        canvas = Canvas(scan.pixels, CtPalette(scan.kvp), z, scan.sub_planes(z))
        self._paint_table(canvas)
        body = self.painter.paint(canvas)
        rng = generator(scan.seed, "acquisition", "noise", index)
        noise = correlated(rng, canvas.pixels.shape, KERNELS[scan.kernel])
        t = float(self.painter.body.frame.t(z))
        # The pelvis swallows more photons than the calf, although the tube current follows.
        noise *= np.float32(
            scan.noise_hu * float(np.interp(t, (0, 1, 1.8, 2.0, 3), (0.75, 0.85, 1, 1.3, 1.2)))
        )
        if body is not None:
            # Rays through the depth of the body carry fewer photons than those near its skin.
            depth = np.minimum(np.float32(60), np.maximum(np.float32(0), -body.skin_mm))
            noise[body.window.place] *= np.float32(0.75) + depth * np.float32(0.25 / 40)
        noise += canvas.value
        return canvas, noise

    def _paint_table(self, canvas: Canvas) -> None:
        y, x = canvas.pixels.y_mm, canvas.pixels.x_mm
        top = self.scan.table_mm + 1.0 - np.minimum(x * x / 3500.0, 14.0)
        window = canvas.pixels.window(-215, 215, float(top.min()) - 2, float(y[-1]) + 1)
        if window is None:
            return
        size = canvas.pixels.size_mm
        below = window.y[:, None] - top[window.columns].astype(np.float32)
        cushion = coverage(-below, size) * coverage(below - np.float32(16), size)
        shell = coverage(np.abs(below - np.float32(18)) - np.float32(1.4), size)
        floor = coverage(np.abs(below - np.float32(70)) - np.float32(1.4), size)
        canvas.lay_tissue(window, cushion, Tissue.CUSHION)
        canvas.lay(window, shell + floor, -350.0)
