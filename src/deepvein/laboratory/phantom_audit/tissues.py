"""Attenuation and signal by structure, beside published values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import deep_mask
from deepvein.core.seeds import generator
from deepvein.evaluation.statistics import Summary, summary
from deepvein.laboratory.phantom_audit.sections import Section, Sections, nearest
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order
from deepvein.laboratory.phantom_audit.thrombus_extents import stretches
from deepvein.phantoms.ct.scanner import CtScan
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels32
from deepvein.studies.study import Modality

_SECTIONS = 5
_PER_STRUCTURE = 60
"""Pixels of a structure that are taken from a study."""
_CODE = 1000.0
_PURE = 100.0


class Structure(Enum):
    """What is measured."""

    VEIN = "opacified deep vein"
    THROMBUS_ACUTE = "acute thrombus"
    THROMBUS_CHRONIC = "chronic thrombus"
    ARTEFACT = "mixing artefact"
    ARTERY = "artery"
    MUSCLE = "muscle"
    FAT = "fat"
    BONE = "bone"


@dataclass(frozen=True)
class Bins:
    """Histogram bins of equal width; what lies beyond is left out."""

    low: float
    high: float
    count: int

    @property
    def edges(self) -> NDArray[np.float64]:
        return np.linspace(self.low, self.high, self.count + 1)


CT_BINS = Bins(-200, 400, 120)
MR_BINS = Bins(0, 6, 120)


@dataclass(frozen=True)
class Shade:
    """How one structure looks over all studies.

    means: over the studies' means; noise: median over studies of the SD within one section; counts: of
    pixels by `Bins`.
    """

    structure: Structure
    kvp: int
    studies: int
    pixels: Summary
    means: Summary
    noise: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Tissues:
    """Shades of every structure; of veins for each tube voltage in CT (kvp 0: all together)."""

    unit: str
    bins: Bins
    shades: tuple[Shade, ...]

    def of(self, structure: Structure, kvp: int = 0) -> Shade | None:
        """The shade of a structure, None if no study shows it."""
        return next((s for s in self.shades if (s.structure, s.kvp) == (structure, kvp)), None)


@dataclass(frozen=True, eq=False)
class Sampled:
    """Pixels of one study by structure, and the SD within sections."""

    kvp: int
    values: dict[Structure, NDArray[np.float32]]
    noise: dict[Structure, list[float]]


def judge(settings: AuditSettings, found: Sequence[Sampled]) -> Tissues:
    """Shades over studies."""
    bins = CT_BINS if settings.modality is Modality.CT else MR_BINS
    shades = [_shade(structure, 0, found, bins) for structure in Structure]
    shades += [
        _shade(Structure.VEIN, kvp, [one for one in found if one.kvp == kvp], bins)
        for kvp in sorted({one.kvp for one in found} - {0})
    ]
    unit = "HU" if settings.modality is Modality.CT else "signal / muscle"
    return Tissues(unit, bins, tuple(shade for shade in shades if shade is not None))


def sampled(order: Order, scenario: Scenario, sections: Sections) -> Sampled:
    """The pixels of five sections of one study, through its thrombi and artefacts where there are any; MR
    signal over the mean of the section's muscle."""
    values: dict[Structure, list[NDArray[np.float32]]] = {}
    noise: dict[Structure, list[float]] = {}
    for z in _heights(order, scenario):
        section = sections.section(nearest(sections.heights_mm, z))
        masks = structures(section, scenario)
        unit = 1.0
        if order.modality is Modality.MR and masks[Structure.MUSCLE].any():
            unit = float(section.picture[masks[Structure.MUSCLE]].mean())
        for structure, mask in masks.items():
            own = section.picture[mask] / np.float32(unit)
            if len(own) >= 8:
                values.setdefault(structure, []).append(own)
                noise.setdefault(structure, []).append(float(own.std()))
    rng = generator(order.seed, "audit", "pixels")
    kvp = scenario.scan.kvp if isinstance(scenario.scan, CtScan) else 0
    return Sampled(kvp, {s: _some(rng, np.concatenate(v)) for s, v in values.items()}, noise)


def _heights(order: Order, scenario: Scenario) -> list[float]:
    rng = generator(order.seed, "audit", "tissues")
    low, high = scenario.scan.covered_mm
    wanted = [0.5 * (one.low_mm + one.high_mm) for one in stretches(scenario)][:2]
    wanted += [artefact.centre_mm for artefact in scenario.contrast.artefacts][:2]
    wanted = [z for z in wanted if low < z < high]
    return sorted(wanted + rng.uniform(low, high, _SECTIONS - len(wanted)).tolist())


def _some(rng: np.random.Generator, values: NDArray[np.float32]) -> NDArray[np.float32]:
    if len(values) <= _PER_STRUCTURE:
        return values
    return values[rng.choice(len(values), _PER_STRUCTURE, replace=False)]


class _Names:
    """A palette in which every tissue is its own number, so that what is pure can be told."""

    def tissue(self, tissue: Tissue) -> float:
        return _CODE * int(tissue)

    def blood(self, enhancement: Pixels32) -> Pixels32:
        return np.full_like(np.asarray(enhancement), _CODE * int(Tissue.BLOOD), dtype=np.float32)

    def clot(self, acute: bool, quantile: float) -> float:
        return _CODE * int(Tissue.BLOOD)


def structures(section: Section, scenario: Scenario) -> dict[Structure, NDArray[np.bool_]]:
    """(rows, columns) masks of what is surely one structure: eroded by a pixel, edges left out."""
    canvas = Canvas(section.pixels, _Names(), section.z_mm, (section.z_mm,))
    scenario.painter.paint(canvas)
    clotted = section.thrombi > 0
    mixed = _mixed(section, scenario)
    veins = deep_mask(section.segments)
    acute = [t.number for t in scenario.thrombi if t.acute]
    is_acute = np.isin(section.thrombi, acute)
    return {
        Structure.VEIN: _inner(veins & ~clotted & ~mixed),
        Structure.THROMBUS_ACUTE: _inner(clotted & is_acute),
        Structure.THROMBUS_CHRONIC: _inner(clotted & ~is_acute),
        Structure.ARTEFACT: _inner(mixed & ~clotted),
        Structure.ARTERY: _inner(section.arteries > 0),
        Structure.MUSCLE: _inner(_pure(canvas, Tissue.MUSCLE)),
        Structure.FAT: _inner(_pure(canvas, Tissue.FAT)),
        Structure.BONE: _inner(section.bones > 0),
    }


def _pure(canvas: Canvas, tissue: Tissue) -> NDArray[np.bool_]:
    pure: NDArray[np.bool_] = np.abs(canvas.value - np.float32(_CODE * int(tissue))) < _PURE
    return pure


def _mixed(section: Section, scenario: Scenario) -> NDArray[np.bool_]:
    """Veins in whose section a mixing artefact has at least half of its depth."""
    out = np.zeros(section.segments.shape, dtype=bool)
    for artefact in scenario.contrast.artefacts:
        if artefact.strength(section.z_mm) > 0.5 * artefact.depth:
            labels = {v.label for v in scenario.vessels.veins if artefact.touches(v.name)} - {0}
            out |= np.isin(section.segments, sorted(labels))
    return out


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_erosion

    eroded: NDArray[np.bool_] = binary_erosion(mask)
    return eroded


def _shade(structure: Structure, kvp: int, found: Sequence[Sampled], bins: Bins) -> Shade | None:
    own = [one.values[structure] for one in found if structure in one.values]
    if not own:
        return None
    noise = [sd for one in found for sd in one.noise.get(structure, [])]
    every = np.concatenate(own)
    return Shade(
        structure=structure,
        kvp=kvp,
        studies=len(own),
        pixels=summary(every),
        means=summary([float(one.mean()) for one in own]),
        noise=float(np.median(noise)),
        counts=tuple(np.histogram(every, bins.edges)[0].tolist()),
    )
