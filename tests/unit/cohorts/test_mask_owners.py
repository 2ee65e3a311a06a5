from __future__ import annotations

from pathlib import Path

import pytest

from deepvein.cohorts.importing import import_folder
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, write


def two_patients(root: Path, images: tuple[str, str], masks: tuple[str, str]) -> None:
    """Two images of different places, each with its mask."""
    image, _, thrombi = arrays(dvt=True)
    for number in range(2):
        grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(0.0, 0.0, 100.0 * number))
        write(image, grid, root / images[number])
        write(thrombi, grid, root / masks[number])


@pytest.mark.parametrize(
    ("image", "mask", "guessed"),
    [
        ("p{}.nii.gz", "p{}_mask.nii.gz", False),
        ("p{}.nii.gz", "seg_p{}.nii.gz", False),
        ("p{}.nii.gz", "p{}-label.nii.gz", False),
        ("p{}.nii.gz", "p{}.thrombus.nii.gz", False),
        ("p{}.nii.gz", "drsmith_p{}_clot.nii.gz", True),
        ("Patient0{}.nii.gz", "patient_{}_mask.nii.gz", True),
        ("p{}/venous.nii.gz", "p{}/Untitled.nii.gz", False),
        ("p{}/1_venous.nii.gz", "p{}/mask_by_AB.nii.gz", True),
    ],
)
def test_masks_are_paired_by_what_people_call_them(
    tmp_path: Path, image: str, mask: str, guessed: bool
) -> None:
    images, masks = ((name.format(1), name.format(2)) for name in (image, mask))
    two_patients(tmp_path / "in", images, masks)
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.image for case in found.cohort] == [tmp_path / "in" / name for name in images]
    assert [case.thrombi for case in found.cohort] == [tmp_path / "in" / name for name in masks]
    told = [guess for guess in found.guesses if "was taken for a mask of" in guess]
    assert bool(told) is guessed
    assert found.left_out == ()


def test_masks_that_no_name_pairs_are_left_out(tmp_path: Path) -> None:
    two_patients(tmp_path / "in", ("alpha.nii", "beta.nii"), ("one_mask.nii", "two_mask.nii"))
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.thrombi for case in found.cohort] == [None, None]
    assert len(found.left_out) == 2


def test_a_mask_that_names_an_image_on_which_it_does_not_lie_is_left_out(tmp_path: Path) -> None:
    two_patients(tmp_path / "in", ("a.nii", "b.nii"), ("x_b_mask.nii", "x_a_mask.nii"))
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [case.thrombi for case in found.cohort] == [None, None]


def test_a_mask_of_images_of_one_name_goes_where_it_lies(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    near, far = (
        Grid.from_directions(SHAPE, SPACING, origin_mm=(0.0, 0.0, z)) for z in (0.0, 500.0)
    )
    write(image, near, tmp_path / "in/P1/image.nii")
    write(image, far, tmp_path / "in/P1/scan.nii")
    write(thrombi, far, tmp_path / "in/P1/thrombus.nii")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert [(case.case, case.thrombi is not None) for case in found.cohort] == [
        ("p1_1", False),
        ("p1_2", True),
    ]


def test_a_mask_that_several_images_may_have_names_them(tmp_path: Path) -> None:
    image, _, thrombi = arrays(dvt=True)
    grid = Grid.from_directions(SHAPE, SPACING)
    for number, name in enumerate(("P01_art", "P01_ven")):
        write(image + number, grid, tmp_path / "in" / "P01" / f"{name}.nii.gz")
    write(thrombi, grid, tmp_path / "in" / "P01" / "P01_thrombus.nii.gz")
    found = import_folder(tmp_path / "in", tmp_path / "out")
    assert (
        "it may belong to any of the cases 'p01_art', 'p01_ven', on which it lies"
        in found.left_out[0]
    )
