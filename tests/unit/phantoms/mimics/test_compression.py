from __future__ import annotations

import numpy as np
import pytest

from deepvein.phantoms.mimics.compression import Compression, compressed, sample_compressions
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.tube import Tube
from deepvein.phantoms.vessels.vascular_tree import AXIS, grow

FRAME = Frame(sample_person(1))
VESSELS = grow(FRAME)


def test_the_short_axis_loses_its_share_in_the_middle_and_nothing_outside() -> None:
    tube = Tube(0.0, np.tile([0.0, 0.0, 6.0, 4.0, 0.0], (101, 1)))
    flat = Compression("x", 100.0, 60.0, 0.6).apply(tube)
    assert flat.radii(100.0) == pytest.approx((6 * 1.15, 4 * 0.4))
    for z in (0.0, 69.9, 130.1, 200.0):
        assert flat.radii(z) == pytest.approx((6.0, 4.0), abs=0.01)


def test_only_the_named_vein_changes() -> None:
    one = Compression("left femoral", 600.0, 60.0, 0.5)
    changed = compressed(VESSELS, (one,))
    for before, after in zip(VESSELS.all, changed.all, strict=True):
        assert (before is after) == (before.name != "left femoral")


def test_the_left_common_iliac_vein_loses_more_than_half_of_a_round_vein_s_depth() -> None:
    for seed in range(30):
        (one,) = sample_compressions(seed, FRAME, VESSELS, 1.0, 0.0)
        before = VESSELS.by_name["left common iliac"].tube
        after = one.apply(before)
        r1, r2 = after.radii(one.centre_mm)
        assert min(r1, r2) < 0.5 * (before.nodes[:, 2] * before.nodes[:, 3]).max() ** 0.5
        assert min(r1, r2) > 0.5


def test_another_deep_vein_may_be_compressed_and_does_not_disturb_the_first() -> None:
    both = sample_compressions(3, FRAME, VESSELS, 1.0, 1.0)
    assert both[:1] == sample_compressions(3, FRAME, VESSELS, 1.0, 0.0)
    assert both[1].vessel.split(" ", 1)[1] in AXIS
    tube = VESSELS.by_name[both[1].vessel].tube
    assert tube.low_mm < both[1].centre_mm < tube.high_mm
