import numpy as np
import pytest

from deepvein.examples.courses.frame import PIXEL_MM, SIZE, Frame
from deepvein.examples.courses.lumen import Lumen, covered

OFFSET = ((np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM).astype(np.float32)[None]


def round_lumen(radius_mm: float, aside_mm: float = 0.0) -> Lumen:
    shape = np.float32([[radius_mm**-2, 0, radius_mm**-2]])
    return Lumen(shape, Frame(OFFSET + np.float32(aside_mm), OFFSET))


def area_mm2(lumen: Lumen, **how) -> float:
    return float(covered(lumen.distance(**how)).sum()) * PIXEL_MM**2


def test_area_and_growth():
    assert area_mm2(round_lumen(5)) == pytest.approx(np.pi * 25, rel=0.01)
    assert area_mm2(round_lumen(5).grown(np.float32([1.5]))) == pytest.approx(
        np.pi * 56.25, rel=0.01
    )
    assert area_mm2(round_lumen(5), scale=np.float32([0.5])) == pytest.approx(
        np.pi * 6.25, rel=0.02
    )


def test_distance_is_exact_for_circles_near_the_edge():
    lumen = round_lumen(5)
    true = np.hypot(OFFSET[0][None, :], OFFSET[0][:, None]) - 5
    near = np.abs(true) < 0.7
    assert lumen.distance()[0][near] == pytest.approx(true[near], abs=0.06)


def test_an_offset_moves_by_half_extents():
    moved = covered(round_lumen(4).distance(offset=np.float32([[1.0, 0.0]])))[0]
    middle = (moved.sum(axis=0) * OFFSET[0]).sum() / moved.sum()
    assert middle == pytest.approx(4.0, abs=0.05)


def test_half_extents_of_an_ellipse_and_places_within():
    lumen = Lumen(np.float32([[1 / 36, 0, 1 / 9]]), Frame(OFFSET, OFFSET))
    assert [float(one[0]) for one in lumen.half] == pytest.approx([6, 3])
    x, y = lumen.inner()
    assert x[0, 0, -1] == pytest.approx(OFFSET[0, -1] / 6)
    assert y[0, -1, 0] == pytest.approx(OFFSET[0, -1] / 3)
