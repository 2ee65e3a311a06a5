from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.seeds import generator
from deepvein.examples.augmentation import Draw, draw, plane_matrix, space_matrix, variants
from deepvein.examples.presets import HUANG2019, KOZEMZAK2019_SEGMENTATION
from deepvein.examples.settings import AugmentationSettings

EVERYTHING = AugmentationSettings(
    rotation_deg=72,
    scale=0.05,
    shift=0.05,
    mirror_rows=0.5,
    mirror_columns=0.25,
    intensity=0.5,
    gain=0.1,
    offset=0.2,
    gamma=0.5,
    noise=0.3,
    blur_px=2,
    low_resolution=3,
    bend_px=4,
    tone=1,
)


def test_no_augmentation_draws_no_change() -> None:
    found = draw(AugmentationSettings(), generator(0, "a"))
    assert replace(found, noise_seed=0) == Draw()
    assert not found.moves


def test_draws_stay_in_their_ranges_and_fill_them() -> None:
    draws = [draw(EVERYTHING, generator(1, "a", n), tilt_deg=5) for n in range(2000)]
    for name, low, high in (
        ("rotation_deg", -72, 72),
        ("scale", 0.95, 1.05),
        ("gain", 0.9, 1.1),
        ("offset", -0.2, 0.2),
        ("gamma", 1 / 1.5, 1.5),
        ("noise", 0, 0.3),
        ("blur_px", 0, 2),
        ("resolution", 1, 3),
        ("bend_px", 0, 4),
    ):
        values = np.array([getattr(each, name) for each in draws])
        assert values.min() >= low - 1e-9
        assert values.max() <= high + 1e-9
        assert np.ptp(values) > 0.95 * (high - low)
    shifts = np.array([each.shift for each in draws])
    assert np.abs(shifts).max() <= 0.05
    assert np.mean([each.mirror_rows for each in draws]) == pytest.approx(0.5, abs=0.05)
    assert np.mean([each.mirror_columns for each in draws]) == pytest.approx(0.25, abs=0.05)
    assert np.mean([each.noise > 0 for each in draws]) == pytest.approx(0.5, abs=0.05)


def test_a_setting_does_not_disturb_the_other_numbers() -> None:
    without = draw(
        replace(EVERYTHING, noise=0, mirror_rows=0, bend_px=0, tone=0), generator(3, "a")
    )
    with_all = draw(EVERYTHING, generator(3, "a"))
    assert replace(with_all, noise=0.0, mirror_rows=False, bend_px=0.0, tone=()) == without


def test_a_tone_curve_rises_from_end_to_end() -> None:
    curves = [each.tone for each in (draw(EVERYTHING, generator(1, "a", n)) for n in range(1000))]
    assert np.mean([len(curve) > 0 for curve in curves]) == pytest.approx(0.5, abs=0.05)
    heights = np.array([curve for curve in curves if curve])
    assert np.allclose(heights[:, 0], 0)
    assert np.allclose(heights[:, -1], 1)
    steps = np.diff(heights, axis=1)
    assert steps.min() > 0
    # Slopes lie in 1/2..2 before the ends are met, so that no piece is more than four times another.
    assert 3 < (steps.max(1) / steps.min(1)).max() <= 4 + 1e-9


def test_some_examples_keep_their_pixels() -> None:
    half = replace(EVERYTHING, geometry=0.5, mirror_rows=0, mirror_columns=0)
    draws = [draw(half, generator(1, "a", n), tilt_deg=5) for n in range(1000)]
    assert np.mean([each.moves for each in draws]) == pytest.approx(0.5, abs=0.05)


def test_the_published_draws() -> None:
    twelve = variants(HUANG2019.augmentation)
    assert len(set(twelve)) == 12
    assert {each.rotation_deg for each in twelve} == {-2.0, 0.0}
    assert {each.scale for each in twelve} == {0.9, 1.0, 1.1}
    assert sum(each.mirror_columns for each in twelve) == 6
    assert variants(KOZEMZAK2019_SEGMENTATION.augmentation) == ()


@given(st.floats(-180, 180), st.floats(0.5, 2), st.booleans(), st.booleans(), st.floats(-20, 20))
def test_matrices_turn_and_scale_alone(
    angle: float, scale: float, rows: bool, columns: bool, tilt: float
) -> None:
    change = Draw(
        rotation_deg=angle,
        scale=scale,
        mirror_rows=rows,
        mirror_columns=columns,
        tilt_deg=(tilt, -tilt),
    )
    for matrix in (plane_matrix(change), space_matrix(change)):
        n = len(matrix)
        np.testing.assert_allclose(matrix @ matrix.T * scale**2, np.eye(n), atol=1e-9)
        sign = -1 if rows != columns else 1
        assert np.linalg.det(matrix) == pytest.approx(sign / scale**n)


def test_without_tilt_the_third_axis_stays() -> None:
    change = Draw(rotation_deg=30, scale=1.1)
    matrix = space_matrix(change)
    np.testing.assert_allclose(matrix[1:, 1:], plane_matrix(change))
    np.testing.assert_allclose(matrix[0], [1 / 1.1, 0, 0])
