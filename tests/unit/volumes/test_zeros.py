"""Arrays that cost only what is written."""

from __future__ import annotations

import resource
import subprocess
import sys

import numpy as np
import pytest

from deepvein.volumes.zeros import marked, sparse_zeros


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_it_is_an_array_of_zeros_that_can_be_written(dtype: type) -> None:
    array = sparse_zeros((3, 4, 5), dtype)
    assert (array.shape, array.dtype, array.any()) == ((3, 4, 5), dtype, False)
    array[1, 2, 3] = 7
    assert array.sum() == 7
    assert array.flags.c_contiguous


def test_no_elements_are_no_trouble() -> None:
    assert sparse_zeros((0, 4)).shape == (0, 4)


@pytest.mark.skipif(sys.platform != "linux", reason="counts pages as Linux does")
def test_a_tenth_written_takes_a_tenth_of_the_memory() -> None:
    code = """
import resource
from deepvein.volumes.zeros import sparse_zeros
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
array = sparse_zeros((400, 512, 512))
array[:, :50] = 1
print(array.any(axis=(1, 2)).all(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    written_kib = 400 * 50 * 512 // resource.getpagesize() * resource.getpagesize() // 1024
    assert done[0] == "True"
    assert int(done[1]) < 2 * written_kib + 4096


def test_what_is_marked_lies_in_one_box() -> None:
    planes = [np.zeros((5, 6), np.uint8) for _ in range(2)]
    assert marked(planes) is None
    planes[0][1, 4], planes[1][3, 2] = 1, 255
    assert marked(planes) == (slice(1, 4), slice(2, 5))
