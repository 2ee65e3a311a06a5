from __future__ import annotations

import numpy as np

from deepvein.laboratory.kozemzak2019.downsampling import (
    reduced_grid,
    reduced_image,
    reduced_labels,
)
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

GRID = Grid.from_directions((2, 32, 32), (5.0, 1.0, 1.0), origin_mm=(-16.0, 4.0, 100.0))


def test_the_reduced_grid_covers_the_same_body() -> None:
    small = reduced_grid(GRID, 8)
    assert small.spacing_mm == (5.0, 4.0, 4.0)
    np.testing.assert_allclose(small.corners_mm, GRID.corners_mm)


def test_a_constant_image_stays_constant_and_a_mean_stays() -> None:
    flat = Volume(np.full(GRID.shape, -37, np.int16), GRID)
    assert (reduced_image(flat, 8).array == -37).all()
    rng = np.random.default_rng(0)
    noise = Volume(rng.integers(-100, 200, GRID.shape).astype(np.int16), GRID)
    small = reduced_image(noise, 8).array
    assert small.dtype == np.int16
    assert abs(small.mean() - noise.array.mean()) < 6
    assert small.std() < noise.array.std() / 2


def test_labels_keep_their_values() -> None:
    labels = np.zeros(GRID.shape, np.uint8)
    labels[:, :16, :] = 7
    small = reduced_labels(Volume(labels, GRID), 8).array
    assert (small[:, :4] == 7).all()
    assert (small[:, 4:] == 0).all()


def test_a_small_thrombus_keeps_its_slice_positive() -> None:
    labels = np.zeros(GRID.shape, np.uint8)
    labels[1, 20, 12] = 3
    volume = Volume(labels, GRID)
    lost, kept = reduced_labels(volume, 8).array, reduced_labels(volume, 8, keep=True).array
    assert not lost.any()
    assert kept[1, 5, 3] == 3
    assert not kept[0].any()
    assert np.count_nonzero(kept) == 1


def test_the_size_itself_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    volume = Volume(rng.integers(0, 60, GRID.shape).astype(np.int16), GRID)
    np.testing.assert_array_equal(reduced_image(volume, 32).array, volume.array)
