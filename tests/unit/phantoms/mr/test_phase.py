from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.contrast.contrast import sample_contrast
from deepvein.phantoms.mr.phase import Phase, sample_phase, without_contrast
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.vessels.vascular_tree import Vessels, grow


@pytest.fixture(scope="module")
def vessels() -> Vessels:
    return grow(Frame(sample_person(3)))


def test_an_early_phase_fills_arteries_before_veins(vessels: Vessels) -> None:
    plain = sample_contrast(3, vessels)
    early = Phase("early", 3.0, 0.4, 0.8).applied(plain, vessels)
    for vessel in vessels.all:
        ratio = np.array(early.levels[vessel.name]) / np.maximum(plain.levels[vessel.name], 1e-9)
        if vessel.is_vein:
            assert (ratio <= 0.81).all()
            assert ratio[0] == pytest.approx(0.4, abs=0.01)
        else:
            assert ratio == pytest.approx(3.0, abs=0.01)
    assert early.artefacts == plain.artefacts


def test_phases_are_as_frequent_as_the_shares() -> None:
    settings = MrSettings(early_share=0.2, late_share=0.3)
    names = [sample_phase(seed, settings).name for seed in range(400)]
    assert names.count("early") / 400 == pytest.approx(0.2, abs=0.07)
    assert names.count("late") / 400 == pytest.approx(0.3, abs=0.07)
    only = MrSettings(early_share=0, late_share=0)
    assert {sample_phase(seed, only).name for seed in range(50)} == {"venous"}


def test_before_contrast_arteries_are_void_and_small_veins_bright(vessels: Vessels) -> None:
    levels = without_contrast(sample_contrast(3, vessels), vessels).levels
    small = [levels[v.name][0] for v in vessels.veins if np.median(v.tube.nodes[:, 2:4]) < 1.5]
    artery = [levels[v.name][0] for v in vessels.arteries]
    assert max(artery) < 0.1
    assert 0.2 < levels["IVC"][0] < min(small)
