import numpy as np
import pytest

from deepvein.studies.opacification import opacified_share
from unit.studies import anatomy


@pytest.mark.parametrize("vein_hu", [110, 150, 250, 350])
def test_opacified_vessels_are_seen(vein_hu):
    assert opacified_share(anatomy.volume(anatomy.legs(vein_hu))) > 0.9


@pytest.mark.parametrize("noise", [10, 30])
def test_legs_without_contrast_show_none(noise):
    assert opacified_share(anatomy.volume(anatomy.legs(45), noise)) < 0.05


def test_bone_and_metal_are_no_vessels():
    plane = anatomy.legs(45)
    plane[40:44, 30:34] = 2500
    assert opacified_share(anatomy.volume(plane)) < 0.05


def test_air_shows_none():
    assert opacified_share(anatomy.volume(np.full(anatomy.SHAPE[1:], -1000.0))) == 0
