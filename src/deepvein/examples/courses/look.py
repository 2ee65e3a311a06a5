"""How one study looks: the values of its tissues and blood, and its scanner, drawn over all that is usual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.courses.scanner import Scanner, drawn_ct_scanner, drawn_mr_scanner
from deepvein.studies.study import Modality

Float32 = NDArray[np.float32]

AIR = {Modality.CT: -2.46, Modality.MR: -1.0}
"""The value of air in a normalised picture."""


@dataclass(frozen=True)
class Look:
    """What both legs of one study have in common.

    knots: Hounsfield units as painted, and the values (HU in CT, signal over muscle's in MR) that stand
    for them. blood: unenhanced. vein, artery: opacified. clot: mean and SD of acute and of chronic
    thrombi. strange: the tissue is not anatomy but drawn from noise, so that no reader leans on the
    neighbours that it knows. gain: error of the typical signal that MR is divided by, both legs'.
    """

    modality: Modality
    scanner: Scanner
    knots: tuple[tuple[float, ...], tuple[float, ...]]
    blood: float
    vein: float
    artery: float
    wall: float
    clot: tuple[tuple[float, float], tuple[float, float]]
    strange: bool
    gain: float = 1.0

    @property
    def unit(self) -> float:
        """The usual difference between opacified and other blood."""
        return 76.0 if self.modality is Modality.CT else 1.5

    def tissue(self, hu: Float32) -> Float32:
        """Values of painted tissue."""
        out: Float32 = np.interp(hu, *self.knots).astype(np.float32)
        return out

    def enhanced(self, share: Float32 | float) -> Float32:
        """Values of blood with a share of the opacified vein's contrast medium."""
        out: Float32 = np.asarray(self.blood + share * (self.vein - self.blood), dtype=np.float32)
        return out

    def clot_value(self, rng: np.random.Generator, acute: bool) -> float:
        """Of one thrombus, darker than the blood beside it."""
        mean, sd = self.clot[0 if acute else 1]
        return float(min(rng.normal(mean, sd), self.vein - self.unit * rng.uniform(0.16, 0.4)))


def drawn_look(rng: np.random.Generator, modality: Modality) -> Look:
    """How blood, thrombi and noise look in one picture, drawn anew each time it is shown."""
    return _ct(rng) if modality is Modality.CT else _mr(rng)


def _ct(rng: np.random.Generator) -> Look:
    vein = float(rng.uniform(75, 200) if rng.random() < 0.93 else rng.uniform(45, 80))
    gain, offset = rng.uniform(0.85, 1.15), rng.normal(0, 7)
    ends = (-1024.0, 3071.0)
    return Look(
        modality=Modality.CT,
        scanner=drawn_ct_scanner(rng),
        knots=(ends, (float(gain * ends[0] + offset), float(gain * ends[1] + offset))),
        blood=42.0,
        vein=vein,
        artery=float(np.clip(vein * rng.normal(1.05, 0.15), 50, 260)),
        wall=55.0,
        clot=((56.0, 11.0), (42.0, 10.0)),
        strange=bool(rng.random() < 0.2),
    )


def _mr(rng: np.random.Generator) -> Look:
    """A spoiled gradient echo after gadolinium: veins about 2.4 times muscle, acute thrombus 1.0, chronic
    0.7; fat mostly suppressed."""
    vein = float(rng.uniform(1.6, 3.4) if rng.random() < 0.9 else rng.uniform(1.1, 1.7))
    phase = rng.random()
    # In early pictures arteries outshine the veins, in late ones both have faded.
    artery = rng.uniform(1.1, 2.2) if phase < 0.3 else rng.normal(1.0, 0.15)
    fat = float(rng.uniform(0.1, 0.7) if rng.random() < 0.85 else rng.uniform(0.7, 2.0))
    marrow, fluid = float(rng.uniform(0.15, 0.7)), float(rng.uniform(0.3, 0.9))
    hu = (-1024.0, -500.0, -150.0, -70.0, 0.0, 14.0, 35.0, 65.0, 75.0, 90.0, 170.0, 400.0, 1250.0)
    values = (0.0, 0.0, fat, fat, fluid, fluid, 0.95, 1.0, 1.1, 0.6, marrow, 0.5 * marrow, 0.08)
    return Look(
        modality=Modality.MR,
        scanner=drawn_mr_scanner(rng, vein),
        knots=(hu, tuple(float(v * rng.normal(1, 0.08)) for v in values)),
        blood=float(rng.uniform(0.55, 0.9)),
        vein=vein,
        artery=float(np.clip(vein * artery, 0.9, 4.2)),
        wall=float(rng.uniform(0.7, 1.0)),
        clot=((1.08, 0.22), (0.75, 0.17)),
        strange=bool(rng.random() < 0.2),
        gain=float(rng.uniform(0.88, 1.14)),
    )


def normalised(value: Float32, modality: Modality) -> Float32:
    """Hounsfield units, or MR signal over that of `soft_tissue`, as readers see them: soft tissue near 0,
    opacified veins near 1."""
    if modality is Modality.CT:
        hu: Float32 = ((np.clip(value, -150, 300) - 55) * 0.012).astype(np.float32)
        return hu
    signal: Float32 = (np.clip(value, 0, 5) - 1).astype(np.float32)
    return signal
