"""What a person's legs are like, and how bright a scanner shows their tissues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.studies.study import Modality


@dataclass(frozen=True)
class Palette:
    """Hounsfield units, or signal over that of muscle. *_sd: how much a tissue changes from place to
    place; muscle_sd: from one muscle to the next, too. septum: what a septum adds to the fat it runs
    through. unit: as much as one Hounsfield unit is beside others."""

    air: float
    skin: float
    fat: float
    fat_sd: float
    septum: float
    fat_grain: float
    fascia: float
    muscle: float
    muscle_sd: float
    tendon: float
    capsule: float
    cartilage: float
    fluid: float
    marrow: float
    spongy: float
    marrow_sd: float
    cortex: float
    nerve: float
    oedema: float
    wall: float
    plaque: float
    unit: float
    acute: float
    chronic: float


@dataclass(frozen=True)
class Subject:
    """A person. scale, stretch: across and along the legs, over a middle-sized one. fat: under the
    skin, over the usual. bend: how far, in mm, soft tissues lie elsewhere than in the tables. bones,
    cortex, spongy: thickness over the usual, and how dense. planes_mm: fat between muscles. septa: in
    the fat. streaks: of fat in muscles. plaques: chance that an artery has them. vein, artery: their
    blood, as in the palette; mixing: its relative SD along a vein."""

    scale: float
    stretch: float
    fat: float
    bend: float
    bones: float
    cortex: float
    spongy: float
    planes_mm: float
    septa: float
    streaks: float
    plaques: float
    vein: float
    artery: float
    mixing: float


def palette(rng: np.random.Generator, modality: Modality) -> Palette:
    """Venous phase CT, or T1-weighted MR with suppressed fat and a contrast agent that stays in the
    blood."""
    if modality is Modality.CT:
        return Palette(
            air=-1000, skin=45, fat=-102 + rng.normal(0, 4), fat_sd=4, septum=55, fat_grain=4, fascia=35,
            muscle=rng.uniform(55, 65), muscle_sd=3, tendon=85, capsule=60, cartilage=75,
            fluid=rng.uniform(8, 22), marrow=rng.uniform(-70, 20), spongy=230, marrow_sd=28,
            cortex=rng.uniform(1000, 1400), nerve=38, oedema=5, wall=50, plaque=700, unit=1,
            acute=57, chronic=40,
        )  # fmt: skip
    return Palette(
        air=0, skin=0.8, fat=0.3, fat_sd=0.03, septum=0.22, fat_grain=0.03, fascia=0.5,
        muscle=1, muscle_sd=0.04, tendon=0.18, capsule=0.6, cartilage=0.75,
        fluid=0.4, marrow=0.28, spongy=0.3, marrow_sd=0.03,
        cortex=0.06, nerve=0.75, oedema=0.55, wall=0.9, plaque=0.1, unit=0.012,
        acute=1, chronic=0.7,
    )  # fmt: skip


def subject(rng: np.random.Generator, modality: Modality) -> Subject:
    """Somebody."""
    if modality is Modality.CT:
        vein = float(rng.uniform(95, 140))
        # Two in five are scanned early enough for arteries to be clearly brighter than veins.
        early = rng.random() < 0.4
        brighter = rng.uniform(15, 60) if early else rng.normal(4, 6)
        artery, plaques = (
            float(np.clip(vein + brighter, 90, 200)),
            0.7 if rng.random() < 0.3 else 0.0,
        )
    else:
        vein = float(rng.uniform(2.0, 2.4))
        artery, plaques = float(vein * rng.uniform(0.97, 1.08)), 0.0
    return Subject(
        scale=float(rng.uniform(0.9, 1.1)),
        stretch=float(rng.uniform(0.93, 1.08)),
        fat=float(np.clip(np.exp(rng.normal(0.1, 0.45)), 0.5, 2.2)),
        bend=float(rng.uniform(2.0, 3.4)),
        bones=float(rng.uniform(0.94, 1.05)),
        cortex=float(rng.uniform(0.8, 1.1)),
        spongy=float(rng.uniform(0.5, 1.1)),
        planes_mm=float(rng.uniform(1.15, 2.3)),
        septa=float(rng.uniform(0.5, 1.1)),
        streaks=float(rng.uniform(0.15, 0.9)),
        plaques=plaques,
        vein=vein,
        artery=artery,
        mixing=float(rng.uniform(0.01, 0.04)),
    )
