from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.studies.study import Modality
from deepvein.veins.side import LEFT, RIGHT, UNSIDED, majority, midline, otsu
from deepvein.volumes.volume import Volume
from unit.findings.legs import Legs, axial, coronal

GRID = axial()


@pytest.mark.parametrize("centre_mm", [-30.0, 0.0, 30.0])
@pytest.mark.parametrize("modality", list(Modality))
def test_the_midline_is_found_between_the_legs_and_through_the_pelvis(centre_mm, modality):
    grid = GRID if modality is Modality.CT else coronal()
    middle = midline(Legs(centre_mm=centre_mm).study(grid, modality))
    assert middle.only is None
    assert np.diff(middle.positions_mm).min() > 0
    assert np.abs(middle.x_mm - centre_mm).max() <= 6


def test_a_swollen_leg_does_not_move_the_midline_into_itself():
    study = Legs().study(GRID)
    z, y, x = np.meshgrid(
        GRID.body_positions_mm(), np.arange(-118, 120, 4), np.arange(-238, 240, 4), indexing="ij"
    )
    study.volume.array[(z < 480) & ((x - 115) ** 2 + y**2 < 105**2)] = 50
    middle = midline(study)
    points = np.array([(95.0, 0, 300), (-95.0, 0, 300), (20.0, 0, 300), (-25.0, 0, 300)])
    assert middle.sides(points).tolist() == [LEFT, RIGHT, LEFT, RIGHT]


def test_a_leaning_body_keeps_its_sides():
    grid = axial()
    turn = np.deg2rad(8)
    rotation = np.array(
        [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    )
    affine = grid.affine.copy()
    affine[:3] = rotation @ affine[:3]
    study = Legs().study(grid)
    leaning = replace(study, volume=Volume(study.volume.array, replace(grid, affine=affine)))
    middle = midline(leaning)
    for z in (50.0, 300.0, 450.0):
        points = np.array([(95.0, 0, z), (-95.0, 0, z)]) @ rotation.T
        assert middle.sides(points).tolist() == [LEFT, RIGHT]


@pytest.mark.parametrize(("right", "left"), [(True, False), (False, True)])
def test_a_single_leg_is_told_by_the_header_alone(right: bool, left: bool):
    study = Legs(right=right, left=left).study(GRID)
    assert midline(study).only is Side.UNKNOWN
    assert midline(study).sides(np.zeros((2, 3))).tolist() == [UNSIDED] * 2
    assert midline(replace(study, laterality=Side.LEFT)).sides(np.zeros((1, 3))).tolist() == [LEFT]


def test_a_leg_that_ends_early_leaves_the_other_on_its_side():
    study = Legs().study(GRID)
    study.volume.array[:30, :, :60] = -1000
    middle = midline(study)
    assert middle.sides(np.array([(95.0, 0, 100), (95.0, 0, 500)])).tolist() == [LEFT, LEFT]


def test_an_empty_image_has_no_sides():
    study = Legs(right=False, left=False).study(GRID)
    assert midline(study).only is Side.UNKNOWN


def test_majority():
    assert majority(np.array([LEFT, LEFT, RIGHT], np.int8)) is Side.LEFT
    assert majority(np.array([RIGHT], np.int8)) is Side.RIGHT
    assert majority(np.array([UNSIDED], np.int8)) is Side.UNKNOWN
    assert majority(np.zeros(0, np.int8)) is Side.UNKNOWN


def test_otsu_lies_halfway_between_two_clusters_and_takes_a_constant():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(10, 1, 500), rng.normal(90, 1, 200)]).astype(np.float32)
    assert otsu(values) == pytest.approx(50, abs=5)
    assert otsu(np.full(9, 3, np.float32)) == pytest.approx(3, abs=0.6)


@pytest.mark.parametrize("grid", [GRID, axial(bottom_mm=480)])
@pytest.mark.parametrize("modality", list(Modality))
@pytest.mark.parametrize("named", [Side.LEFT, Side.RIGHT])
def test_two_legs_that_are_seen_outweigh_a_header_that_names_one(grid, modality, named: Side):
    middle = midline(replace(Legs().study(grid, modality), laterality=named))
    assert middle.only is None
    points = np.array([(95.0, 0, 550), (-95.0, 0, 550)])
    assert middle.sides(points).tolist() == [LEFT, RIGHT]


def test_a_leg_on_a_wide_table_is_one_leg_where_the_headers_say_so():
    study = Legs(right=False).study(GRID)
    study.volume.array[:, 48:55, 4:116] = 0
    middle = midline(replace(study, laterality=Side.LEFT))
    assert middle.only is Side.LEFT


def test_a_pelvis_cut_off_in_the_middle_has_no_midline_of_its_own():
    """A field of view of the left leg with the left half of the pelvis."""
    whole = Legs().study(GRID).volume
    cut = Volume(whole.array[:, :, 60:], whole.grid.crop((0, 0, 60), whole.grid.shape))
    study = replace(Legs().study(GRID), volume=cut)
    assert midline(study).only is Side.UNKNOWN
    assert midline(replace(study, laterality=Side.LEFT)).only is Side.LEFT


def test_a_lone_leg_says_where_it_lies():
    assert midline(Legs(right=False).study(GRID)).leg_x_mm == pytest.approx(95, abs=4)
    assert midline(Legs(right=False, left=False).study(GRID)).leg_x_mm is None
    assert midline(Legs().study(GRID)).leg_x_mm is None
