"""One small thrombus of which every number is worked out on paper.

The grid has axial slices 5 mm apart from z = 100 mm and pixels of 2 mm; voxel (s, r, c) has its centre at
x = 2c - 39, y = 2r - 9, z = 5s + 100. One leg, so that the header's laterality names the side.

The vein is the square of rows 4-6 and columns 20-22 (9 pixels) on all 8 slices. The thrombus:

    slice 2      slice 3      slice 4
    . # .        # # .        . . .
    . # .        # # .        . # .
    . . .        # # .        . . .

that is 2 + 6 + 1 = 9 voxels of 5 * 2 * 2 = 20 mm³.
"""

from pathlib import Path

import numpy as np
import pytest

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.findings.detection import DetectionSettings, find
from deepvein.findings.finding import Occlusion
from deepvein.inference.prediction import Prediction, Profile
from deepvein.studies.study import Format, Identity, Modality, Origin, Study
from deepvein.veins.tree import vein_tree
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

THROMBUS = [
    (2, 4, 21), (2, 5, 21),
    (3, 4, 20), (3, 4, 21), (3, 5, 20), (3, 5, 21), (3, 6, 20), (3, 6, 21),
    (4, 5, 21),
]  # fmt: skip


@pytest.fixture(scope="module")
def finding():
    grid = Grid.from_directions((8, 10, 40), (5.0, 2.0, 2.0), (-39.0, -9.0, 100.0))
    vein = np.zeros(grid.shape, np.uint8)
    vein[:, 4:7, 20:23] = 255
    thrombus = np.zeros(grid.shape, np.uint8)
    image = np.full(grid.shape, 120, np.int16)
    for number, voxel in enumerate(THROMBUS):
        thrombus[voxel] = 204  # 0.8
        image[voxel] = 40 + number  # 40 ... 48, mean 44
    # Territories on 20 mm voxels: below z = 117.5 popliteal, above it femoral.
    territories = np.zeros((2, 1, 4), np.uint8)
    territories[0], territories[1] = VeinSegment.POPLITEAL, VeinSegment.FEMORAL
    coarse = Grid.from_directions((2, 1, 4), (20.0, 20.0, 20.0), (-30.0, 0.0, 107.5))
    prediction = Prediction(
        grid=grid,
        vein_probability=vein,
        thrombus_probability=thrombus,
        territories=Volume(territories, coarse),
        profile=Profile(np.zeros(0), np.zeros(0, np.float32)),
        models=(),
        device="cpu",
        seconds=0.0,
    )
    study = Study(
        "by hand",
        Modality.CT,
        Volume(image, grid),
        Identity(study_uid="1.2.840.1"),
        Origin(Path("by hand"), Format.NIFTI, ()),
        laterality=Side.LEFT,
    )
    tree = vein_tree(prediction, study)
    (found,) = find(prediction, study, tree, DetectionSettings(smallest_ml=0.1))
    return found


def test_volume_and_reach(finding):
    assert finding.volume_ml == pytest.approx(9 * 20 / 1000)
    # Slices 2 to 4 have their centres at 110 and 120 mm and are 5 mm thick.
    assert (finding.start_mm, finding.end_mm) == (107.5, 122.5)
    assert finding.extent_mm == 15


def test_segments(finding):
    """Slices 2 and 3 (z 110 and 115) are popliteal: 8 voxels, 10 mm; slice 4 (z 120) femoral: 1, 5 mm."""
    assert [(s.segment, s.volume_ml, s.extent_mm) for s in finding.segments] == [
        (VeinSegment.POPLITEAL, pytest.approx(0.16), pytest.approx(10)),
        (VeinSegment.FEMORAL, pytest.approx(0.02), pytest.approx(5)),
    ]
    assert finding.level is Level.PROXIMAL
    assert finding.place == "left popliteal and femoral veins"


def test_diameter(finding):
    """Slice 3 is 3 x 2 pixels of 2 mm. Between edge midpoints the longest line goes from the top edge of
    one corner pixel to the bottom edge of the opposite one: 6 mm down and 2 mm across."""
    assert finding.diameter_mm == pytest.approx(np.sqrt(36 + 4))


def test_occlusion(finding):
    """Of 9 pixels of vein 2, 6 and 1 are thrombus: (2 + 6 + 1) / 27."""
    assert finding.occluded_fraction == pytest.approx(1 / 3)
    assert finding.occlusion is Occlusion.PARTIAL


def test_probability_and_signal(finding):
    assert finding.probability == pytest.approx(0.8)
    assert finding.mean_intensity == pytest.approx(44)


def test_key_slice(finding):
    """Slice 3 holds most; its centre lies at row 5, column 20.5, and (5, 20) comes first of the nearest."""
    assert finding.key_slice == 3
    assert finding.key_point_mm == pytest.approx((1, 1, 115))
