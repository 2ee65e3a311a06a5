from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.errors import SettingsError
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.thrombosis.thrombus import DiseaseSettings, Thrombus, sample_thrombi
from deepvein.phantoms.vessels.vascular_tree import Vessels, grow

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


_LEVELS = {
    VeinSegment.COMMON_ILIAC: "iliac",
    VeinSegment.EXTERNAL_ILIAC: "iliac",
    VeinSegment.COMMON_FEMORAL: "common femoral",
    VeinSegment.FEMORAL: "femoral",
    VeinSegment.POPLITEAL: "popliteal",
    **dict.fromkeys(CALF, "calf"),
}


def levels(thrombus: Thrombus, vessels: Vessels) -> set[str]:
    """The levels of De Maeseneer's series that it fills over more than 5 mm."""
    out = set()
    for clot in thrombus.clots:
        vein = vessels.by_name[clot.vessel]
        low = max(clot.low_mm, vein.tube.low_mm, vein.label_from_mm)
        if vein.segment in _LEVELS and min(clot.high_mm, vein.tube.high_mm) - low > 5:
            out.add(_LEVELS[vein.segment])
    return out


def volume_ml(thrombus: Thrombus, vessels: Vessels, step: float = 8.0) -> float:
    out = 0.0
    for clot in thrombus.clots:
        vein = vessels.by_name[clot.vessel]
        low = max(clot.low_mm, vein.tube.low_mm, vein.label_from_mm)
        for z in np.arange(low + step / 2, min(clot.high_mm, vein.tube.high_mm), step):
            lumen, cut = vein.tube.at(z), clot.at(z, sum(vein.tube.radii(z)) / 2)
            if lumen is not None and cut is not None:
                out += lumen.area * (cut.widening * min(1.0, cut.fill)) ** 2 * step / 1000
    return out


def test_a_thousand_thromboses_look_like_the_published_ones() -> None:
    people = [Frame(sample_person(seed)) for seed in range(8)]
    grown = [(grow(frame), float(frame.z(3.1))) for frame in people]
    drawn = [
        (sample_thrombi(seed, grown[seed % 8][0], (0.0, grown[seed % 8][1])), grown[seed % 8][0])
        for seed in range(1000)
    ]
    # De Maeseneer 2016; bilateral 8 to 12 % (VSI 2021; a registry of more than 5,000).
    assert np.mean([t[0].side is Side.LEFT for t, _ in drawn]) == pytest.approx(0.57, abs=0.04)
    assert 0.07 < np.mean([len(t) == 2 for t, _ in drawn]) < 0.13
    found = [levels(t[0], vessels) for t, vessels in drawn]
    assert np.mean([f <= {"calf"} for f in found]) == pytest.approx(0.28, abs=0.04)
    iliofemoral = np.array([bool(f & {"iliac", "common femoral"}) for f in found])
    assert iliofemoral.mean() == pytest.approx(0.38, abs=0.05)
    spared = [not f & {"popliteal", "calf"} for f in found]
    assert np.mean(iliofemoral & np.array(spared)) == pytest.approx(0.12, abs=0.06)
    proximal = [len(f) for f in found if not f <= {"calf"}]
    assert np.median(proximal) == 3
    assert set(proximal) == {1, 2, 3, 4, 5}
    # 12.8 +/- 10.1 ml (Yonsei 2022); ours are more skewed.
    volumes = [volume_ml(t[0], vessels) for t, vessels in drawn[::3]]
    assert 9.5 < np.mean(volumes) < 15.5
    assert 8 < np.std(volumes) < 16


def test_floating_tails_webs_and_chalk_belong_to_their_ages() -> None:
    every = [t for thrombi in DRAWN for t in thrombi]
    acute = [t for t in every if t.acute]
    assert not any(t.chalk for t in acute)
    assert not any(c.mural or c.webs for t in acute for c in t.clots)
    old = [t for t in every if not t.acute]
    assert not any(t.rim or any(c.tail_mm for c in t.clots) for t in old)
    assert 0.05 < np.mean([t.chalk > 0 for t in old]) < 0.3
    assert 0.08 < np.mean([any(c.tail_mm > 0 for c in t.clots) for t in acute]) < 0.3
    assert 0.4 < np.mean([t.uptake > 0 for t in old]) < 0.7


def test_attenuation_drifts_along_a_thrombus() -> None:
    thrombus = replace(DRAWN[0][0], quantile=0.5, drift=2.0)
    assert thrombus.quantile_at(thrombus.middle_mm) == pytest.approx(0.5)
    assert thrombus.quantile_at(thrombus.middle_mm + 250) == pytest.approx(1.0)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="calf_share"):
        replace(DiseaseSettings(), calf_share=-0.1)
