from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.phantoms.shapes.tube import Pixels, Tube, coverage, distance, hermite, radius


def straight(r1: float, r2: float, angle: float = 0.0, slope: float = 0.0) -> Tube:
    z = np.arange(11) * 2.0
    nodes = np.stack([slope * z, 0 * z, 0 * z + r1, 0 * z + r2, 0 * z + angle], axis=1)
    return Tube(0.0, nodes, oblique=slope != 0)


def plane(half_mm: float = 12.0, step_mm: float = 0.25) -> Pixels:
    axis = np.arange(-half_mm, half_mm + step_mm / 2, step_mm)
    return Pixels(axis, axis)


def test_section_of_a_circle_has_its_area_and_distance() -> None:
    section = straight(5, 5).at(7.3)
    assert section is not None
    assert section.area == pytest.approx(25 * np.pi)
    pixels = plane()
    window = pixels.around([section], 4.0)
    assert window is not None
    exact = np.hypot(window.x, window.y[:, None]) - 5
    near = np.abs(exact) < 1
    assert np.abs(distance(section, window) - exact)[near].max() < 0.12
    assert np.allclose(radius(section, window), exact / 5 + 1, atol=1e-3)


@given(st.floats(2, 8), st.floats(2, 8), st.floats(0, 3.1))
def test_covered_area_is_the_ellipse_s_whatever_its_turn(
    r1: float, r2: float, angle: float
) -> None:
    section = straight(r1, r2, angle).at(4.0)
    assert section is not None
    window = plane().around([section], 2.0)
    assert window is not None
    covered = coverage(distance(section, window), 0.25).sum() * 0.25**2
    assert covered == pytest.approx(np.pi * r1 * r2, rel=0.02)


def test_a_slanting_tube_is_cut_longer() -> None:
    section = straight(3, 3, slope=1.0).at(10.0)
    assert section is not None
    assert section.half_width == pytest.approx(3 * 2**0.5, rel=1e-3)
    assert section.half_height == pytest.approx(3, rel=1e-3)
    assert section.x == pytest.approx(10.0)


def test_nothing_above_or_below() -> None:
    tube = straight(3, 3)
    assert tube.at(-0.1) is None
    assert tube.at(20.1) is None
    assert tube.high_mm == 20.0


def test_capped_ends_are_thin_and_the_middle_is_untouched() -> None:
    tube = straight(4, 4).capped(6.0)
    assert tube.radii(0.0)[0] < 1
    assert tube.radii(10.0) == (4.0, 4.0)


def test_a_window_outside_the_pixels_is_none() -> None:
    assert plane().window(100, 110, 0, 5) is None


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=8))
def test_hermite_meets_its_knots_and_never_overshoots(values: list[float]) -> None:
    knots = np.arange(len(values), dtype=np.float64)
    at = np.linspace(-1, len(values), 60)
    curve = hermite(knots, np.array(values)[:, None], at)[:, 0]
    assert curve.min() >= min(values) - 1e-6
    assert curve.max() <= max(values) + 1e-6
    assert np.allclose(hermite(knots, np.array(values)[:, None], knots)[:, 0], values)
