from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError, SettingsError
from deepvein.phantoms.cohort import COLUMNS, case_seed, write_cohort
from deepvein.phantoms.ct import CtSettings
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.studies.nifti import read_nifti
from deepvein.studies.study import Modality

TINY = PhantomSettings(
    ct=CtSettings(matrix=48, thickness_mm=40.0, planes=1, coverage="pelvis to knee")
)


def hashes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.*"))}


def test_a_cohort_loads_and_its_labels_agree_with_its_masks(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    table = write_cohort(
        Modality.CT, 4, tmp_path, 7, settings=TINY, progress=lambda *call: heard.append(call)
    )
    assert table == tmp_path / "cohort.csv"
    assert table.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert heard == [("phantoms", k, 4) for k in (1, 2, 3, 4)]
    cases = Cohort.load(table).cases
    assert len(cases) == 4
    assert 1 <= sum(bool(case.has_dvt) for case in cases) <= 3
    for case in cases:
        assert case.thrombi is not None
        thrombi = read_nifti(case.thrombi)
        assert bool(thrombi.array.any()) is case.has_dvt
        assert thrombi.grid.matches(read_nifti(case.image).grid)


def test_an_interrupted_cohort_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    write_cohort(Modality.CT, 2, whole, settings=TINY)
    write_cohort(Modality.CT, 1, broken, settings=TINY)
    kept = (broken / "ct0-0000" / "image.nii").stat().st_mtime_ns
    write_cohort(Modality.CT, 2, broken, settings=TINY)
    assert (broken / "ct0-0000" / "image.nii").stat().st_mtime_ns == kept
    assert hashes(whole) == hashes(broken)


def test_several_processes_make_the_same_files_as_one(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 2, tmp_path / "one", settings=TINY)
    write_cohort(Modality.CT, 2, tmp_path / "two", settings=TINY, workers=2)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_a_folder_with_another_cohort_is_refused_and_left_alone(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 1, tmp_path, 1, settings=TINY)
    before = hashes(tmp_path)
    with pytest.raises(CohortError, match="seed"):
        write_cohort(Modality.CT, 1, tmp_path, 2, settings=TINY)
    assert hashes(tmp_path) == before


def test_settings_and_seed_are_kept_beside_the_table(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 1, tmp_path, 5, dvt_share=1.0, settings=TINY)
    record = json.loads((tmp_path / "cohort.json").read_text())
    assert record["seed"] == 5
    assert record["settings"]["ct"]["matrix"] == 48
    planted = json.loads((tmp_path / "ct5-0000" / "planted.json").read_text())
    assert planted["seed"] == case_seed(5, Modality.CT, 0)
    assert planted["thrombi"]


def test_dicom_cohorts_hold_a_study_folder_a_case(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 1, tmp_path, settings=TINY, write="dicom")
    assert len(Cohort.load(tmp_path / "cohort.csv").cases) == 1
    assert (
        len(list((tmp_path / "ct0-0000" / "dicom").glob("*.dcm")))
        == read_nifti(tmp_path / "ct0-0000/thrombi.nii").grid.shape[0]
    )


def test_the_share_of_disease_is_kept_after_any_number_of_cases() -> None:
    from deepvein.phantoms.cohort import _diseased

    for share in (0.0, 0.3, 0.5, 1.0):
        drawn = np.cumsum(_diseased(3, Modality.CT, 101, share))
        assert np.abs(drawn - share * np.arange(1, 102)).max() <= 2


def test_wrong_calls_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="dvt_share"):
        write_cohort(Modality.CT, 1, tmp_path, dvt_share=2.0)
    with pytest.raises(SettingsError, match="n and workers"):
        write_cohort(Modality.CT, 0, tmp_path)
    assert not (tmp_path / "cohort.json").exists()
