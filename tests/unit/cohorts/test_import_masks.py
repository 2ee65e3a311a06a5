from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.importing import Imported, import_folder
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.laboratory.trials.drawn_kinds import drawn_thrombi
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


def test_several_numbers_without_names_are_asked_for(tmp_path: Path) -> None:
    found = imported(tmp_path, labels=clot(ONE) + clot(TWO, 2))
    (case,) = found.cohort
    assert (case.thrombi, case.has_dvt) == (None, None)
    assert "it marks with 1, 2 and does not say what they are; say --masks" in found.left_out[0]
    asked = import_folder(tmp_path / "in", tmp_path / "asked", role="thrombi")
    np.testing.assert_array_equal(opened(asked).thrombi.array, clot(ONE) + clot(TWO, 2))


def test_labels_that_a_table_of_nnunet_names_are_told_apart(tmp_path: Path) -> None:
    vein = encode(VeinSegment.POPLITEAL, Side.LEFT)
    write(arrays(dvt=True)[0], GRID, tmp_path / "in/imagesTr/P1_0000.nii.gz")
    write(clot(ONE) + clot(TWO, 2), GRID, tmp_path / "in/labelsTr/P1.nii.gz")
    table = {"labels": {"background": 0, "left popliteal vein": 1, "thrombus": 2}}
    (tmp_path / "in/dataset.json").write_text(json.dumps(table))
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert found.left_out == ()
    np.testing.assert_array_equal(opened(found).thrombi.array, clot(TWO, 2))
    np.testing.assert_array_equal(opened(found).segments.array, clot(ONE, vein))
    table["labels"] |= {"left popliteal vein": 2, "thrombus": 1}
    (tmp_path / "in/dataset.json").write_text(json.dumps(table))
    open_case.cache_clear()
    np.testing.assert_array_equal(opened(found).thrombi.array, clot(ONE))


def test_a_mask_that_marks_nothing_is_told(tmp_path: Path) -> None:
    found = imported(tmp_path, mask=clot(ONE, 0))
    (case,) = found.cohort
    assert case.has_dvt is False
    assert "mask.nii.gz marks nothing, so case 'p1' is free of DVT" in found.guesses


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


def test_thrombi_in_folders_of_sides_are_one_mask(tmp_path: Path) -> None:
    found = imported(tmp_path, **{"left/clot": clot(ONE), "right/clot": clot(TWO)})
    assert found.left_out == ()
    np.testing.assert_array_equal(opened(found).thrombi.array, clot(ONE) + clot(TWO))


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("P1_clot_left", "P1_clot_right", 3), ("left/clot", "right/clot", 3),
     ("clot_1_left", "clot_2_right", 2), ("clot_left_1", "clot_left_2", 2)],
)  # fmt: skip
def test_thrombi_of_a_side_that_do_not_touch_are_several(
    tmp_path: Path, one: str, other: str, count: int
) -> None:
    """As in one file for both sides; a file that is numbered is a thrombus, whole or not."""
    found = imported(tmp_path, **{one: clot(ONE) + clot(slice(14, 17)), other: clot(TWO)})
    case = opened(found)
    numbered, _ = drawn_thrombi(case)
    assert len(np.unique(numbered[numbered > 0])) == count
    assert any("come a side a file" in guess for guess in found.guesses) is (count == 3)


def test_a_single_vein_is_the_one_that_its_name_says(tmp_path: Path) -> None:
    found = imported(tmp_path, popliteal_vein_left=clot(ONE))
    label = encode(VeinSegment.POPLITEAL, Side.LEFT)
    assert opened(found).vein_labels == (label,)
    assert "popliteal_vein_left.nii.gz marks the vein that its name says" in found.guesses
    assert not any("inferior vena cava" in guess for guess in found.guesses)


def test_a_vein_without_a_side_has_that_of_its_folder_or_is_told(tmp_path: Path) -> None:
    veins = {"left/popliteal_vein": clot(ONE), "femoral_vein": clot(TWO)}
    found = imported(tmp_path, **veins)
    told = [guess for guess in found.guesses if "its name says" in guess]
    assert sorted(told) == [
        "femoral_vein.nii.gz marks the vein that its name says, and as it says no side the right one",
        "popliteal_vein.nii.gz marks the vein that its name says",
    ]


def test_a_single_vein_of_no_side_may_be_both(tmp_path: Path) -> None:
    found = imported(tmp_path, femoral_veins=clot(ONE))
    assert opened(found).vein_labels == (1,)


def test_a_slice_a_file_is_one_mask_in_which_what_touches_is_one_thrombus(tmp_path: Path) -> None:
    found = imported(tmp_path, **{f"clot_{n:03}": clot(slice(n, n + 1)) for n in (4, 5, 6, 9)})
    assert opened(found).thrombus_labels == (1,)
    assert any("come a slice a file" in guess for guess in found.guesses)
    apart = imported(tmp_path / "b", **{f"clot_{n:03}": clot(slice(n, n + 1)) for n in (4, 9)})
    assert opened(apart).thrombus_labels == (1, 2)


def test_soft_edges_of_bytes_are_no_thrombi_of_their_own(tmp_path: Path) -> None:
    soft = clot(ONE, 255)
    soft[ONE, 17, 12:16], soft[ONE, 22, 12:16] = 85, 170
    found = imported(tmp_path, thrombus=soft)
    assert found.cohort.cases[0].thrombi is None
    assert "marks with 85, 170, 255: beside 255 these are the soft edges" in found.left_out[0]
    ignored = imported(tmp_path / "b", thrombus=clot(ONE) + clot(TWO, 255))
    assert "marks with 1, 255: beside 255" in ignored.left_out[0]


def test_kinds_of_thrombus_in_a_table_of_nnunet_are_thrombi(tmp_path: Path) -> None:
    write(arrays(dvt=True)[0], GRID, tmp_path / "in/imagesTr/P1_0000.nii.gz")
    write(clot(ONE) + clot(TWO, 2), GRID, tmp_path / "in/labelsTr/P1.nii.gz")
    table = {"labels": {"background": 0, "acute": 1, "chronic": 2}}
    (tmp_path / "in/dataset.json").write_text(json.dumps(table))
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert found.left_out == ()
    assert opened(found).thrombus_labels == (1, 2)
    assert opened(found).thrombus_names == ("acute", "chronic")


@pytest.mark.parametrize("number", [1, 2])
def test_one_label_of_all_veins_beside_the_thrombi_is_a_mask_of_veins(
    tmp_path: Path, number: int
) -> None:
    write(arrays(dvt=True)[0], GRID, tmp_path / "in/imagesTr/P1_0000.nii.gz")
    vein, touching = clot(ONE, number), clot(slice(5, 7), 3 - number)
    write(vein + touching, GRID, tmp_path / "in/labelsTr/P1.nii.gz")
    table = {"labels": {"background": 0, "veins": number, "thrombus": 3 - number}}
    (tmp_path / "in/dataset.json").write_text(json.dumps(table))
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert found.left_out == ()
    assert not any("marks other things" in guess for guess in found.guesses)
    np.testing.assert_array_equal(opened(found).thrombi.array > 0, touching > 0)
    # The thrombus lies in a vein, though its voxels bear another number.
    np.testing.assert_array_equal(opened(found).segments.array > 0, (vein + touching) > 0)


def test_one_kind_of_thrombus_a_file_keeps_its_kind(tmp_path: Path) -> None:
    several = clot(ONE) + clot(TWO)
    files = {"thrombus_acute": several, "thrombus_non-occlusive_chronic": clot(slice(14, 18), 9)}
    found = imported(tmp_path, **files)
    assert found.left_out == ()
    shown = opened(found)
    assert shown.thrombus_names == ("acute", "chronic partial")
    np.testing.assert_array_equal(shown.thrombi.array, several + clot(slice(14, 18), 2))


def test_one_numbered_file_a_kind_is_a_thrombus_each(tmp_path: Path) -> None:
    found = imported(tmp_path, acute_clot_1=clot(ONE), acute_clot_2=clot(TWO))
    assert opened(found).thrombus_names == ("", "")
    assert opened(found).thrombus_labels == (1, 2)
