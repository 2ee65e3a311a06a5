from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from deepvein.anatomy.tissues import VEIN_HU, Tissue, attenuation
from deepvein.phantoms.ct.scanner import CtPalette, CtScan, CtScanner, CtSettings, sample_ct
from deepvein.phantoms.implants.implants import ImplantSettings
from deepvein.phantoms.person.population import PopulationSettings
from deepvein.phantoms.phantom import Phantom, PhantomSettings, Scenario, sample
from deepvein.phantoms.shapes.tube import Pixels32
from deepvein.studies.study import Modality

PLAIN = CtSettings(
    matrix=256,
    planes=1,
    thickness_mm=3.0,
    coverage="whole",
    fov_mm=420.0,
    noise_hu=(10.0, 10.0),
    kernels=(("standard", 1.0),),
    storages=(("unsigned 12", 1.0),),
    hardening=(0.0, 0.0),
    arms_share=0.0,
    blanket_share=0.0,
    clothes_share=0.0,
    cushion_share=0.0,
    motion_share=0.0,
)
NO_METAL = ImplantSettings(0.0, 0.0, 0.0)


@cache
def examined() -> Scenario:
    wanted = PhantomSettings(ct=PLAIN, implants=NO_METAL, centre="A")
    return sample(3, Modality.CT, False, wanted)


def scanner(settings: CtSettings = PLAIN) -> tuple[Scenario, CtScanner]:
    """One person in different scanners."""
    person = examined()
    scan = sample_ct(3, person.frame, person.painter.body, settings)
    return replace(person, scan=scan), CtScanner(scan, person.painter)


def index_of(scenario: Scenario, t: float) -> int:
    assert isinstance(scenario.scan, CtScan)
    heights = np.array(scenario.scan.heights_mm)
    return int(np.abs(heights - float(scenario.frame.z(t))).argmin())


def muscle(plain: Pixels32) -> np.ndarray:
    """Pixels of pure muscle, away from other tissues."""
    inside = (plain > 45) & (plain < 62)
    for axis in (0, 1):
        for step in (-2, -1, 1, 2):
            inside = inside & np.roll(inside, step, axis)
    return np.asarray(inside)


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


@pytest.mark.parametrize("kvp", [80, 100, 120])
def test_structures_have_the_table_s_values_by_voltage(kvp: int) -> None:
    scenario, machine = scanner(replace(PLAIN, kvp=kvp))
    canvas, value = machine.slice_at(index_of(scenario, 1.5))
    for tissue, low, high in (
        (Tissue.FAT, -125, -85),
        (Tissue.CORTICAL_BONE, 1150, 1900),
    ):
        region = (canvas.value > low) & (canvas.value < high)
        for axis in (0, 1):
            region = region & np.roll(region, 1, axis) & np.roll(region, -1, axis)
        assert region.sum() > 8
        assert value[region].mean() == pytest.approx(attenuation(tissue, kvp), rel=0.12)
    flesh = muscle(canvas.value)
    assert value[flesh].mean() == pytest.approx(canvas.value[flesh].mean(), abs=2)
    # Femoral veins by voltage, less what the section's edge and the contrast's quality take.
    vein = canvas.segments > 0
    plain = CtPalette(kvp).blood(np.ones((1, 1), np.float32))[0, 0]
    assert plain == pytest.approx(VEIN_HU[kvp])
    assert 0.45 * plain < value[vein].mean() < 1.3 * plain


def test_noise_follows_thickness_dose_and_body() -> None:
    def sd(t: float, **changed: object) -> float:
        scenario, machine = scanner(replace(PLAIN, **changed))  # type: ignore[arg-type]
        canvas, value = machine.slice_at(index_of(scenario, t))
        flesh = muscle(canvas.value)
        assert flesh.sum() > 100
        return float((value - canvas.value)[flesh].std())

    thigh = sd(1.5)
    assert 7 < thigh < 15
    assert sd(1.5, noise_hu=(5.0, 5.0)) == pytest.approx(thigh / 2, rel=0.08)
    assert sd(1.5, thickness_mm=1.5) == pytest.approx(thigh * 2**0.5, rel=0.08)
    assert sd(0.5) < 0.85 * thigh
    assert sd(2.1) > 0.85 * thigh


def test_overlapping_slices_share_noise_and_touching_ones_do_not() -> None:
    for increment, expected in ((3.0, 0.0), (2.25, 0.25), (1.5, 0.5)):
        _, machine = scanner(replace(PLAIN, increment_mm=increment))
        one, other = (machine._noise(k) for k in (5, 6))
        assert float((one * other).mean()) == pytest.approx(expected, abs=0.02)
        assert float((one * machine._noise(7)).mean()) == pytest.approx(0, abs=0.02)


def test_slices_are_the_same_in_whatever_order_and_scanner() -> None:
    busy = replace(
        PLAIN, matrix=96, motion_share=1.0, arms_share=1.0, blanket_share=1.0, clothes_share=1.0,
        cushion_share=1.0, hardening=(1.0, 1.0),
    )  # fmt: skip
    _, one = scanner(busy)
    _, other = scanner(busy)
    first = [one.slice_at(k)[1] for k in (40, 200)]
    second = [other.slice_at(k)[1] for k in (200, 40)][::-1]
    assert np.array_equal(first, second)


def test_a_moved_patient_s_labels_move_along() -> None:
    still_scenario, still = scanner(PLAIN)
    scenario, moved = scanner(replace(PLAIN, motion_share=1.0))
    assert isinstance(scenario.scan, CtScan)
    twitch = max(scenario.scan.motion.twitches, key=lambda t: abs(t.x_mm))
    index = int(np.abs(np.array(scenario.scan.heights_mm) - twitch.z_mm).argmin())
    (a, _), (b, _) = still.slice_at(index), moved.slice_at(index)
    centre = [float(np.nonzero(c.bones)[1].mean()) for c in (a, b)]
    shift = scenario.scan.motion.shift_mm(scenario.scan.heights_mm[index])[0]
    assert centre[1] - centre[0] == pytest.approx(shift / scenario.scan.pixel_mm, abs=0.6)
    assert still_scenario.person == scenario.person


def test_metal_streaks_only_where_there_is_metal() -> None:
    old = PhantomSettings(
        ct=replace(PLAIN, matrix=128),
        implants=ImplantSettings(1.0, 0.0, 0.0, 1.0),
        population=PopulationSettings(age_years=(85.0, 1.0)),
    )
    scenario = sample(3, Modality.CT, False, old)
    assert isinstance(scenario.scan, CtScan)
    with_metal = CtScanner(scenario.scan, scenario.painter)
    without = CtScanner(scenario.scan, replace(scenario.painter, implants=None))
    at = index_of(scenario, 1.02)
    (canvas, value), (_, plain) = with_metal.slice_at(at), without.slice_at(at)
    assert canvas.metal.any()
    assert (value[canvas.metal > 0] > 900).all()
    assert np.abs(value - plain)[canvas.metal == 0].mean() > 5
    far = index_of(scenario, 1.7)
    assert np.array_equal(with_metal.slice_at(far)[1], without.slice_at(far)[1])
