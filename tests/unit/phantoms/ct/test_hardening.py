from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.ct.hardening import Degraded, Section, degrade, exponential
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

EDGE = np.arange(-199, 200, 2.0)
R = np.hypot(EDGE[:, None] * 1.0, EDGE)


def canvas(body: np.ndarray, bone: np.ndarray | None = None) -> Canvas:
    out = Canvas(Pixels(EDGE, EDGE), CtPalette(120), 0.0, (0.0,))
    out.value[body] = 50
    if bone is not None:
        out.value[bone] = 1200
        out.bones[bone] = 1
    return out


def of(
    body: np.ndarray, bone: np.ndarray | None = None, kvp: int = 120, modulation: float = 0.0
) -> Degraded:
    return degrade(Section(canvas(body, bone)), kvp, modulation, 1.0)


def test_noise_in_the_middle_of_a_cylinder_follows_beer_and_lambert() -> None:
    noise = {r: of(r > R).noise[100, 100] for r in (60, 90, 120)}
    for thin, thick in ((60, 90), (90, 120)):
        expected = np.exp(0.5 * 0.0193 * 2 * (thick - thin))
        assert noise[thick] / noise[thin] == pytest.approx(expected, rel=0.05)
    assert noise[120] == pytest.approx(0.83 * np.exp(0.5 * 0.0193 * (240 - 265)), rel=0.05)


def test_noise_is_less_near_the_skin_and_modulation_evens_it_out() -> None:
    fixed = of(R < 120).noise
    assert fixed[100, 100] > 1.3 * fixed[100, 158]
    even = {r: of(r > R, modulation=0.8).noise[100, 100] for r in (60, 120)}
    plain = {r: of(r > R).noise[100, 100] for r in (60, 120)}
    assert even[120] / even[60] < 0.6 * plain[120] / plain[60]


def test_noise_across_a_wide_pelvis_is_higher_than_in_a_round_one() -> None:
    wide = (EDGE[None] / 180) ** 2 + (EDGE[:, None] / 100) ** 2 < 1
    round_ = R < (180 * 100) ** 0.5
    assert of(wide).noise[100, 100] > 1.1 * of(round_).noise[100, 100]
    assert of(R < 70).streaky is None
    streaky = of(wide).streaky
    assert streaky is not None
    assert 0.3 < streaky[100, 100] < 0.8


def two_bones() -> tuple[np.ndarray, np.ndarray]:
    bone = np.hypot(EDGE[None] - 90, EDGE[:, None]) < 18
    return (EDGE[None] / 180) ** 2 + (EDGE[:, None] / 100) ** 2 < 1, bone | bone[:, ::-1]


def test_between_two_bones_runs_a_dark_band() -> None:
    body, bone = two_bones()
    shade = of(body, bone).shade_hu - of(body).shade_hu
    between, above = shade[95:105, 90:110].mean(), shade[60:70, 90:110].mean()
    assert -40 < between < -6
    assert above > between + 8
    softer = of(body, bone, kvp=80).shade_hu - of(body, kvp=80).shade_hu
    assert softer[95:105, 90:110].mean() < 1.3 * between


def test_water_is_cupped_by_a_few_units() -> None:
    shade = of(R < 150).shade_hu
    cup = shade[95:105, 95:105].mean() - shade[95:105, 165:170].mean()
    assert -12 < cup < -1


def test_contrast_and_clots_do_not_change_the_noise_around() -> None:
    body, bone = two_bones()
    one, other = canvas(body, bone), canvas(body, bone)
    vein = np.hypot(EDGE[None] - 40, EDGE[:, None] + 60) < 8
    one.value[vein], other.value[vein] = 160, 45
    a, b = (degrade(Section(c), 120, 0.5, 1.0) for c in (one, other))
    assert np.array_equal(a.noise, b.noise)
    assert np.array_equal(a.shade_hu, b.shade_hu)


@pytest.mark.parametrize("matrix", [48, 96, 300, 520])
def test_any_matrix_is_served(matrix: int) -> None:
    edge = (np.arange(matrix) - (matrix - 1) / 2) * 400 / matrix
    plane = Canvas(Pixels(edge, edge), CtPalette(120), 0.0, (0.0,))
    plane.value[np.hypot(edge[:, None], edge) < 120] = 50
    found = degrade(Section(plane), 120, 0.0, 1.0)
    assert found.noise.shape == found.shade_hu.shape == (matrix, matrix)
    assert found.noise[matrix // 2, matrix // 2] == pytest.approx(0.65, abs=0.07)


def test_the_table_of_exponentials_is_close_and_bounded() -> None:
    x = np.linspace(-8, 8, 4001)[:-1]
    assert np.abs(exponential(x) / np.exp(x) - 1).max() < 1e-3
    assert exponential(np.array([99.0]))[0] <= np.exp(8)
