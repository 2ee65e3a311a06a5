from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.shapes.solids import Ball, Blade, Disc, Pipe, Rod, Shell, Solid
from deepvein.phantoms.shapes.tube import Ellipse, Pixels, Tube, Window

EDGE = np.arange(-40, 40.1, 0.5)


def window() -> Window:
    found = Pixels(EDGE, EDGE).window(-50, 50, -50, 50)
    assert found is not None
    return found


def volume_mm3(solid: Solid, low: float, high: float, step: float = 0.5) -> float:
    heights = np.arange(low + step / 2, high, step)
    counts = [(solid.distance(float(z), window()) < 0).sum() for z in heights]
    return float(sum(counts)) * 0.25 * step


def straight(radius: float) -> Tube:
    return Tube(-20.0, np.array([[0.0, 0.0, radius, radius, 0.0]] * 21))


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (Ball((3, -2, 1), 12.0), 4 / 3 * np.pi * 12**3),
        (Ball((0, 0, 0), 12.0, 9.0), 4 / 3 * np.pi * (12**3 - 9**3)),
        (Ball((0, 0, 0), 12.0, 0.0, (0.6, 0.0, -0.8)), 2 / 3 * np.pi * 12**3),
        (Rod((-10, 0, -8), (10, 5, 9), 4.0), np.pi * 16 * 714**0.5 + 4 / 3 * np.pi * 64),
        (Disc(Ellipse(0, 0, 20.0**-2, 0, 10.0**-2), -3.0, 1.0), np.pi * 200 * 4),
        (Blade(0, 0, (0.6, 0.8), -5, 5, 10, 10, 2), 10 * (4 * 20 + np.pi * 4)),
        (Pipe(straight(6.0), 2.0), np.pi * 64 * 40),
    ],
)
def test_volumes_are_those_of_geometry(solid: Solid, expected: float) -> None:
    assert volume_mm3(solid, -24, 24) == pytest.approx(expected, rel=0.04)


def test_nothing_lies_outside_the_reach() -> None:
    solids: list[Solid] = [
        Ball((3, -2, 1), 12.0, 9.0),
        Rod((-10, 0, -8), (10, 5, 9), 4.0),
        Blade(1, 2, (1.0, 0.0), -5, 5, 10, 4, 2),
        Pipe(straight(6.0), 2.0),
    ]
    for solid in solids:
        for z in (-30.0, -7.0, 0.0, 4.5, 12.0):
            inside = np.argwhere(solid.distance(z, window()) < 0)
            box = solid.reach(z)
            if box is None:
                assert not len(inside)
                continue
            x, y = EDGE[inside[:, 1]], EDGE[inside[:, 0]]
            assert (x >= box[0] - 0.1).all()
            assert (x <= box[1] + 0.1).all()
            assert (y >= box[2] - 0.1).all()
            assert (y <= box[3] + 0.1).all()


def test_a_shell_is_solid_below_and_two_plates_above() -> None:
    shell = Shell((straight(20.0),), (0.0, 0.0), (0.0, 1.0), -12.0, 14.0, -10.0, 5.0, 0.0)
    below, middle, above = (shell.distance(z, window()) < 0 for z in (-15.0, 0.0, 10.0))
    y = np.repeat(EDGE[:, None], len(EDGE), axis=1)
    assert below[np.abs(y) < 10].any()
    assert not middle[np.abs(y) < 11].any()
    assert middle[y > 14].any()
    assert middle[y < -12].any()
    assert not above[y > -11].any()
    assert shell.reach(40.0) is None
