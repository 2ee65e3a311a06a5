from __future__ import annotations

import numpy as np
import pytest

from deepvein.core.errors import SettingsError
from deepvein.phantoms.contrast import Contrast, ContrastSettings, MixingArtefact, sample_contrast
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.population import sample_person
from deepvein.phantoms.tube import Ellipse, Pixels
from deepvein.phantoms.vessels import grow

VESSELS = grow(Frame(sample_person(1)))
FEMORAL = VESSELS.by_name["left femoral"]
MIDDLE = (FEMORAL.tube.low_mm + FEMORAL.tube.high_mm) / 2
DISC = Ellipse(0.0, 0.0, 1 / 25, 0.0, 1 / 25)
PIXELS = Pixels(np.arange(-5, 5.1, 0.5), np.arange(-5, 5.1, 0.5))
DRAWN = [sample_contrast(seed, VESSELS) for seed in range(120)]


def test_deep_veins_are_opacified_as_published_on_average() -> None:
    levels = [c.level(FEMORAL, MIDDLE) for c in DRAWN]
    assert 0.9 < np.mean(levels) < 1.05
    assert min(levels) > 0.3


def test_the_deep_axis_has_no_steps() -> None:
    for contrast in DRAWN[:10]:
        for lower, upper in (("femoral", "common femoral"), ("popliteal", "femoral")):
            a, b = VESSELS.by_name[f"left {lower}"], VESSELS.by_name[f"left {upper}"]
            z = a.tube.high_mm
            assert contrast.level(a, z) == pytest.approx(contrast.level(b, z), rel=0.03)


def test_superficial_veins_fill_less_evenly_than_deep_ones() -> None:
    def ratio(name: str) -> list[float]:
        return [c.level(VESSELS.by_name[name], 400) / c.level(FEMORAL, 400) for c in DRAWN]

    assert np.std(ratio("left great saphenous")) > 2 * np.std(ratio("left popliteal"))


def test_artefacts_lie_in_deep_veins_and_their_number_follows_the_settings() -> None:
    counts = [len(c.artefacts) for c in DRAWN]
    assert 1.2 < np.mean(counts) < 2.1
    for contrast in DRAWN:
        for artefact in contrast.artefacts:
            segment = VESSELS.by_name[artefact.vessel].segment
            assert segment is not None
            assert segment.is_deep
            assert 10 <= artefact.length_mm <= 80
    none = sample_contrast(1, VESSELS, ContrastSettings(artefacts=0.0))
    assert none.artefacts == ()


@pytest.mark.parametrize("layered", [True, False])
def test_an_artefact_is_eccentric_soft_and_fades_along_the_vein(layered: bool) -> None:
    artefact = MixingArtefact(FEMORAL.name, MIDDLE, 40.0, 0.8, layered, (0.0, -1.0))
    contrast = Contrast(0.0, {FEMORAL.name: (1.0,) * 30}, (artefact,))
    window = PIXELS.window(-6, 6, -6, 6)
    assert window is not None
    worst = np.asarray(contrast.enhancement(FEMORAL, MIDDLE, DISC, window))
    assert worst.shape == PIXELS.shape
    inside = np.hypot(window.x, window.y[:, None]) < 5
    front, back = inside & (window.y < -1)[:, None], inside & (window.y > 1)[:, None]
    assert worst[front].mean() < worst[back].mean() - 0.2
    assert worst[inside].min() >= 0.2 - 1e-6
    assert np.abs(np.diff(worst, axis=0)).max() < 0.3
    assert contrast.enhancement(FEMORAL, MIDDLE + 20.1, DISC, window) == 1.0


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="artefacts"):
        ContrastSettings(artefacts=-1)
