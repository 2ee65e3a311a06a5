from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.ct.hardening import Section
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.ct.streaks import streaks_hu
from deepvein.phantoms.implants.arthroplasty import Site, knee
from deepvein.phantoms.implants.implants import Implant, Implants
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels, Pixels32

EDGE = np.arange(-127, 128, 2.0)
R = np.hypot(EDGE[:, None] * 1.0, EDGE)


def streaks(metal: np.ndarray, noise_hu: float = 0.0, seed: int = 1, kvp: int = 120) -> Pixels32:
    canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(kvp), 0.0, (0.0,))
    canvas.value[R < 100] = 50
    canvas.value[metal] = 3071
    canvas.metal[metal] = 1
    out = streaks_hu(Section(canvas), generator(seed, "streaks"), kvp, noise_hu, 1.0)
    assert out is not None
    return out


def ball(x: float, y: float, radius: float) -> np.ndarray:
    return np.asarray(np.hypot(EDGE[None] - x, EDGE[:, None] - y) < radius)


def test_without_metal_there_is_nothing() -> None:
    canvas = Canvas(Pixels(EDGE, EDGE), CtPalette(120), 0.0, (0.0,))
    assert streaks_hu(Section(canvas), generator(1), 120, 10.0, 1.0) is None


def test_it_is_dark_between_two_pieces_and_bright_beside_the_line() -> None:
    shade = streaks(ball(-45, 0, 12) | ball(45, 0, 12))
    middle = len(EDGE) // 2
    between = shade[middle - 2 : middle + 2, middle - 8 : middle + 8].mean()
    beside = shade[middle - 30 : middle - 22, middle - 8 : middle + 8].mean()
    assert between < -60
    assert beside > between + 60


def test_streaks_leave_along_the_long_axis() -> None:
    bar = (np.abs(EDGE)[None] < 25) & (np.abs(EDGE)[:, None] < 4)
    shade = streaks(bar)
    middle = len(EDGE) // 2
    along, across = shade[middle, middle + 22 : middle + 30].mean(), shade[22:30, middle].mean()
    assert along < -40
    assert along < across - 40


def test_starved_rays_are_noisy_and_the_noise_follows_the_seed() -> None:
    metal = ball(-30, 10, 15)
    quiet, loud, same, other = (
        streaks(metal, noise, seed) for noise, seed in ((0.0, 1), (12.0, 1), (12.0, 1), (12.0, 2))
    )
    assert np.array_equal(loud, same)
    assert not np.array_equal(loud, other)
    near = (R < 100) & ~ball(-30, 10, 20) & ball(-30, 10, 45)
    far = (R < 100) & ~ball(-30, 10, 100)
    assert (loud - quiet)[near].std() > 1.5 * (loud - quiet)[far].std()


def test_a_softer_beam_streaks_more() -> None:
    metal = ball(-45, 0, 12) | ball(45, 0, 12)
    assert streaks(metal, kvp=80).std() > 1.2 * streaks(metal).std()


def test_a_knee_arthroplasty_spoils_about_four_and_a_half_centimetres() -> None:
    """4.5 +/- 0.8 cm of beam hardening along the leg: Byun, Korean J Radiol 2008; 9:59."""
    lengths = []
    for seed in (1, 3, 7):
        person = replace(sample_person(seed), age_years=80.0)
        frame = Frame(person)
        side = Side.LEFT
        parts = knee(Site(frame, side), generator(seed, "knee"))
        implants = Implants((Implant("knee", side, parts),))
        x, y, _, _ = (float(a[0]) for a in frame.axis(side, 1.0))
        edge = np.arange(-95, 96, 2.0)
        r = np.hypot(edge[:, None] * 1.0, edge)
        behind = (np.abs(edge)[None] < 30) & (edge[:, None] > 20) & (edge[:, None] < 50)
        spoilt = []
        for dz in range(-60, 70, 5):
            z = float(frame.z(1.0)) + dz
            canvas = Canvas(Pixels(x + edge, y + edge), CtPalette(120), z, (z,))
            canvas.value[r < 62] = 50
            implants.paint(canvas)
            found = streaks_hu(Section(canvas), generator(1), 120, 0.0, 1.0)
            if found is not None:
                soft = behind & (canvas.metal == 0)
                if np.abs(found[soft]).mean() > 12:
                    spoilt.append(dz)
        lengths.append(spoilt[-1] - spoilt[0] + 5)
    assert np.mean(lengths) == pytest.approx(45, abs=8)
