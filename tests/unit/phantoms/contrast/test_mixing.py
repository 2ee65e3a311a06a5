from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.phantoms.contrast.contrast import Contrast
from deepvein.phantoms.contrast.mixing import MixingArtefact, sample_mixing
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.tube import Ellipse, Pixels
from deepvein.phantoms.vessels.vascular_tree import grow

VESSELS = grow(Frame(sample_person(1)))
FEMORAL = VESSELS.by_name["left femoral"]
MIDDLE = (FEMORAL.tube.low_mm + FEMORAL.tube.high_mm) / 2
DISC = Ellipse(0.0, 0.0, 1 / 25, 0.0, 1 / 25)
PIXELS = Pixels(np.arange(-5, 5.1, 0.5), np.arange(-5, 5.1, 0.5))
WINDOW = PIXELS.window(-6, 6, -6, 6)
DRAWN = [a for seed in range(150) for a in sample_mixing(seed, VESSELS, 2.0)]


def test_artefacts_lie_in_deep_veins_and_are_20_to_150_mm_long() -> None:
    for artefact in DRAWN:
        assert 20 <= artefact.length_mm <= 150
        assert 0.4 <= artefact.depth <= 1.0
        assert np.hypot(*artefact.direction) == pytest.approx(1.0, abs=1e-5)
        for name in artefact.vessels:
            segment = VESSELS.by_name[name].segment
            assert segment is not None
            assert segment.is_deep


def test_most_are_eccentric_and_soft_as_published() -> None:
    streams = [a for a in DRAWN if not a.layered]
    assert 0.2 < np.mean([a.away < 0.5 for a in streams]) < 0.4
    assert 0.2 < np.mean([a.softness < 0.5 for a in DRAWN]) < 0.4


def test_an_artefact_goes_on_from_one_vein_into_the_next() -> None:
    long = [a for a in DRAWN if len(a.vessels) > 1]
    assert len(long) > 0.2 * len(DRAWN)
    for artefact in long:
        lower, upper = (VESSELS.by_name[name] for name in artefact.vessels[:2])
        assert lower.tube.low_mm < upper.tube.low_mm


@pytest.mark.parametrize("layered", [True, False])
def test_it_is_dark_on_its_side_and_fades_along_the_vein(layered: bool) -> None:
    artefact = MixingArtefact(FEMORAL.name, MIDDLE, 40.0, 0.8, layered, (0.0, -1.0))
    contrast = Contrast(0.0, {FEMORAL.name: (1.0,) * 30}, (artefact,))
    assert WINDOW is not None
    worst = np.asarray(contrast.enhancement(FEMORAL, MIDDLE, DISC, WINDOW))
    assert worst.shape == PIXELS.shape
    inside = np.hypot(WINDOW.x, WINDOW.y[:, None]) < 5
    front, back = inside & (WINDOW.y < -1)[:, None], inside & (WINDOW.y > 1)[:, None]
    assert worst[front].mean() < worst[back].mean() - 0.2
    assert worst[inside].min() >= 0.2 - 1e-6
    assert np.abs(np.diff(worst, axis=0)).max() < 0.3
    assert contrast.enhancement(FEMORAL, MIDDLE + 20.1, DISC, WINDOW) == 1.0


def test_a_winding_stream_changes_sides() -> None:
    artefact = MixingArtefact("x", 0.0, 200.0, 1.0, False, (1.0, 0.0), turn=np.pi / 40)
    assert WINDOW is not None
    here, there = (artefact.blend(z, DISC, WINDOW) for z in (0.0, 40.0))
    right = np.asarray(WINDOW.x) > 1
    assert here[:, right].mean() > here[:, ~right].mean() + 0.1
    assert there[:, right].mean() < there[:, ~right].mean() - 0.1


def test_it_sets_in_soon_and_mixes_slowly_on_its_way_up() -> None:
    artefact = MixingArtefact("x", 50.0, 40.0, 0.7, True, (0.0, -1.0))
    assert artefact.strength(40.0) == pytest.approx(0.7)
    assert artefact.strength(50.0) == pytest.approx(0.7)
    falling = [artefact.strength(z) for z in np.linspace(51, 69, 10)]
    assert (np.diff(falling) < 0).all()
    assert artefact.strength(30.0) == artefact.strength(70.0) == 0.0
    assert replace(artefact, vessels=("y",)).touches("y")
    assert not artefact.touches("y")
