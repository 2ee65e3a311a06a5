import numpy as np
import pytest

from deepvein.laboratory.phantom_audit.sections import Section, nearest, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.phantoms.shapes.tube import Pixels
from deepvein.studies.study import Modality

PIXELS = Pixels(np.arange(-20, 20, 1.0), np.arange(-10, 10, 0.5))
EMPTY = np.zeros(PIXELS.shape, dtype=np.uint8)


def section(picture: np.ndarray) -> Section:
    return Section(Modality.CT, 0.0, PIXELS, picture, EMPTY, EMPTY, EMPTY, EMPTY)


def test_a_crop_of_a_ramp_is_the_ramp_at_its_pixels() -> None:
    ramp = (PIXELS.x_mm + 10 * PIXELS.y_mm[:, None]).astype(np.float32)
    cut = section(ramp).crop(ramp, 2.0, -1.0, (3, 5), 2.0)
    wanted = (2.0 + 2 * np.arange(-2, 3)) + 10 * (-1.0 + 2 * np.arange(-1, 2))[:, None]
    assert cut == pytest.approx(wanted, abs=1e-4)


def test_beyond_the_picture_its_edge_goes_on() -> None:
    plane = np.full(PIXELS.shape, 7, dtype=np.float32)
    assert section(plane).crop(plane, 300.0, 0.0, (2, 2), 3.0) == pytest.approx(np.full((2, 2), 7))


def test_networks_see_muscle_near_0_and_veins_near_1() -> None:
    flat = np.full(PIXELS.shape, 55, dtype=np.float32)
    assert section(flat).normalised == pytest.approx(0 * flat)
    assert section(flat + 80).normalised.mean() == pytest.approx(0.96)


def test_mr_values_are_told_over_muscle() -> None:
    picture = np.full(PIXELS.shape, 5, dtype=np.float32)
    picture[5:30, 5:30] = 400
    picture[6, 6] = 900
    mr = Section(Modality.MR, 0.0, PIXELS, picture, EMPTY, EMPTY, EMPTY, EMPTY)
    assert mr.unit == 400


def test_a_section_of_a_ct_is_the_slice_at_its_height() -> None:
    scenario = orders(AuditSettings(Modality.CT))[1].scenario()
    sections = sections_of(scenario)
    z = float(scenario.frame.z(1.9))
    index = nearest(sections.heights_mm, z)
    found = sections.section(index)
    assert found.z_mm == sections.heights_mm[index]
    assert abs(found.z_mm - z) < 5
    assert found.segments.any()
