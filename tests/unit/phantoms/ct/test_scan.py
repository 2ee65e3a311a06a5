from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from deepvein.phantoms.ct.noise import KERNEL_NOISE
from deepvein.phantoms.ct.protocol import CENTRES, COVERAGES, STORAGES, CtSettings
from deepvein.phantoms.ct.scan import sample_ct
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person

FRAME = Frame(sample_person(1))
BODY = Body(FRAME.person, FRAME)
SCANS = [sample_ct(seed, FRAME, BODY) for seed in range(40)]


def test_acquisitions_vary_within_usual_bounds() -> None:
    assert {s.thickness_mm for s in SCANS} >= {2.0, 3.0, 5.0}
    assert {s.kvp for s in SCANS} == {80, 100, 120}
    assert {s.storage for s in SCANS} == set(STORAGES)
    assert all(350 <= s.fov_mm <= 500 and 2.5 <= s.noise_hu <= 25 for s in SCANS)
    assert all(20 < s.mas < 600 and 120 <= s.delay_s <= 210 for s in SCANS)
    assert len({s.offset_mm for s in SCANS}) == len(SCANS)
    assert {s.arms for s in SCANS} == {bool(s.motion.twitches) for s in SCANS} == {True, False}
    assert any(s.increment_mm != s.thickness_mm for s in SCANS)


def test_fixed_settings_are_kept_and_leave_the_other_draws_alone() -> None:
    fixed = CtSettings(
        thickness_mm=4.0, kvp=100, coverage="pelvis", matrix=256, fov_mm=400.0, arms_share=1.0
    )
    scan, free = sample_ct(3, FRAME, BODY, fixed), sample_ct(3, FRAME, BODY)
    assert (scan.thickness_mm, scan.increment_mm, scan.kvp, scan.matrix) == (4.0, 4.0, 100, 256)
    assert (scan.fov_mm, scan.arms) == (400.0, True)
    same = ("kernel", "storage", "table", "feet_first", "coverings", "modulation", "metal")
    for name in same:
        assert getattr(scan, name) == getattr(free, name)


def test_noise_follows_dose_and_thickness() -> None:
    for scan in SCANS:
        level = scan.noise_hu / KERNEL_NOISE[scan.kernel] * (scan.thickness_mm / 3) ** 0.5
        assert 6.99 <= level <= 14.01
        assert scan.mas == pytest.approx(110 * (10 / level) ** 2 * (120 / scan.kvp) ** 2, abs=0.51)


@pytest.mark.parametrize("name", COVERAGES)
def test_coverages_reach_from_landmark_to_landmark(name: str) -> None:
    low, high = sample_ct(2, FRAME, BODY, CtSettings(coverage=name)).covered_mm
    wanted = FRAME.z(COVERAGES[name])
    assert low == pytest.approx(wanted[0], abs=20)
    assert high == pytest.approx(wanted[1], abs=22)


def test_sub_planes_fill_the_slice_evenly() -> None:
    scan = SCANS[0]
    planes = np.array(scan.sub_planes(100.0))
    assert planes.mean() == pytest.approx(100.0)
    assert planes[1] - planes[0] == pytest.approx(scan.thickness_mm / scan.planes)


def test_a_small_field_of_view_cuts_the_hips_at_one_centre_only() -> None:
    width = 2 * max(BODY.half_width_mm(t) for t in np.linspace(1, 3, 12))
    cut = {
        name: np.mean(
            [
                sample_ct(k, FRAME, BODY, replace(c, coverage="whole")).fov_mm < width
                for k in range(8)
            ]
        )
        for name, c in CENTRES.items()
    }
    assert cut["B"] > 0.5 > cut["A"] + 0.1
    assert cut["C"] < 0.4


def test_the_circle_touches_the_edges_of_the_square() -> None:
    scan = replace(SCANS[0], matrix=64)
    assert scan.outside[0, 0]
    assert not scan.outside[0, 31]
    assert scan.outside.mean() == pytest.approx(1 - np.pi / 4, abs=0.02)


def test_scans_compare_by_value() -> None:
    assert sample_ct(4, FRAME, BODY) == sample_ct(4, FRAME, BODY)
    assert {f.name for f in fields(SCANS[0])} >= {"manufacturer", "model", "delay_s"}


def test_coverages_are_drawn_by_their_weights() -> None:
    settings = CtSettings(coverages=(("calf", 1.0), ("groin", 0.0)))
    frame = Frame(sample_person(3))
    scan = sample_ct(5, frame, Body(frame.person, frame), settings)
    low, high = (float(frame.t(z)) for z in scan.covered_mm)
    assert abs(low - 0.4) < 0.1
    assert abs(high - 1.05) < 0.1
