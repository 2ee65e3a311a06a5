from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.importing import Imported, import_folder
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write

GRID = Grid.from_directions(SHAPE, SPACING)
ONE, TWO, ACROSS = slice(2, 5), slice(8, 11), slice(4, 9)


def clot(part: slice, value: int = 1) -> NDArray[np.uint8]:
    array = np.zeros(SHAPE, np.uint8)
    array[part, 18:22, 12:16] = value
    return array


def imported(tmp_path: Path, **masks: NDArray[np.uint8]) -> Imported:
    write(arrays(dvt=True)[0], GRID, tmp_path / "in/P1/ct.nii")
    for name, array in masks.items():
        write(array, GRID, tmp_path / f"in/P1/{name}.nii.gz")
    return import_folder(tmp_path / "in", tmp_path / "out")


def opened(found: Imported) -> OpenCase:
    (case,) = found.cohort
    return open_case(case, found.cohort.cache)


def test_one_thrombus_a_file_becomes_one_mask_with_a_number_each(tmp_path: Path) -> None:
    found = imported(tmp_path, thrombus_1=clot(ONE), thrombus_2=clot(TWO, 7))
    (case,) = found.cohort
    assert case.has_dvt is True
    assert case.thrombi == tmp_path.resolve() / "out/masks/p1_thrombi.nii.gz"
    np.testing.assert_array_equal(opened(found).thrombi.array, clot(ONE) + clot(TWO, 2))
    assert any("thrombus_1.nii.gz, thrombus_2.nii.gz are the thrombi" in g for g in found.guesses)
    assert found.left_out == ()
    assert not list((tmp_path / "in").rglob(".*"))


def test_masks_that_are_only_numbered_are_thrombi_together(tmp_path: Path) -> None:
    found = imported(tmp_path, mask_1=clot(ONE), mask_2=clot(TWO))
    np.testing.assert_array_equal(opened(found).thrombi.array, clot(ONE) + clot(TWO, 2))


def test_an_empty_mask_adds_nothing(tmp_path: Path) -> None:
    found = imported(tmp_path, thrombus_1=clot(ONE), thrombus_2=clot(ONE, 0))
    np.testing.assert_array_equal(opened(found).thrombi.array, clot(ONE))


def test_masks_that_overlap_are_all_left_out(tmp_path: Path) -> None:
    found = imported(tmp_path, thrombus_1=clot(ONE), thrombus_2=clot(ACROSS))
    (case,) = found.cohort
    assert (case.thrombi, case.has_dvt) == (None, None)
    assert len(found.left_out) == 2
    assert all("overlap in 16 voxels" in line for line in found.left_out)


def test_a_mask_that_repeats_others_is_told(tmp_path: Path) -> None:
    both = clot(ONE) + clot(TWO)
    found = imported(tmp_path, thrombi=both, thrombus_1=clot(ONE), thrombus_2=clot(TWO))
    np.testing.assert_array_equal(opened(found).thrombi.array, clot(ONE) + clot(TWO, 2))
    (line,) = found.left_out
    assert "thrombi.nii.gz: it marks just what thrombus_1.nii.gz, thrombus_2.nii.gz" in line


def test_organs_beside_a_thrombus_are_no_thrombi(tmp_path: Path) -> None:
    (case,) = imported(tmp_path / "one", artery_seg=clot(ONE)).cohort
    assert case.thrombi is None
    masks = {"seg_liver": clot(ONE), "seg_spleen": clot(TWO)}
    (case,) = imported(tmp_path / "organs", **masks).cohort
    assert (case.thrombi, case.has_dvt) == (None, None)
    found = imported(tmp_path / "beside", **masks, seg_clot=clot(ACROSS))
    (case,) = found.cohort
    assert case.thrombi.name == "seg_clot.nii.gz"
    assert len(found.left_out) == 2
    assert all("may show something else" in line for line in found.left_out)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thrombus_JD", "thrombus_MK"), ("thrombus", "thrombus_old"), ("clot_v1", "clot_v2"),
        ("clot_reader1", "clot_reader2"), ("a/clot", "b/clot"),
    ],
)  # fmt: skip
def test_masks_of_readers_and_versions_are_not_joined(tmp_path: Path, one: str, other: str) -> None:
    found = imported(tmp_path, **{one: clot(ONE), other: clot(TWO)})
    (case,) = found.cohort
    assert (case.thrombi, case.has_dvt) == (None, None)
    assert len(found.left_out) == 2
    assert all("keep one" in line for line in found.left_out)


@pytest.mark.parametrize(
    ("one", "other"),
    [("clot_left", "clot_right"), ("thrombus_popliteal_vein_L", "thrombus_femoral_vein_L"),
     ("clot_A", "clot_B"), ("dvt_prox", "dvt_dist")],
)  # fmt: skip
def test_parts_are_told_by_numbers_sides_and_veins(tmp_path: Path, one: str, other: str) -> None:
    found = imported(tmp_path, **{one: clot(ONE), other: clot(TWO)})
    marked = opened(found).thrombi.array > 0
    np.testing.assert_array_equal(marked, (clot(ONE) + clot(TWO)) > 0)


def test_one_vein_a_file_is_told_by_the_names(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        popliteal_vein_left=clot(ONE),
        femoral_vein_right=clot(TWO),
        portal_vein=clot(slice(12, 14)),
    )
    left, right = (
        encode(VeinSegment.POPLITEAL, Side.LEFT), encode(VeinSegment.FEMORAL, Side.RIGHT),
    )  # fmt: skip
    np.testing.assert_array_equal(opened(found).segments.array, clot(ONE, left) + clot(TWO, right))
    assert any("portal_vein.nii.gz: its name is no vein" in line for line in found.left_out)


def test_vein_maps_that_differ_contradict(tmp_path: Path) -> None:
    pop, fem = encode(VeinSegment.POPLITEAL, Side.LEFT), encode(VeinSegment.FEMORAL, Side.LEFT)
    same = imported(tmp_path / "a", veins_a=clot(ONE, pop), veins_b=clot(slice(3, 8), pop))
    np.testing.assert_array_equal(opened(same).segments.array, clot(slice(2, 8), pop))
    other = imported(tmp_path / "b", veins_a=clot(ONE, pop), veins_b=clot(slice(3, 8), fem))
    assert [case.segments for case in other.cohort] == [None]
    assert len(other.left_out) == 2
