"""CT protocols: what may be drawn for an acquisition, and the three centres' own ranges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deepvein.anatomy.tissues import VEIN_HU
from deepvein.core.errors import SettingsError
from deepvein.phantoms.ct.noise import KERNELS
from deepvein.phantoms.ct.table import TABLES

COVERAGES: dict[str, tuple[float, float]] = {
    "whole": (-0.02, 3.15),
    "pelvis to knee": (0.92, 3.15),
    "pelvis to calf": (0.45, 3.1),
    "thigh to calf": (0.3, 2.12),
    "pelvis": (1.75, 3.2),
    "ankle": (-0.02, 0.55),
    "calf": (0.4, 1.05),
    "knee": (0.85, 1.5),
    "thigh": (1.3, 1.95),
    "groin": (1.75, 2.4),
}
"""Lowest and highest landmark coordinate of usual coverages, and of parts of the leg."""

STORAGES: tuple[str, ...] = ("unsigned 12", "unsigned 16", "signed 16", "signed 16 padded")
"""How pixels are stored: unsigned in 12 or 16 bits with intercept -1024; signed in 16 bits with
intercept 0; or signed with intercept -1024 and the corners outside the circle of reconstruction padded
with -2000."""

Weighted = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class CtSettings:
    """The range of acquisitions; a setting that is not None is fixed, else it is drawn.

    fov_mm, thickness_mm, increment_mm, kvp, coverage: fixed values; increment equals thickness where
    only that is given. coverage: a name of COVERAGES; coverages: names and weights. planes: heights at
    which a slice is sampled. slices: thickness, increment (mm) and weight of protocols (2/1.5 mm: Byun,
    Korean J Radiol 2008; 9:59; 3/3 mm: DLR-CTV 2025; the thinner and thicker ones M). kvps: tube voltage
    and weight. noise_hu: SD of thigh muscle at 3 mm and the standard kernel (7 HU: Cho, Korean J Radiol
    2013; 14:183). fov_range_mm bounds the field of view, drawn as `fit` times the body's width;
    zoomed_share of scans have the smallest field of view whatever the body's width. kernels, tables,
    storages: names and weights. *_share: of scans with a forearm beside the pelvis, clothes, a blanket, a
    cushion under the knees, motion. modulation: how far the tube current follows attenuation; hardening:
    factor on beam hardening; metal: factor on metal streaks, lower where the scanner corrects them. delay_s:
    between injection and scan (120 to 210 s published), for the header.
    """

    matrix: int = 512
    fov_mm: float | None = None
    thickness_mm: float | None = None
    increment_mm: float | None = None
    kvp: int | None = None
    noise_hu: tuple[float, float] = (7.0, 14.0)
    coverage: str | None = None
    coverages: Weighted = (
        ("whole", 0.45),
        ("pelvis to knee", 0.25),
        ("pelvis to calf", 0.15),
        ("thigh to calf", 0.1),
        ("pelvis", 0.05),
    )
    planes: int = 3
    slices: tuple[tuple[float, float, float], ...] = (
        (5.0, 5.0, 0.36),
        (3.0, 3.0, 0.34),
        (5.0, 4.0, 0.07),
        (2.0, 1.5, 0.07),
        (2.0, 2.0, 0.06),
        (3.0, 2.0, 0.05),
        (5.0, 7.0, 0.04),
        (1.0, 0.8, 0.01),
    )
    kvps: tuple[tuple[int, float], ...] = ((80, 0.15), (100, 0.4), (120, 0.45))
    fov_range_mm: tuple[float, float] = (350.0, 500.0)
    fit: tuple[float, float] = (0.94, 1.18)
    zoomed_share: float = 0.08
    kernels: Weighted = (("sharp", 0.2), ("standard", 0.5), ("smooth", 0.3))
    tables: Weighted = (("curved", 0.5), ("flat", 0.25), ("cradle", 0.25))
    storages: Weighted = (
        ("unsigned 12", 0.4),
        ("unsigned 16", 0.2),
        ("signed 16", 0.2),
        ("signed 16 padded", 0.2),
    )
    arms_share: float = 0.12
    clothes_share: float = 0.35
    blanket_share: float = 0.3
    cushion_share: float = 0.4
    motion_share: float = 0.15
    modulation: tuple[float, float] = (0.45, 0.75)
    hardening: tuple[float, float] = (0.6, 1.5)
    metal: tuple[float, float] = (0.6, 1.3)
    delay_s: tuple[float, float] = (120.0, 210.0)
    manufacturer: str = "deepvein"
    model: str = "synthetic legs"

    def __post_init__(self) -> None:
        for name, least in (("matrix", 32), ("planes", 1)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} must be {least} or larger, got {getattr(self, name)}")
        for name in ("fov_mm", "thickness_mm", "increment_mm"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise SettingsError(f"{name} must be larger than 0, got {value}")
        self._check_names()
        self._check_numbers()

    def _check_names(self) -> None:
        if self.kvp is not None:
            _one_of("kvp", self.kvp, VEIN_HU)
        for kvp, _ in self.kvps:
            _one_of("kvps", kvp, VEIN_HU)
        if self.coverage is not None:
            _one_of("coverage", self.coverage, COVERAGES)
        for name, known in (
            ("coverages", COVERAGES),
            ("kernels", KERNELS),
            ("tables", TABLES),
            ("storages", STORAGES),
        ):
            for value, _ in getattr(self, name):
                _one_of(name, value, known)

    def _check_numbers(self) -> None:
        for name in ("zoomed", "arms", "clothes", "blanket", "cushion", "motion"):
            share = getattr(self, f"{name}_share")
            if not 0 <= share <= 1:
                raise SettingsError(f"{name}_share must lie between 0 and 1, got {share}")
        for name in ("noise_hu", "fov_range_mm", "fit", "modulation", "hardening", "metal"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise SettingsError(f"{name} must be two rising numbers from 0, got {low}, {high}")


def _one_of(name: str, value: object, known: Iterable[object]) -> None:
    names = [str(item) for item in known]
    if str(value) not in names:
        raise SettingsError(f"{name}: {value!r} is not one of {', '.join(names)}")


CENTRES: dict[str, CtSettings] = {
    # A recent scanner at 120 and 100 kVp, thin slices, the whole body in the field of view.
    "A": CtSettings(
        noise_hu=(7.0, 11.0),
        slices=((3.0, 3.0, 0.55), (2.0, 1.5, 0.12), (5.0, 5.0, 0.25), (3.0, 2.0, 0.08)),
        kvps=((100, 0.3), (120, 0.7)),
        fit=(1.0, 1.18),
        zoomed_share=0.03,
        kernels=(("standard", 0.6), ("sharp", 0.4)),
        tables=(("curved", 1.0),),
        storages=(("unsigned 12", 0.7), ("unsigned 16", 0.3)),
        delay_s=(150.0, 180.0),
        manufacturer="Nordlicht Imaging",
        model="Helix 128 (synthetic)",
    ),
    # Low voltage with a smoothing reconstruction and a small field of view that cuts the hips.
    "B": CtSettings(
        noise_hu=(8.0, 14.0),
        slices=((3.0, 3.0, 0.6), (2.0, 2.0, 0.15), (1.0, 0.8, 0.02), (5.0, 5.0, 0.23)),
        kvps=((80, 0.4), (100, 0.6)),
        fov_range_mm=(350.0, 430.0),
        fit=(0.86, 1.05),
        zoomed_share=0.25,
        kernels=(("smooth", 0.75), ("standard", 0.25)),
        tables=(("flat", 1.0),),
        storages=(("signed 16", 0.8), ("unsigned 16", 0.2)),
        arms_share=0.05,
        metal=(0.4, 0.8),
        modulation=(0.6, 0.8),
        delay_s=(120.0, 150.0),
        manufacturer="Meridian Medical",
        model="Spectra One (synthetic)",
    ),
    # An old scanner: thick slices with gaps or overlap, more noise, more hardening, a wide view.
    "C": CtSettings(
        noise_hu=(9.0, 16.0),
        slices=((5.0, 5.0, 0.6), (5.0, 4.0, 0.2), (5.0, 7.0, 0.12), (4.0, 4.0, 0.08)),
        kvps=((120, 0.9), (100, 0.1)),
        fov_range_mm=(400.0, 500.0),
        fit=(1.02, 1.25),
        zoomed_share=0.0,
        kernels=(("standard", 0.6), ("smooth", 0.25), ("sharp", 0.15)),
        tables=(("cradle", 0.8), ("curved", 0.2)),
        storages=(("signed 16 padded", 0.8), ("unsigned 12", 0.2)),
        arms_share=0.22,
        motion_share=0.25,
        modulation=(0.2, 0.45),
        hardening=(1.0, 1.8),
        metal=(0.9, 1.4),
        delay_s=(180.0, 210.0),
        manufacturer="Tellur Systems",
        model="Volumetra 16 (synthetic)",
    ),
}
"""Scanners of three centres, none of which exists."""
