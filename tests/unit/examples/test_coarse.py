from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.examples.coarse import coarse_input, coarse_segments, territories
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.resample import cover
from deepvein.volumes.volume import Volume


def test_ct_is_windowed_on_an_axial_grid() -> None:
    array = np.full((30, 20, 40), -1024, np.int16)
    array[:, 5:15, 10:30] = 100
    array[:, 0:2, 0:2] = 2000
    volume = Volume(array, Grid.from_directions(array.shape, (2, 1.0, 1.0)))
    found, grid = coarse_input(volume, Modality.CT, 5.0)
    assert found.dtype == np.float32
    assert found.shape == grid.shape == (12, 4, 8)
    assert grid.spacing_mm == (5.0, 5.0, 5.0)
    assert (found.min(), found.max()) == (-1, pytest.approx(0.0))
    np.testing.assert_allclose(found[:, 1:3, 2:6], 0, atol=1e-6)


@settings(max_examples=10)
@given(st.floats(0.1, 50), st.floats(-100, 100))
def test_mr_knows_no_unit(gain: float, offset: float) -> None:
    signal = np.random.default_rng(0).gamma(2, 100, (20, 24, 28)).astype(np.float32)
    grid = Grid.from_directions(signal.shape, (3, 3, 3), directions=CORONAL)
    plain, _ = coarse_input(Volume(signal, grid), Modality.MR)
    changed, _ = coarse_input(
        Volume(signal * np.float32(gain) + np.float32(offset), grid), Modality.MR
    )
    np.testing.assert_allclose(plain, changed, atol=1e-2)
    assert (plain.min(), plain.max()) == (-1, pytest.approx(1))


def test_an_image_without_contrast_is_empty() -> None:
    flat = Volume(np.full((8, 8, 8), 5, np.int16), Grid.from_directions((8, 8, 8), (5, 5, 5)))
    assert (coarse_input(flat, Modality.MR)[0] == -1).all()


@pytest.mark.parametrize("directions", [None, CORONAL])
def test_thin_veins_survive_where_they_are(directions: np.ndarray | None) -> None:
    labels = np.zeros((40, 50, 60), np.uint8)
    fine = Grid.from_directions(labels.shape, (1, 1, 1), (-7, 30, 200), directions)
    coarse = cover(fine, 5.0)
    voxel = (21, 33, 44)
    labels[voxel] = encode(VeinSegment.PERONEAL, Side.LEFT)
    labels[3, 3, 3] = encode(VeinSegment.GREAT_SAPHENOUS, Side.LEFT)
    found = coarse_segments(Volume(labels, fine), coarse)
    places = np.argwhere(found)
    assert found[tuple(places.T)].tolist() == [VeinSegment.PERONEAL]
    distance = np.abs(coarse.to_world(places) - fine.to_world([voxel])).max()
    assert distance <= 2.5 + 1e-9


def test_the_most_frequent_segment_names_a_voxel() -> None:
    labels = np.zeros((5, 5, 5), np.uint8)
    labels[0, 0, :3] = VeinSegment.FEMORAL
    labels[0, 1, :2] = VeinSegment.POPLITEAL
    fine = Grid.from_directions(labels.shape, (1, 1, 1))
    assert coarse_segments(Volume(labels, fine), cover(fine, 5.0)).tolist() == [[[7]]]
    labels[0, 1, 2] = VeinSegment.POPLITEAL
    assert coarse_segments(Volume(labels, fine), cover(fine, 5.0)).tolist() == [[[7]]]
    labels[0, 1, 3] = VeinSegment.POPLITEAL
    assert coarse_segments(Volume(labels, fine), cover(fine, 5.0)).tolist() == [[[8]]]


def test_territories_are_the_nearest_veins_within_reach() -> None:
    random = np.random.default_rng(3)
    segments = np.zeros((12, 14, 16), np.uint8)
    for _ in range(6):
        segments[tuple(random.integers(0, segments.shape))] = random.integers(1, 14)
    found = territories(segments, 5.0, 20.0)
    veins = np.argwhere(segments)
    for voxel in np.ndindex(segments.shape):
        gaps = np.linalg.norm((veins - voxel) * 5.0, axis=1)
        nearest = {segments[tuple(v)] for v in veins[gaps <= gaps.min() + 1e-9]}
        assert found[voxel] in (nearest if gaps.min() <= 20.0 else {0})
    assert not territories(np.zeros_like(segments), 5.0, 20.0).any()
