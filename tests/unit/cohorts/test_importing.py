from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.importing import from_folders, from_nnunet
from deepvein.core.errors import CohortError
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make


def test_case_folders_become_a_cohort(tmp_path: Path) -> None:
    made = make(tmp_path, n=3, suffix=".nii.gz")
    made.cases[1].segments.unlink()
    made.cases[2].thrombi.unlink()
    found = from_folders(tmp_path, Modality.CT, patient=lambda name: f"patient of {name}")
    assert [case.case for case in found] == ["case0", "case1", "case2"]
    assert [case.has_dvt for case in found] == [True, False, None]
    assert found.cases[1].segments is None
    assert found.cases[0].patient == "patient of case0"
    found.save()
    assert Cohort.load(tmp_path) == found


def test_nnunet_folders_become_a_cohort(tmp_path: Path) -> None:
    made = make(tmp_path / "made", n=2, suffix=".nii.gz")
    root = tmp_path / "Dataset001_Legs"
    for name in ("imagesTr", "labelsTr"):
        (root / name).mkdir(parents=True)
    for case in made:
        shutil.copy(case.image, root / "imagesTr" / f"{case.case}_0000.nii.gz")
        shutil.copy(case.thrombi, root / "labelsTr" / f"{case.case}.nii.gz")
    found = from_nnunet(root, Modality.MR)
    assert [(case.case, case.has_dvt) for case in found] == [("case0", True), ("case1", False)]
    veins = from_nnunet(root, Modality.MR, labels="segments")
    assert all(case.segments and case.thrombi is None for case in veins)


def test_patterns_that_find_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="matches"):
        from_folders(tmp_path, Modality.CT)
    for pattern in ("image.nii", "*/*.nii", "case?/*.nii"):
        with pytest.raises(CohortError, match=r"one \*"):
            from_folders(tmp_path, Modality.CT, image=pattern)
