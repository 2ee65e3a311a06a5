from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue
from deepvein.core.errors import SettingsError
from deepvein.phantoms.body import Body
from deepvein.phantoms.ct import COVERAGES, CtPalette, CtScan, CtSettings, sample_ct
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.phantom import Phantom
from deepvein.phantoms.population import sample_person

FRAME = Frame(sample_person(1))
BODY = Body(FRAME.person, FRAME)
SCANS = [sample_ct(seed, FRAME, BODY) for seed in range(40)]


def test_acquisitions_vary_within_usual_bounds() -> None:
    assert {s.thickness_mm for s in SCANS} >= {2.0, 3.0, 5.0}
    assert {s.kvp for s in SCANS} == {80, 100, 120}
    assert all(350 <= s.fov_mm <= 500 and 3 <= s.noise_hu <= 25 for s in SCANS)
    assert len({s.offset_mm for s in SCANS}) == len(SCANS)


def test_fixed_settings_are_kept_and_leave_the_other_draws_alone() -> None:
    fixed = CtSettings(thickness_mm=4.0, kvp=100, coverage="pelvis", matrix=256)
    scan = sample_ct(3, FRAME, BODY, fixed)
    assert (scan.thickness_mm, scan.increment_mm, scan.kvp, scan.matrix) == (4.0, 4.0, 100, 256)
    free = sample_ct(3, FRAME, BODY)
    assert (scan.kernel, scan.storage, scan.motion) == (free.kernel, free.storage, free.motion)
    same = scan.noise_hu * scan.thickness_mm**0.5
    assert same == pytest.approx(free.noise_hu * free.thickness_mm**0.5, rel=1e-4)


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


def test_blood_is_linear_in_enhancement_and_clots_lie_in_the_published_range() -> None:
    palette = CtPalette(100)
    level = np.array([[0.0, 0.5, 1.0]], dtype=np.float32)
    assert np.allclose(palette.blood(level), [[42, (42 + 144.3) / 2, 144.3]], atol=0.01)
    for acute in (True, False):
        assert 28 <= palette.clot(acute, -2) < palette.clot(acute, 2) <= 76
    assert palette.tissue(Tissue.AIR) == -1000


def test_veins_muscle_and_fat_in_a_rendered_study(ct_phantom: Phantom) -> None:
    image, segments = ct_phantom.image.array, ct_phantom.segments.array
    scan = ct_phantom.scenario.scan
    assert isinstance(scan, CtScan)
    open_vein = (segments % 32 == 5) & (ct_phantom.thrombi.array == 0)
    assert 55 < np.median(image[open_vein]) < 135
    thrombus = ct_phantom.thrombi.array > 0
    assert 25 < np.median(image[thrombus]) < 85
    assert image.min() >= -1024
    edge = image[:, 3:8, 90:100].astype(float)
    assert edge.mean() == pytest.approx(-1000, abs=15)


@pytest.mark.parametrize(
    "wrong",
    [{"kvp": 90}, {"coverage": "arm"}, {"matrix": 8}, {"thickness_mm": -1.0}, {"planes": 0}],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        CtSettings(**wrong)  # type: ignore[arg-type]
