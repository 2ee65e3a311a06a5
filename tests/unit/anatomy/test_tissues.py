from __future__ import annotations

import pytest

from deepvein.anatomy.tissues import CLOT_HU, CLOT_T1_MS, TISSUES, VEIN_HU, Tissue, attenuation


def test_every_tissue_has_properties() -> None:
    assert set(TISSUES) == set(Tissue)
    assert all(p.t1_ms > 0 and p.t2_star_ms > 0 for p in TISSUES.values())
    assert all(0 <= p.fat <= 1 and 0 <= p.proton_density <= 1 for p in TISSUES.values())


def test_attenuation_is_the_table_at_120_kvp_and_moves_with_the_voltage() -> None:
    assert attenuation(Tissue.MUSCLE, 120) == TISSUES[Tissue.MUSCLE].hu
    assert attenuation(Tissue.FAT, 80) == pytest.approx(-114)
    assert attenuation(Tissue.CORTICAL_BONE, 80) > attenuation(Tissue.CORTICAL_BONE, 100)


def test_attenuation_lies_in_published_windows() -> None:
    assert 50 <= attenuation(Tissue.MUSCLE, 120) <= 65
    assert -115 <= attenuation(Tissue.FAT, 120) <= -85
    assert 900 <= attenuation(Tissue.CORTICAL_BONE, 120) <= 1700


def test_lower_voltage_brightens_veins_and_thrombus_stays_below() -> None:
    assert VEIN_HU[80] > VEIN_HU[100] > VEIN_HU[120]
    assert all(30 <= mean <= 70 for mean, _ in CLOT_HU.values())


def test_acute_and_chronic_thrombus_lie_on_either_side_of_the_published_cut() -> None:
    assert CLOT_T1_MS["acute"][0] < 1015 < CLOT_T1_MS["chronic"][0]
