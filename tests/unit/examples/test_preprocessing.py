from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import MaskError
from deepvein.examples.normalisation import scaling
from deepvein.examples.patches import PatchExamples
from deepvein.examples.preprocessing import (
    EMPTY,
    chunk,
    chunk_starts,
    neighbours,
    network_shape,
    network_spacing,
    read_planes,
    resize,
    resize_masks,
    slice_inputs,
)
from deepvein.examples.settings import ChunkSettings, NormalisationSettings
from deepvein.examples.slices import SliceExamples
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume


@given(
    index=st.integers(0, 49),
    slices=st.sampled_from([1, 3, 5, 7]),
    spacing=st.floats(0.3, 10),
    step=st.none() | st.floats(0.5, 6),
)
def test_neighbours_are_even_and_centred(
    index: int, slices: int, spacing: float, step: float | None
) -> None:
    found = neighbours(index, 50, PatchExamples(slices=slices, slice_step_mm=step), spacing)
    assert len(found) == slices
    assert found[slices // 2] == index
    stride = 1 if step is None else max(1, round(step / spacing))
    for place, neighbour in enumerate(found):
        wanted = index + (place - slices // 2) * stride
        assert neighbour == (wanted if 0 <= wanted < 50 else EMPTY)


def test_thin_slices_show_the_same_depth_as_thick_ones() -> None:
    settings = PatchExamples(slices=3, slice_step_mm=3.0)
    assert neighbours(20, 50, settings, 3.0) == [19, 20, 21]
    assert neighbours(20, 50, settings, 1.0) == [17, 20, 23]
    assert neighbours(20, 50, settings, 5.0) == [19, 20, 21]


def test_segmentation_chunks_cover_every_slice_once() -> None:
    settings = ChunkSettings(8, 8, "all")
    found = [chunk(start, 21, settings) for start in chunk_starts(21, settings)]
    assert [len(each) for each in found] == [8, 8, 8]
    assert [n for each in found for n in each if n != EMPTY] == list(range(21))
    assert found[-1] == [16, 17, 18, 19, 20, EMPTY, EMPTY, EMPTY]


@given(st.integers(1, 40))
def test_every_slice_is_the_centre_of_a_chunk(slices: int) -> None:
    settings = ChunkSettings(11, 1, "centre")
    found = [chunk(start, slices, settings) for start in chunk_starts(slices, settings)]
    assert [each[5] for each in found] == list(range(slices))
    assert found[0][:5] == [EMPTY] * 5
    assert found[-1][6:] == [EMPTY] * 5


def test_the_network_sees_native_size_within_tolerance() -> None:
    grid = Grid.from_directions((4, 100, 200), (3.0, 0.7, 1.0))
    near = PatchExamples(spacing_mm=0.75, spacing_tolerance=0.1)
    assert network_spacing(grid, near) == (0.7, 0.75)
    assert network_shape(grid, near) == (100, 267)
    assert network_shape(grid, PatchExamples()) == (100, 200)
    fixed = SliceExamples(size=(50, 50))
    assert network_shape(grid, fixed) == (50, 50)
    assert network_spacing(grid, fixed) == pytest.approx((1.4, 4.0))


ARRAY = np.arange(2 * 5 * 6, dtype=np.int16).reshape(2, 5, 6)


@given(st.integers(-8, 8), st.integers(-8, 8), st.integers(1, 9), st.integers(1, 9))
def test_windows_are_those_of_a_padded_image(top: int, left: int, rows: int, columns: int) -> None:
    padded = np.pad(ARRAY, ((0, 0), (8, 20), (8, 20)), constant_values=-7)
    found = read_planes(ARRAY, [1, EMPTY, 0], -7, (top, left, rows, columns))
    window = padded[:, top + 8 : top + 8 + rows, left + 8 : left + 8 + columns]
    np.testing.assert_array_equal(found[0], window[1])
    assert (found[1] == -7).all()
    np.testing.assert_array_equal(found[2], window[0])


def test_planes_come_in_the_byte_order_that_torch_takes(tmp_path: Path) -> None:
    foreign = ARRAY.astype(ARRAY.dtype.newbyteorder())[::-1, :, ::-1]
    found = torch.from_numpy(read_planes(foreign, [0], 0))
    np.testing.assert_array_equal(found[0], ARRAY[1, :, ::-1])


def test_resizing_keeps_what_it_can() -> None:
    image = torch.rand(1, 2, 12, 16)
    assert resize(image, (12, 16)) is image
    assert torch.allclose(resize(torch.full((1, 1, 12, 16), 3.0), (5, 9)), torch.tensor(3.0))
    halves = torch.zeros(1, 1, 8, 8)
    halves[..., :4] = 1
    assert torch.equal(resize_masks(halves, (4, 4))[0, 0, 0], torch.tensor([1.0, 1.0, 0.0, 0.0]))


def test_slice_inputs_are_normalised_neighbours() -> None:
    array = np.arange(4 * 6 * 8, dtype=np.int16).reshape(4, 6, 8)
    volume = Volume(array, Grid.from_directions(array.shape, (1, 1, 1)))
    settings = PatchExamples(
        slices=3, normalisation=NormalisationSettings("window", 0, 200, background=0)
    )
    scale = scaling(volume, settings.normalisation)
    found = slice_inputs(volume, [0, 2], settings, scale)
    assert found.shape == (2, 3, 6, 8)
    assert (found[0, 0] == -1).all()
    np.testing.assert_allclose(found[1], array[1:4] / 100 - 1, rtol=1e-6)
    part = slice_inputs(volume, [2], settings, scale, window=(1, -2, 4, 5))
    np.testing.assert_array_equal(part[0, :, :, 2:], found[1][:, 1:5, :3])
    assert (part[0, :, :, :2] == -1).all()


def test_a_vein_channel_needs_veins() -> None:
    volume = Volume(ARRAY, Grid.from_directions(ARRAY.shape, (1, 1, 1)))
    settings = SliceExamples(vein_channel=True, size=(5, 6))
    scale = scaling(volume, settings.normalisation)
    veins = (ARRAY % 2).astype(np.uint8)
    found = slice_inputs(volume, [1], settings, scale, veins=veins)
    np.testing.assert_array_equal(found[0, 1], veins[1])
    with pytest.raises(MaskError, match="vein"):
        slice_inputs(volume, [1], settings, scale)
