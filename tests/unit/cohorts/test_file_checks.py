from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.file_checks import check_files, check_presence
from deepvein.cohorts.outcomes import require_passed
from deepvein.core.errors import CohortError
from deepvein.volumes.grid import Grid
from unit.cohorts.tiny_cohort import SHAPE, SPACING, arrays, make, with_case, write


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    return make(tmp_path, n=3)


def failed(cohort: Cohort) -> dict[str, tuple[str, ...]]:
    return {each.code: each.cases for each in check_files(cohort) if not each.passed}


def test_one_image_under_two_names_is_noted(cohort: Cohort, tmp_path: Path) -> None:
    copy = shutil.copy(cohort.cases[0].image, tmp_path / "copy.nii")
    shutil.copy(cohort.cases[0].segments, tmp_path / "s.nii")
    twin = with_case(cohort, 1, image=Path(copy), segments=tmp_path / "s.nii", thrombi=None)
    assert failed(twin) == {"twins": ("case0", "case1")}
    require_passed(check_files(twin))
    assert failed(with_case(twin, 1, patient="p0")) == {}


def test_veins_given_as_thrombi_are_refused(cohort: Cohort) -> None:
    same = with_case(cohort, 0, thrombi=cohort.cases[0].segments)
    assert failed(same) == {"grids": ("case0",), "remarks": ("case0",)}
    with pytest.raises(CohortError, match="mark the very same: every vein would be a thrombus"):
        require_passed(check_files(same))


def test_a_mask_of_one_patient_copied_for_another_is_noted(cohort: Cohort, tmp_path: Path) -> None:
    image = arrays(dvt=True)[0] + 3
    grid = Grid.from_directions(SHAPE, SPACING, origin_mm=(-50.0, 10.0, 0.0))
    mask = cohort.cases[0].thrombi
    assert mask is not None
    copied = with_case(
        cohort, 2, image=write(image, grid, tmp_path / "i.nii"), segments=None,
        thrombi=Path(shutil.copy(mask, tmp_path / "t.nii")),
    )  # fmt: skip
    assert failed(copied)["twins"] == ("case0", "case2")
    said = next(check.text for check in check_files(copied) if check.code == "twins")
    assert said == "'case0', 'case2' have the same image or mask"


def test_a_mask_that_was_mended_is_read_again(cohort: Cohort, tmp_path: Path) -> None:
    mask = cohort.cases[0].thrombi
    assert mask is not None
    sound = mask.read_bytes()
    mask.write_bytes(sound[:40])
    assert "grids" in failed(cohort)
    mask.write_bytes(sound)
    assert failed(cohort) == {}
    mask.write_bytes(sound[:40])
    assert "grids" in failed(cohort)


def test_a_file_that_is_gone_is_named(cohort: Cohort, tmp_path: Path) -> None:
    assert check_presence(cohort).passed
    lost = check_presence(with_case(cohort, 1, segments=tmp_path / "lost.nii"))
    assert lost.text == "files are missing of 'case1'"
    assert lost.fatal
