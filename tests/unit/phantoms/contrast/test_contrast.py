from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.core.errors import SettingsError
from deepvein.phantoms.contrast.contrast import Contrast, ContrastSettings, sample_contrast
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.vessels.vascular_tree import Vessels, grow

VESSELS = grow(Frame(sample_person(1)))
FEMORAL = VESSELS.by_name["left femoral"]
MIDDLE = (FEMORAL.tube.low_mm + FEMORAL.tube.high_mm) / 2
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


def test_the_number_of_artefacts_follows_the_settings() -> None:
    counts = [len(c.artefacts) for c in DRAWN]
    assert 1.6 < np.mean(counts) < 2.4
    assert np.mean(np.array(counts) > 0) > 0.75
    none = sample_contrast(1, VESSELS, ContrastSettings(artefacts=0.0))
    assert none.artefacts == ()


def test_an_unnamed_vein_is_as_bright_as_the_one_that_takes_its_blood() -> None:
    contrast = Contrast(0.0, {FEMORAL.name: (0.7,) * 30})
    varix = replace(FEMORAL, name="varix", segment=None, drains_into=FEMORAL.name)
    assert contrast.level(varix, MIDDLE) == pytest.approx(0.7)
    lost = contrast.level(replace(varix, drains_into="nowhere"), MIDDLE)
    assert 0 < lost < 1.2


def test_more_vessels_do_not_change_the_others() -> None:
    varix = replace(FEMORAL, name="varix", segment=None, unnamed_vein=True)
    more = sample_contrast(3, Vessels((*VESSELS.all, varix)))
    less = sample_contrast(3, VESSELS)
    assert {name: more.levels[name] for name in less.levels} == less.levels
    assert more.artefacts == less.artefacts


def test_a_leg_may_lag_behind_from_some_level_down() -> None:
    always = ContrastSettings(weak_side_share=1.0, weak_below_share=0.0)
    never = ContrastSettings(weak_side_share=0.0, weak_below_share=0.0)
    for seed in range(20):
        lag, even = sample_contrast(seed, VESSELS, always), sample_contrast(seed, VESSELS, never)
        ratio = {
            side: lag.level(VESSELS.by_name[f"{side} popliteal"], 300.0)
            / even.level(VESSELS.by_name[f"{side} popliteal"], 300.0)
            for side in ("left", "right")
        }
        assert max(ratio.values()) == pytest.approx(1.0)
        top = VESSELS.by_name["IVC"]
        assert lag.level(top, 900.0) == pytest.approx(even.level(top, 900.0))
    assert min(ratio.values()) <= 1.0


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="artefacts"):
        ContrastSettings(artefacts=-1)
