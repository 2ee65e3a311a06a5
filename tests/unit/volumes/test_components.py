import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvein.volumes.components import components, connect

masks = st.tuples(*[st.integers(1, 7)] * 3).flatmap(lambda shape: hnp.arrays(bool, shape))


def same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


@given(masks)
def test_agrees_with_dense_labelling(mask: np.ndarray):
    from scipy import ndimage

    indices, labels = components(mask)
    dense, count = ndimage.label(mask, np.ones((3, 3, 3)))
    assert (indices == np.argwhere(mask)).all()
    assert len(np.unique(labels)) == count
    assert same_partition(labels, dense[mask])
    if count:
        assert labels.min() == 0
        assert labels.max() == count - 1


def test_ends_of_rows_and_slices_do_not_touch():
    mask = np.zeros((2, 3, 4), bool)
    mask[0, 1, 3] = mask[0, 2, 0] = True
    assert len(np.unique(components(mask)[1])) == 2
    mask[:] = False
    mask[0, 2, 3] = mask[1, 0, 0] = True
    assert len(np.unique(components(mask)[1])) == 2


def test_nothing_has_no_component():
    indices, labels = components(np.zeros((3, 4, 5), bool))
    assert indices.shape == (0, 3)
    assert labels.shape == (0,)
    assert connect(indices, (3, 4, 5)).shape == (0,)


def test_a_single_voxel():
    indices, labels = components(np.ones((1, 1, 1), bool))
    assert indices.tolist() == [[0, 0, 0]]
    assert labels.tolist() == [0]


@given(masks, st.integers(0, 5))
def test_where_the_mask_lies_in_the_volume_does_not_matter(mask: np.ndarray, pad: int):
    shifted = np.pad(mask, ((pad, 0), (0, pad), (pad, pad)))
    assert same_partition(components(mask)[1], components(shifted)[1])
