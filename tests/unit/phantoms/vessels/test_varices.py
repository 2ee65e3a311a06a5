from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.outline import LegOutline
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.tube import Pixels, Tube
from deepvein.phantoms.vessels.varices import sample_varices, winding

FRAME = Frame(sample_person(1))
DRAWN = [v for seed in range(30) for v in sample_varices(seed, FRAME, 1.0)]


def test_they_are_veins_without_a_label() -> None:
    assert len(DRAWN) > 60
    for varix in DRAWN:
        assert varix.is_vein
        assert varix.label == 0
        assert varix.drains_into.endswith("saphenous")


def test_they_lie_between_skin_and_fascia() -> None:
    for varix in DRAWN[:40]:
        z = (varix.tube.low_mm + varix.tube.high_mm) / 2
        x, y = varix.tube.centre([z])[0]
        window = Pixels(np.array([x]), np.array([y])).window(x - 1, x + 1, y - 1, y + 1)
        assert window is not None
        skin, fascia = LegOutline(FRAME, varix.side).distances(float(FRAME.t(z)), window)
        assert skin[0, 0] < -1
        assert fascia[0, 0] > -4


def test_they_wind_more_than_a_trunk() -> None:
    def extra(tube: Tube) -> float:
        steps = np.linalg.norm(np.diff(tube.nodes[:, :2], axis=0), axis=1)
        return float(np.mean(np.hypot(steps, 2.0)) / 2.0)

    assert np.median([extra(v.tube) for v in DRAWN]) > 1.05


def test_none_where_the_share_is_none() -> None:
    assert sample_varices(1, FRAME, 0.0) == ()


def test_a_winding_vein_leaves_and_meets_the_one_beside_it() -> None:
    straight = Tube(0.0, np.tile([10.0, 20.0, 4.0, 4.0, 0.0], (101, 1)))
    tube = winding(np.random.default_rng(1), straight, 20.0, 180.0, (-15.0, 3.0), 2.0)
    assert tube.low_mm == 20.0
    assert tube.high_mm == pytest.approx(180.0, abs=2)
    away = np.hypot(tube.nodes[:, 0] - 10, tube.nodes[:, 1] - 20)
    assert away[0] < 6
    assert away[-1] < 6
    assert away[len(away) // 2] > 6
