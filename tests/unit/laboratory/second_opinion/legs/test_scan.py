import numpy as np
import pytest

from deepvein.laboratory.second_opinion.legs.scan import ct, mr

SPACING = (3.0, 1.0, 1.0)
AXIS = np.arange(-60.0, 60.0)


def disc(outside, inside):
    far = np.hypot(AXIS[:, None], AXIS)
    return np.repeat(np.where(far < 40, inside, outside)[None], 4, axis=0).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_ct_keeps_hounsfield_units_and_adds_noise(seed):
    image = ct(np.random.default_rng(seed), disc(-1000, 60), SPACING, AXIS, AXIS, 40)
    middle = image[:, 50:70, 50:70]
    assert image.dtype == np.int16
    assert image.min() >= -1024
    assert middle.mean() == pytest.approx(60, abs=4)
    assert 4 < middle.std() < 22


def test_ct_has_a_table_behind_the_legs():
    image = ct(np.random.default_rng(0), disc(-1000, 60), SPACING, AXIS, AXIS, 30)
    assert image[:, 95:].max(axis=(1, 2)).min() > -500


def test_bone_darkens_what_lies_beside_it():
    value = disc(-1000, 60)
    bone = value.copy()
    bone[:, 50:70, 35:45] = bone[:, 50:70, 75:85] = 1200
    plain, hard = (ct(np.random.default_rng(1), v, SPACING, AXIS, AXIS, 45) for v in (value, bone))
    assert hard[:, 56:64, 56:64].mean() < plain[:, 56:64, 56:64].mean() - 3


def test_mr_is_a_magnitude_with_noise_in_the_air():
    image = mr(np.random.default_rng(2), disc(0, 1), SPACING)
    assert image.dtype == np.int16
    assert image.min() >= 0
    air, flesh = image[:, :10, :10].mean(), image[:, 50:70, 50:70].mean()
    assert 0 < air < 0.3 * flesh
