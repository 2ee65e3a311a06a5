"""Axial sections of a study, painted one at a time, and what readers cut out of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deepvein.phantoms.ct.scanner import CtScan, CtScanner
from deepvein.phantoms.mr import MrScan
from deepvein.phantoms.phantom import Phantom, Scenario, render
from deepvein.phantoms.shapes.tube import Float, Pixels, Pixels32
from deepvein.studies.study import Modality

Labels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Section:
    """One axial section as it was acquired; all planes are (rows, columns) of `pixels`.

    picture: Hounsfield units or MR signal. z_mm: height in the person's coordinates.
    """

    modality: Modality
    z_mm: float
    pixels: Pixels
    picture: Pixels32
    segments: Labels
    thrombi: Labels
    arteries: Labels
    bones: Labels

    @cached_property
    def unit(self) -> float:
        """What values are divided by to compare studies: 1 HU, or about the MR signal of muscle."""
        if self.modality is Modality.CT:
            return 1.0
        # Muscle is the greater part of what is clearly brighter than air and suppressed fat.
        body = self.picture[self.picture > 0.2 * np.percentile(self.picture, 99.7)]
        return max(1.0, float(np.median(body))) if len(body) else 1.0

    @cached_property
    def normalised(self) -> Pixels32:
        """The picture as networks see it: soft tissue near 0, opacified veins near 1."""
        if self.modality is Modality.CT:
            return ct_normalised(self.picture)
        return mr_normalised(self.picture, self.unit)

    def crop(
        self, plane: Pixels32, x: float, y: float, size: tuple[int, int], mm: float
    ) -> Pixels32:
        """(rows, columns) = `size` pixels of edge `mm` around x, y (mm), averaged from `plane`.

        Beyond the picture its edge goes on.
        """
        rows, columns = size
        across = _averaging(self.pixels.x_mm, _raster(x, columns, mm), mm)
        down = _averaging(self.pixels.y_mm, _raster(y, rows, mm), mm)
        out: Pixels32 = (down @ plane @ across.T).astype(np.float32)
        return out


class Sections(Protocol):
    """Sections of one study from the feet up."""

    @property
    def heights_mm(self) -> tuple[float, ...]: ...

    def section(self, index: int) -> Section: ...


@dataclass(frozen=True, eq=False)
class CtSections:
    """Slices of a CT, each painted when asked for."""

    scan: CtScan
    scanner: CtScanner

    @property
    def heights_mm(self) -> tuple[float, ...]:
        return self.scan.heights_mm

    def section(self, index: int) -> Section:
        canvas, value = self.scanner.slice_at(index)
        segments, thrombi, arteries, bones = canvas.labels
        return Section(
            Modality.CT, canvas.z_mm, canvas.pixels, value, segments, thrombi, arteries, bones
        )


@dataclass(frozen=True, eq=False)
class MrSections:
    """Axial sections through a coronal MR study, which is painted whole when one is asked for."""

    scenario: Scenario
    scan: MrScan

    @cached_property
    def heights_mm(self) -> tuple[float, ...]:
        s = self.scan
        return tuple(s.top_mm - s.settings.row_mm * row for row in reversed(range(s.rows)))

    @cached_property
    def _phantom(self) -> Phantom:
        return render(self.scenario)

    def section(self, index: int) -> Section:
        row = self.scan.rows - 1 - index
        p = self._phantom
        picture = p.image.array[:, row].astype(np.float32)
        planes = [v.array[:, row] for v in (p.segments, p.thrombi, p.arteries, p.bones)]
        return Section(Modality.MR, self.heights_mm[index], self.scan.pixels, picture, *planes)


def sections_of(scenario: Scenario) -> Sections:
    """The sections of a study."""
    if isinstance(scenario.scan, CtScan):
        return CtSections(scenario.scan, CtScanner(scenario.scan, scenario.painter))
    return MrSections(scenario, scenario.scan)


def nearest(heights_mm: tuple[float, ...], z_mm: float) -> int:
    """The index of the section nearest to a height."""
    return int(np.argmin(np.abs(np.asarray(heights_mm) - z_mm)))


def ct_normalised(hu: Pixels32) -> Pixels32:
    """Hounsfield units, soft tissue near 0 and opacified veins near 1."""
    value: Pixels32 = (np.clip(hu, -150, 300) - np.float32(55)) * np.float32(0.012)
    return value.astype(np.float32, copy=False)


def mr_normalised(signal: Pixels32, muscle: float) -> Pixels32:
    """MR signal, muscle near 0 and opacified veins above 1."""
    value: Pixels32 = np.clip(signal * np.float32(1 / muscle), 0, 6) - np.float32(1)
    return value.astype(np.float32, copy=False)


def _raster(centre: float, count: int, step: float) -> Float:
    """(count,) places around a centre."""
    return centre + step * (np.arange(count, dtype=np.float64) - (count - 1) / 2)


def _averaging(at_mm: Float, wanted_mm: Float, width_mm: float) -> Float:
    """(wanted, at) weights: linear interpolation, averaged over pixels of `width_mm`."""
    step = (at_mm[-1] - at_mm[0]) / (len(at_mm) - 1)
    samples = max(1, int(np.ceil(width_mm / step)))
    inner = width_mm * ((np.arange(samples) + 0.5) / samples - 0.5)
    place = ((wanted_mm[:, None] + inner) - at_mm[0]) / step
    place = np.clip(place, 0, len(at_mm) - 1.001)
    index = place.astype(np.intp)
    part = (place - index) / samples
    weights = np.zeros((len(wanted_mm), len(at_mm)))
    rows = np.repeat(np.arange(len(wanted_mm))[:, None], samples, axis=1)
    np.add.at(weights, (rows, index), 1 / samples - part)
    np.add.at(weights, (rows, index + 1), part)
    return weights
