"""What tissues, blood and thrombi give as signal in either sequence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import (
    BLOOD_T1_GADOLINIUM_MS,
    CLOT_T1_MS,
    CLOT_T2_MS,
    GADOLINIUM_RELAXIVITY,
    GADOLINIUM_T2_STAR_RELAXIVITY,
    TISSUES,
    Tissue,
    relaxation,
)
from deepvein.phantoms.mr.sequence import spin_echo, spoiled_gradient_echo
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.shapes.tube import Float, Pixels32

VEIN_SIGNAL = 900.0
"""Signal of a fully opacified vein in the gradient echo."""
FLUID_SIGNAL = 1200.0
"""Signal of water in the spin echo."""
_CLOT_DENSITY = 0.92
_CLOT_T2_STAR_MS = 40.0
_RANGE_MS = (620.0, 1900.0)
"""T1 of thrombi; a shorter one would outshine the open vein, which is 1.9 to 3.4 times as bright."""


def gadolinium_mmol(enhancement: float) -> float:
    """Concentration (mmol/L) of gadolinium in blood of an enhancement; 1 shortens its T1 to 340 ms."""
    plain = TISSUES[Tissue.BLOOD].t1_ms
    full = 1000 * (1 / BLOOD_T1_GADOLINIUM_MS - 1 / plain) / GADOLINIUM_RELAXIVITY
    return enhancement * full


@dataclass(frozen=True, eq=False)
class MrPalette:
    """The T1-weighted gradient echo, scaled so that a fully opacified vein gives 900."""

    settings: MrSettings
    fat_suppression: float

    @cached_property
    def _scale(self) -> float:
        return VEIN_SIGNAL / self._enhanced(1.0)

    def _enhanced(self, enhancement: float) -> float:
        """Unscaled signal of blood: relaxation rates add, 1/T1 = 1/T1(0) + r1 C, and so for T2*."""
        blood = relaxation(Tissue.BLOOD, self.settings.field_t)
        mmol = gadolinium_mmol(enhancement)
        t1 = 1 / (1 / blood.t1_ms + mmol * GADOLINIUM_RELAXIVITY / 1000)
        t2_star = 1 / (1 / blood.t2_star_ms + mmol * GADOLINIUM_T2_STAR_RELAXIVITY / 1000)
        density = TISSUES[Tissue.BLOOD].proton_density
        return spoiled_gradient_echo(t1, t2_star, density, self.settings)

    @cached_property
    def unsuppressed(self) -> dict[Tissue, float]:
        """Signal of every tissue without fat suppression."""
        out = {}
        for tissue, p in TISSUES.items():
            r = relaxation(tissue, self.settings.field_t)
            signal = spoiled_gradient_echo(r.t1_ms, r.t2_star_ms, p.proton_density, self.settings)
            out[tissue] = round(signal * self._scale, 6)
        return out

    @cached_property
    def _tissues(self) -> dict[Tissue, float]:
        return {t: _suppressed(v, t, self.fat_suppression) for t, v in self.unsuppressed.items()}

    @cached_property
    def _blood(self) -> tuple[Float, Float]:
        levels = np.linspace(0, 6, 193)
        signal = [self._enhanced(float(e)) * self._scale for e in levels]
        return levels, np.round(np.array(signal), 6)

    def tissue(self, tissue: Tissue) -> float:
        return self._tissues[tissue]

    def blood(self, enhancement: Pixels32) -> Pixels32:
        return np.interp(enhancement, *self._blood).astype(np.float32)

    def clot(self, acute: bool, quantile: float) -> float:
        mean, sd = CLOT_T1_MS["acute" if acute else "chronic"]
        t1 = min(max(mean + quantile * sd, _RANGE_MS[0]), _RANGE_MS[1])
        signal = spoiled_gradient_echo(t1, _CLOT_T2_STAR_MS, _CLOT_DENSITY, self.settings)
        return round(signal * self._scale, 6)


@dataclass(frozen=True, eq=False)
class T2Palette:
    """The fat-suppressed fast spin echo, taken before contrast medium; water gives 1,200.

    `blood` takes the part of the blood that flows too slowly to leave the section between pulse and echo:
    0 is a flow void.
    """

    settings: MrSettings
    fat_suppression: float

    def _plain(self, tissue: Tissue) -> float:
        r = relaxation(tissue, self.settings.field_t)
        return spin_echo(r.t1_ms, r.t2_ms, TISSUES[tissue].proton_density, self.settings)

    @cached_property
    def _scale(self) -> float:
        return FLUID_SIGNAL / self._plain(Tissue.FLUID)

    @cached_property
    def unsuppressed(self) -> dict[Tissue, float]:
        """Signal of every tissue without fat suppression."""
        return {tissue: round(self._plain(tissue) * self._scale, 6) for tissue in TISSUES}

    @cached_property
    def _tissues(self) -> dict[Tissue, float]:
        return {t: _suppressed(v, t, self.fat_suppression) for t, v in self.unsuppressed.items()}

    def tissue(self, tissue: Tissue) -> float:
        return self._tissues[tissue]

    def blood(self, enhancement: Pixels32) -> Pixels32:
        still = np.float32(self._tissues[Tissue.BLOOD])
        slow: Pixels32 = np.minimum(np.maximum(enhancement, np.float32(0)), np.float32(1)) * still
        return slow

    def clot(self, acute: bool, quantile: float) -> float:
        """Thrombi with longer T1 within their age have longer T2 too."""
        age = "acute" if acute else "chronic"
        mean, sd = CLOT_T2_MS[age]
        t2 = max(mean + quantile * sd, 15.0)
        signal = spin_echo(CLOT_T1_MS[age][0], t2, _CLOT_DENSITY, self.settings)
        return round(signal * self._scale, 6)


@dataclass(frozen=True, eq=False)
class FatPalette:
    """Only the fat signal of another palette, without suppression: what reappears where it fails."""

    of: MrPalette | T2Palette

    @cached_property
    def _tissues(self) -> dict[Tissue, float]:
        return {t: round(v * TISSUES[t].fat, 6) for t, v in self.of.unsuppressed.items()}

    def tissue(self, tissue: Tissue) -> float:
        return self._tissues[tissue]

    def blood(self, enhancement: Pixels32) -> Pixels32:
        return np.zeros_like(enhancement)

    def clot(self, acute: bool, quantile: float) -> float:
        return 0.0


def fat_ratio(one: MrPalette | T2Palette, other: MrPalette | T2Palette) -> float:
    """Signal of unsuppressed fat in `one` over that in `other`."""
    return round(one.unsuppressed[Tissue.FAT] / other.unsuppressed[Tissue.FAT], 6)


def _suppressed(signal: float, tissue: Tissue, suppression: float) -> float:
    return round(signal * (1 - TISSUES[tissue].fat * suppression), 6)
