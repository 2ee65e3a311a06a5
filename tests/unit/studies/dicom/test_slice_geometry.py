from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom.frame import Frame, Instance
from deepvein.studies.dicom.layout import PixelLayout
from deepvein.studies.dicom.slice_geometry import stack
from deepvein.volumes.grid import CORONAL
from unit.studies import making


def frames(grid, positions=None, **changes):
    layout = PixelLayout("", 0, 0, True, *grid.shape[1:], 1, 16, 16, 15, False, 1, False)
    turn = grid.directions
    if positions is None:
        positions = grid.to_world([(index, 0, 0) for index in range(grid.shape[0])])
    values = {
        "orientation": (*turn[:, 2], *turn[:, 1]),
        "spacing": grid.spacing_mm[1:],
        "thickness": grid.spacing_mm[0],
        "slope": 1.0,
        "intercept": 0.0,
        "image_type": (),
        "split": (),
        "layout": layout,
    } | changes
    return [
        Frame(instance=Instance(_path(index)), index=0, position=tuple(position), **values)
        for index, position in enumerate(positions)
    ]


def _path(index):
    return Path(f"f{index}")


@given(
    order=st.permutations(range(6)),
    name=st.sampled_from(sorted(making.ORIENTATIONS)),
    spacing=st.tuples(*[st.floats(0.3, 8)] * 3),
)
@settings(max_examples=40, deadline=None)
def test_any_order_gives_the_same_grid(order, name, spacing):
    grid = making.grid_of((6, 3, 4), spacing, directions=making.ORIENTATIONS[name])
    made = frames(grid)
    stacked = stack([made[index] for index in order], "1.2")
    assert stacked.frames == tuple(made)
    assert stacked.grid.matches(grid, 1e-6)
    assert stacked.grid.frame_of_reference == "1.2"


def test_positions_that_were_rounded_are_accepted():
    grid = making.grid_of((60, 3, 4), (1.25, 0.8, 0.8))
    positions = np.round(grid.to_world([(i, 0, 0) for i in range(60)]), 1)
    assert stack(frames(grid, positions)).grid.spacing_mm[0] == pytest.approx(1.25, abs=2e-3)


@pytest.mark.parametrize(
    ("heights", "says"),
    [
        (
            [0, 1, 2, 4, 5, 6],
            r"1 slice\(s\) are missing between f2 and f3: 2\.00 mm apart, 1\.00 mm",
        ),
        ([0, 1, 2, 7, 8, 9], r"4 slice\(s\) are missing .* export the whole series$"),
        (
            [0, 1, 2, 30, 31, 32],
            r"27 slice\(s\) are missing .* or each part of the body as its own",
        ),
        ([0, 1, 2, 2, 3, 4], r"1 slice\(s\) lie at a place that is taken, first f2 and f3"),
        ([round(1.25 * place) for place in range(20)], "rounded to whole millimetres, 1 or 2 mm"),
        ([round(2.5 * place) for place in range(20)], "rounded to whole millimetres, 2 or 3 mm"),
        ([*range(10), *range(11, 21)], "1 slice.s. are missing between f9 and f10"),
        ([0, 1, 2, 3.3, 4.3, 5.3], "not uniform: 1.30 mm between f2 and f3"),
        ([0, 1, 2, 2.8, 3.8], "not uniform: 0.80 mm"),
    ],
)
def test_irregular_distances_are_refused(heights, says):
    grid = making.grid_of((len(heights), 3, 4), (1.0, 0.8, 0.8), (0, 0, 0))
    with pytest.raises(GeometryError, match=says):
        stack(frames(grid, [(0, 0, height) for height in heights]))


@given(tilt=st.floats(0.5, 40), name=st.sampled_from(sorted(making.ORIENTATIONS)))
@settings(max_examples=20, deadline=None)
def test_a_tilted_stack_is_refused_with_its_angle(tilt, name):
    grid = making.grid_of((30, 3, 4), (2.0, 0.8, 0.8), directions=making.ORIENTATIONS[name])
    positions = grid.to_world([(i, 0, 0) for i in range(30)])
    shear = 2.0 * np.tan(np.deg2rad(tilt)) * grid.directions[:, 1]
    positions = positions + np.arange(30)[:, None] * shear
    with pytest.raises(GeometryError, match=r"by [\d.]+ degrees \(gantry tilt\)") as refused:
        stack(frames(grid, positions))
    told = float(str(refused.value).partition(" by ")[2].partition(" ")[0])
    assert told == pytest.approx(tilt, abs=0.0501)


def test_one_slice_that_sits_aside_is_found():
    grid = making.grid_of((9, 3, 4), (2.0, 0.8, 0.8))
    positions = grid.to_world([(i, 0, 0) for i in range(9)])
    positions[4, 0] += 5
    with pytest.raises(GeometryError, match=r"f4 is shifted sideways by 5\.0 mm"):
        stack(frames(grid, positions))


@pytest.mark.parametrize(
    ("key", "keyword"),
    [
        ("position", "ImagePositionPatient"),
        ("orientation", "ImageOrientationPatient"),
        ("spacing", "PixelSpacing"),
    ],
)
def test_missing_geometry_is_an_error_never_a_default(key, keyword):
    made = frames(making.grid_of())
    made[2] = replace(made[2], **{key: None})
    with pytest.raises(GeometryError, match=f"f2 has no usable {keyword}"):
        stack(made)


def test_slices_that_do_not_belong_together():
    made = frames(making.grid_of())
    turned = frames(making.grid_of(directions=making.OBLIQUE))
    with pytest.raises(GeometryError, match="f3 is turned against f0"):
        stack([*made[:3], turned[3]])
    with pytest.raises(GeometryError, match="one pixel size"):
        stack([*made[:3], replace(made[3], spacing=(0.9, 0.9))])
    larger = replace(made[3].layout, rows=9)
    with pytest.raises(GeometryError, match="different sizes"):
        stack([*made[:3], replace(made[3], layout=larger)])
    with pytest.raises(GeometryError, match="not two perpendicular unit vectors"):
        stack([replace(one, orientation=(1, 0, 0, 0.5, 0.5, 0)) for one in made])
    with pytest.raises(GeometryError, match="above 0 mm"):
        stack([replace(one, spacing=(0.0, 1.0)) for one in made])


def test_one_slice_takes_its_thickness():
    grid = making.grid_of((1, 3, 4), (5.0, 0.8, 0.8), directions=CORONAL)
    assert stack(frames(grid)).grid.matches(grid, 1e-6)
    with pytest.raises(GeometryError, match="one slice of unknown thickness"):
        stack(frames(grid, thickness=None))
