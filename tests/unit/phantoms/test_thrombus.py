from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.population import sample_person
from deepvein.phantoms.thrombus import Clot, DiseaseSettings, Thrombus, sample_thrombi
from deepvein.phantoms.vessels import grow

FRAME = Frame(sample_person(1))
VESSELS = grow(FRAME)
WHOLE = (0.0, float(FRAME.z(3.1)))
CALF = {
    VeinSegment.ANTERIOR_TIBIAL,
    VeinSegment.POSTERIOR_TIBIAL,
    VeinSegment.PERONEAL,
    VeinSegment.SOLEAL,
    VeinSegment.GASTROCNEMIUS,
}
DRAWN = [sample_thrombi(seed, VESSELS, WHOLE) for seed in range(400)]


def segments(thrombus: Thrombus) -> set[VeinSegment]:
    found = (VESSELS.by_name[clot.vessel].segment for clot in thrombus.clots)
    return {segment for segment in found if segment is not None}


def length(thrombus: Thrombus) -> float:
    return max(clot.high_mm - clot.low_mm for clot in thrombus.clots)


def test_sides_and_levels_follow_the_published_shares() -> None:
    assert 0.50 < np.mean([t[0].side is Side.LEFT for t in DRAWN]) < 0.64
    assert 0.06 < np.mean([len(t) == 2 for t in DRAWN]) < 0.15
    calf = np.mean([segments(t[0]) <= CALF for t in DRAWN])
    assert 0.22 < calf < 0.35
    iliac = np.mean(
        [
            bool(
                segments(t[0])
                & {VeinSegment.COMMON_ILIAC, VeinSegment.EXTERNAL_ILIAC, VeinSegment.COMMON_FEMORAL}
            )
            for t in DRAWN
        ]
    )
    assert 0.30 < iliac < 0.50


def test_lengths_are_lognormal_within_their_limits() -> None:
    proximal = [length(t[0]) for t in DRAWN if not segments(t[0]) <= CALF]
    assert 220 < np.median(proximal) < 420
    assert min(proximal) >= 19
    assert max(proximal) <= 701


def test_every_clot_lies_in_a_vein_of_its_side_within_the_vein_s_length() -> None:
    for thrombi in DRAWN:
        for thrombus in thrombi:
            for clot in thrombus.clots:
                vein = VESSELS.by_name[clot.vessel]
                assert vein.is_vein
                assert vein.side is thrombus.side
                assert clot.low_mm < vein.tube.high_mm
                assert clot.high_mm > vein.tube.low_mm


@pytest.mark.parametrize("covered", [(1.75, 2.3), (0.3, 0.8), (1.0, 1.3)])
def test_one_thrombus_at_least_can_be_seen_whatever_is_covered(
    covered: tuple[float, float],
) -> None:
    low, high = (float(z) for z in FRAME.z(covered))
    for seed in range(40):
        for thrombus in sample_thrombi(seed, VESSELS, (low, high)):
            seen = 0.0
            for clot in thrombus.clots:
                vein = VESSELS.by_name[clot.vessel].tube
                top = min(clot.high_mm, high, vein.high_mm)
                seen = max(seen, top - max(clot.low_mm, low, vein.low_mm))
            assert seen >= 10.0


def test_acute_clots_are_central_and_widen_chronic_ones_are_eccentric_and_contract() -> None:
    acute = [c for t in DRAWN for x in t if x.acute and x.occlusive for c in x.clots]
    chronic = [c for t in DRAWN for x in t if not x.acute for c in x.clots]
    assert np.mean([c.widening_mm for c in acute]) > 1
    assert np.mean([c.widening_mm for c in chronic]) < -0.3
    away = [np.hypot(*c.offset) for c in acute]
    assert np.mean(np.array(away) < 0.5) > 0.8
    assert min(np.hypot(*c.offset) for c in chronic) > 0.7


def test_a_clot_tapers_at_both_ends_and_stays_in_the_lumen() -> None:
    clot = Clot("x", 0.0, 100.0, 3.0, 0.95, (0.5, 0.0), 12.0, (0.0,) * 10)
    assert clot.at(0.0, 4.0) is None
    assert clot.at(100.1, 4.0) is None
    middle, end = clot.at(50.0, 4.0), clot.at(2.0, 4.0)
    assert middle is not None
    assert end is not None
    assert middle.widening == pytest.approx(1 + 3 / 8)
    assert middle.fill == pytest.approx(0.95)
    assert end.fill < middle.fill
    for section in (middle, end):
        assert section.fill + np.hypot(*section.offset) <= 1.0 + 1e-9


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="calf_share"):
        replace(DiseaseSettings(), calf_share=-0.1)
