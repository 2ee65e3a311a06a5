import numpy as np
import pytest

from deepvein.laboratory.second_opinion.legs import anatomy
from deepvein.laboratory.second_opinion.legs.curves import along

WAYS = ("ARTERY", "POSTERIOR_TIBIAL", "PERONEAL", "ANTERIOR_TIBIAL")
LEVELS = {"ARTERY": (-100, 330)}


def test_tables_have_each_level_once_and_rows_of_one_length():
    tables = [table for table in vars(anatomy).values() if isinstance(table, tuple) and table]
    tables += [part for bone in anatomy.BONES.values() for part in (*bone.parts, bone.cortex)]
    tables += [cell.way for cell in anatomy.CELLS.values()]
    for table in tables:
        assert len({row[0] for row in table}) == len(table)
        assert len({len(row) for row in table}) == 1


@pytest.mark.parametrize("name", WAYS)
def test_arteries_run_within_the_fascia(name):
    level = np.linspace(*LEVELS.get(name, (-340, -65)), 100)
    x, y = along(getattr(anatomy, name), level)
    front, outside, back, inside = along(anatomy.FASCIA, level)
    u = np.where(x > 0, x / outside, x / inside)
    v = np.where(y > 0, y / back, y / front)
    assert np.hypot(u, v).max() < 0.95


def test_bones_lie_within_the_fascia():
    for bone in anatomy.BONES.values():
        for part in bone.parts:
            level = np.linspace(min(row[0] for row in part), max(row[0] for row in part), 60)
            x, y, rx, ry = along(part, level)
            there = (rx > 0.5) & (ry > 0.5)
            _, outside, back, inside = along(anatomy.FASCIA, level)
            assert ((x + rx)[there] <= outside[there] + 3).all()
            assert ((x - rx)[there] >= -inside[there] - 3).all()
            assert ((y + ry)[there] <= back[there]).all()
