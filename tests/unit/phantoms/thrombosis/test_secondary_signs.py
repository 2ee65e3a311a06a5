from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.phantoms.mimics.mimics import DistractorSettings
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.person.swelling import sample_swelling
from deepvein.phantoms.thrombosis.secondary_signs import is_proximal, sample_reactions
from deepvein.phantoms.thrombosis.thrombus import Clot, DiseaseSettings, Thrombus, sample_thrombi
from deepvein.phantoms.vessels.vascular_tree import grow

FRAME = Frame(sample_person(1))
VESSELS = grow(FRAME)
WHOLE = (0.0, float(FRAME.z(3.1)))
SURE = DiseaseSettings(
    swelling_shares=(1.0, 1.0, 1.0, 1.0), stranding_share=1.0, collateral_share=1.0
)


def thrombus(acute: bool = True, vein: str = "left femoral") -> Thrombus:
    tube = VESSELS.by_name[vein].tube
    clot = Clot(vein, tube.low_mm + 30, tube.low_mm + 150, 1.0, 0.95, (0.0, 0.0), 10.0, (0.0,) * 14)
    return Thrombus(1, Side.LEFT, acute, True, 0.0, 0.0, (clot,))


def test_nothing_happens_without_thrombi() -> None:
    empty = sample_reactions(1, VESSELS, (), SURE)
    assert empty.oedema == empty.collaterals == empty.stranding == ()


def test_an_acute_thrombus_swells_the_limb_below_it_and_inflames_the_fat() -> None:
    one = thrombus()
    found = sample_reactions(1, VESSELS, (one,), SURE)
    (oedema,) = found.oedema
    assert oedema.side is Side.LEFT
    assert oedema.high_mm == pytest.approx(one.clots[0].high_mm, abs=0.01)
    (strand,) = found.stranding
    assert strand.vessel == "left femoral"
    assert strand.low_mm < one.clots[0].low_mm
    assert found.collaterals == ()


def test_an_old_occlusion_has_collaterals_that_pass_it_and_no_stranding() -> None:
    one = thrombus(acute=False)
    for seed in range(10):
        found = sample_reactions(seed, VESSELS, (one,), SURE)
        assert found.stranding == ()
        assert 1 <= len(found.collaterals) <= 3
        for vein in found.collaterals:
            assert vein.unnamed_vein
            assert vein.label == 0
            assert vein.tube.low_mm >= one.clots[0].low_mm - 1e-6
            assert vein.tube.high_mm <= one.clots[0].high_mm + 1e-6


def test_calf_thrombi_swell_the_limb_less_often() -> None:
    calf = thrombus(vein="left peroneal 1")
    assert not is_proximal(calf, VESSELS)
    settings = DiseaseSettings()
    assert settings.swelling_share(calf, False) < settings.swelling_share(thrombus(), True)
    old = replace(thrombus(), acute=False)
    assert settings.swelling_share(old, True) < settings.swelling_share(thrombus(), True)


def test_swelling_alone_hardly_predicts_thrombosis() -> None:
    """AUROC of "any swelling" and of the strongest swelling for thrombosis at clinical settings."""
    clinical = DistractorSettings()
    strength: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(800):
        other = sample_swelling(seed, FRAME, clinical.swollen_both, clinical.swollen_one)
        own = sample_reactions(seed, VESSELS, sample_thrombi(seed, VESSELS, WHOLE)).oedema
        strength[False].append(max((o.strength for o in other), default=0.0))
        strength[True].append(max((o.strength for o in (*other, *own)), default=0.0))
    sick, healthy = np.array(strength[True]), np.array(strength[False])
    any_share = (sick > 0).mean(), (healthy > 0).mean()
    assert 0.5 + (any_share[0] - any_share[1]) / 2 <= 0.60
    above = (sick[:, None] > healthy).mean() + 0.5 * (sick[:, None] == healthy).mean()
    assert 0.5 < above <= 0.62
