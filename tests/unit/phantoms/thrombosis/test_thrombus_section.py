from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.phantoms.shapes.tube import Ellipse, Pixels, coverage, distance
from deepvein.phantoms.thrombosis.thrombus_section import Clot, ClotSection

LUMEN = Ellipse(0.0, 0.0, 1 / 36, 0.0, 1 / 36)
PIXELS = Pixels(np.arange(-9, 9.01, 0.2), np.arange(-9, 9.01, 0.2))
WINDOW = PIXELS.window(-10, 10, -10, 10)


def area(section: ClotSection) -> float:
    """Square millimetres of the thrombus within the lumen."""
    assert WINDOW is not None
    part = section.part(LUMEN, WINDOW, 0.2)
    return float(np.minimum(part, coverage(distance(LUMEN, WINDOW), 0.2)).sum()) * 0.04


@pytest.mark.parametrize("mural", [False, True])
@pytest.mark.parametrize("fill", [0.4, 0.7, 0.9])
def test_fill_squared_is_its_share_of_the_lumen(fill: float, mural: bool) -> None:
    offset = (1.0, 0.0) if mural else (0.3 * (1 - fill), 0.0)
    section = ClotSection(1.0, fill, offset, mural)
    assert area(section) / (np.pi * 36) == pytest.approx(fill**2, abs=0.03)


def test_a_mural_clot_lies_where_its_offset_points_and_leaves_the_other_side_open() -> None:
    assert WINDOW is not None
    part = ClotSection(1.0, 0.7, (1.0, 0.0), True).part(LUMEN, WINDOW, 0.2)
    middle = part[part.shape[0] // 2]
    x = np.asarray(WINDOW.x)
    assert middle[np.argmin(abs(x - 5))] == pytest.approx(1.0)
    assert middle[np.argmin(abs(x + 4))] == pytest.approx(0.0)


def test_a_web_spans_the_channel() -> None:
    plain, webbed = (ClotSection(1.0, 0.6, (0.0, 1.0), True, web) for web in (False, True))
    channel = 2 * 6 * (1 - 0.36) ** 0.5
    assert area(webbed) - area(plain) == pytest.approx(1.6 * channel, rel=0.1)


def test_a_clot_tapers_at_both_ends() -> None:
    clot = Clot("x", 0.0, 100.0, 3.0, 0.95, (0.5, 0.0), 12.0, (0.0,) * 10)
    assert clot.at(0.0, 4.0) is None
    assert clot.at(100.1, 4.0) is None
    middle, end = clot.at(50.0, 4.0), clot.at(2.0, 4.0)
    assert middle is not None
    assert end is not None
    assert middle.widening == pytest.approx(1 + 3 / 8)
    assert middle.fill == pytest.approx(0.95)
    assert end.fill < middle.fill


def test_a_floating_tail_is_thin_central_and_does_not_widen_the_vein() -> None:
    clot = Clot("x", 0, 200, 3.0, 0.95, (1.0, 0.0), 10.0, (0.0,) * 20, tail_mm=50, tail_fill=0.4)
    body, tail = clot.at(100.0, 4.0), clot.at(175.0, 4.0)
    assert body is not None
    assert tail is not None
    assert tail.fill == pytest.approx(0.4)
    assert body.widening > 1.3
    assert tail.widening == 1.0
    assert np.hypot(*tail.offset) <= 0.2 * (1 - tail.fill) + 1e-9


@given(
    st.floats(0.1, 199.9),
    st.floats(0.3, 1.03),
    st.floats(-3, 5),
    st.floats(0, 1),
    st.floats(0, 80),
)
def test_a_plug_stays_in_the_lumen(
    z: float, fill: float, widening: float, away: float, tail: float
) -> None:
    clot = Clot("x", 0, 200, widening, fill, (away, 0.0), 10.0, (0.1, -0.1) * 10, tail_mm=tail)
    section = clot.at(z, 4.0)
    assert section is not None
    assert section.fill + np.hypot(*section.offset) <= max(1.0, section.fill) + 1e-9
    assert 0 <= section.fill <= 1.03
    assert section.widening >= 0.6
