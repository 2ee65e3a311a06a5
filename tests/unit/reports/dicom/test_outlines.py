from pathlib import Path

import numpy as np
import pytest

from deepvein.reports.dicom.outlines import Box, key_frames, label_box, marked, outlines
from deepvein.volumes.polygon import fill
from unit.reports.dicom.test_seg import from_series
from unit.reports.series import ORIENTATIONS


def area(line: np.ndarray) -> float:
    x, y = line.T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


def test_a_square_is_outlined_half_a_pixel_outside_its_centres() -> None:
    mask = np.zeros((6, 8), dtype=np.uint8)
    mask[2:4, 3:6] = 1
    (line,) = outlines(mask)
    assert (line[0] == line[-1]).all()
    # Columns 3 to 5 and rows 2 to 3 reach from 3 to 6 and from 2 to 4.
    assert line.min(axis=0).tolist() == [3, 2]
    assert line.max(axis=0).tolist() == [6, 4]
    # The corners of marching squares are cut by an eighth of a pixel each.
    assert area(line) == pytest.approx(6 - 4 / 8)


def test_pieces_holes_and_edges_have_closed_lines() -> None:
    mask = np.zeros((9, 9), dtype=np.uint8)
    mask[0:5, 0:5] = 1
    mask[2, 2] = 0
    mask[7, 7] = 2
    lines = outlines(mask)
    assert len(lines) == 3
    for line in lines:
        assert (line[0] == line[-1]).all()
        assert line.min() >= 0
        assert line.max() <= 9
    assert outlines(np.zeros((3, 3), dtype=np.uint8)) == ()


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_outlines_surround_the_finding_on_its_key_frame_in_every_orientation(
    name: str, tmp_path: Path
) -> None:
    result = from_series(tmp_path, name)
    (one,) = marked(result)
    (finding,) = result.findings
    grid = result.study.volume.grid
    frame = key_frames(result)[1]
    assert frame is one.frame
    assert frame.instance_number == finding.key_slice + 1
    on_slice = finding.indices[finding.indices[:, 0] == finding.key_slice]
    voxels = frame.grid.to_index(grid.to_world(on_slice))
    assert np.abs(voxels[:, 0]).max() < 0.01
    # Every voxel's centre lies within the outline, and no more pixels do.
    shape = (frame.rows, frame.columns)
    within = sum(fill(line[:, ::-1] - 0.5, shape).astype(int) for line in one.outlines)
    expected = np.zeros(shape, dtype=int)
    rows, columns = np.rint(voxels[:, 1:]).astype(int).T
    expected[rows, columns] = 1
    assert (within == expected).all()
    left, top, right, bottom = one.box
    assert left <= one.point[0] <= right
    assert top <= one.point[1] <= bottom


def apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_labels_stay_in_the_image_and_off_one_another(tmp_path: Path) -> None:
    frame = key_frames(from_series(tmp_path))[1]
    wide, high = frame.columns, frame.rows
    around = (wide * 0.4, high * 0.4, wide * 0.5, high * 0.5)
    taken = [around]
    for _ in range(6):
        box = label_box(around, taken, frame)
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= wide
        assert box[3] <= high
        assert all(apart(box, other) for other in taken)
        taken.append(box)
    # Above first, and below where there is no room above.
    assert taken[1][3] < around[1]
    edge = label_box((0, 0, 3, 1), [], frame)
    assert edge[1] > 1
    full = label_box(around, [(0, 0, wide, high)], frame)
    assert full[3] <= high
