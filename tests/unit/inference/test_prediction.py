import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvein.inference.prediction import likely_voxels


@given(hnp.arrays(np.uint8, (3, 4, 5)), st.floats(0.01, 1))
def test_likely_voxels_are_what_numpy_finds_at_once(probability: np.ndarray, low: float):
    expected = np.argwhere(probability >= np.ceil(low * 255))
    assert (likely_voxels((probability,), low) == expected).all()


def test_the_threshold_rises_where_everything_is_likely():
    probability = np.full((4, 10, 10), 100, np.uint8)
    probability[1, 2, 3] = 250
    assert likely_voxels((probability,), 0.3, most=50).tolist() == [[1, 2, 3]]
    assert len(likely_voxels((probability,), 0.3, most=400)) == 400


def test_what_one_of_several_arrays_shows_is_likely():
    vein, thrombus = np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3, 3), np.uint8)
    vein[0, 1, 1] = vein[1, 2, 2] = thrombus[1, 0, 0] = 200
    assert likely_voxels((vein, thrombus), 0.5).tolist() == [[0, 1, 1], [1, 0, 0], [1, 2, 2]]
    assert likely_voxels((vein, thrombus), 0.9).shape == (0, 3)
