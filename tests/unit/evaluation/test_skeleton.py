import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvein.evaluation.skeleton import skeleton


def tube(length: int = 40, size: int = 17, radius: float = 4, shift: float = 0) -> np.ndarray:
    _, rows, columns = np.indices((length, size, size))
    middle = (size - 1) / 2
    return np.hypot(rows - middle - shift, columns - middle) < radius


def topology(mask: np.ndarray) -> tuple[int, int, int]:
    """Numbers of 26-connected parts and of cavities, and the Euler number by counting cells."""
    from scipy import ndimage

    padded = np.pad(mask, 1)
    parts = ndimage.label(padded, np.ones((3, 3, 3)))[1]
    cavities = ndimage.label(~padded)[1] - 1
    # A voxel is a closed cube: count distinct corners, edges, faces and cubes of the union.
    euler = 0
    for steps in np.ndindex(2, 2, 2):
        cells = padded.copy()
        for axis, step in enumerate(steps):
            if step:
                cells = cells | np.roll(cells, 1, axis)
        euler += (-1) ** (3 - sum(steps)) * int(cells.sum())
    return parts, cavities, euler


def redrawn(indices: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[tuple(indices.T)] = True
    return mask


def test_a_tube_becomes_its_axis():
    mask = tube()
    line = skeleton(mask)
    assert np.abs(line[:, 1:] - 8).max() <= 1
    counts = np.bincount(line[:, 0], minlength=40)
    assert (counts[4:-4] == 1).all()


def test_a_line_stays_as_it_is():
    mask = np.zeros((9, 5, 5), bool)
    mask[:, 2, 2] = True
    assert (skeleton(mask) == np.argwhere(mask)).all()


def test_a_ring_stays_a_ring():
    _, rows, columns = np.indices((5, 21, 21))
    radius = np.hypot(rows - 10, columns - 10)
    ring = (radius > 5) & (radius < 9)
    line = redrawn(skeleton(ring), ring.shape)
    assert topology(line) == topology(ring) == (1, 0, 0)


def test_nothing_has_no_centreline():
    assert skeleton(np.zeros((3, 3, 3), bool)).shape == (0, 3)


@settings(max_examples=60)
@given(hnp.arrays(bool, (5, 6, 6), elements=st.booleans()))
def test_thinning_keeps_parts_cavities_and_holes(mask: np.ndarray):
    line = redrawn(skeleton(mask), mask.shape)
    assert topology(line) == topology(mask)
    assert not (line & ~mask).any()
