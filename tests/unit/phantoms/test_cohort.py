from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError, SettingsError
from deepvein.core.settings import to_dict
from deepvein.phantoms import plan
from deepvein.phantoms.annotation.annotation import RADIOLOGIST
from deepvein.phantoms.cohort import COLUMNS, write_cohort
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.phantoms.plan import case_seed
from deepvein.studies.nifti import read_nifti
from deepvein.studies.study import Modality
from unit.pickling import Pickling

TINY = PhantomSettings(
    ct=CtSettings(matrix=48, thickness_mm=40.0, planes=1, coverage="pelvis to knee")
)


def hashes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.*"))}


def test_a_cohort_is_a_table_and_a_plan_until_somebody_asks(tmp_path: Path) -> None:
    table = write_cohort(Modality.CT, 500, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.csv", "cohort.json"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 100_000
    cohort = Cohort.load(table)
    assert len(cohort) == len(cohort.patients) == 500
    assert sum(bool(case.has_dvt) for case in cohort) == pytest.approx(250, abs=2)
    assert {case.centre for case in cohort} == {"A", "B", "C"}


def test_a_cohort_loads_and_its_labels_agree_with_its_masks(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    table = write_cohort(
        Modality.CT,
        4,
        tmp_path,
        7,
        settings=TINY,
        write="nifti",
        progress=lambda *call: heard.append(call),
    )
    assert table == tmp_path / "cohort.csv"
    assert table.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert heard == [("phantoms", k, 4) for k in range(5)]
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
    write_cohort(Modality.CT, 2, whole, settings=TINY, write="nifti")
    write_cohort(Modality.CT, 1, broken, settings=TINY, write="nifti")
    kept = (broken / "ct0-0000" / "image.nii").stat().st_mtime_ns
    write_cohort(Modality.CT, 2, broken, settings=TINY, write="nifti")
    assert (broken / "ct0-0000" / "image.nii").stat().st_mtime_ns == kept
    assert hashes(whole) == hashes(broken)


def test_several_processes_make_the_same_files_as_one(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 2, tmp_path / "one", settings=TINY, write="nifti")
    write_cohort(Modality.CT, 2, tmp_path / "two", settings=TINY, workers=2, write="nifti")
    cluster = Pickling()
    write_cohort(Modality.CT, 2, tmp_path / "far", settings=TINY, workers=cluster, write="nifti")
    assert cluster.sent == 2
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two") == hashes(tmp_path / "far")


def test_half_a_case_is_made_again(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 1, tmp_path / "whole", settings=TINY, write="nifti")
    write_cohort(Modality.CT, 1, tmp_path / "killed", settings=TINY)
    left = tmp_path / "killed" / "ct0-0000"
    left.mkdir()
    (left / "image.nii").write_bytes(b"half")
    write_cohort(Modality.CT, 1, tmp_path / "killed", settings=TINY, write="nifti")
    assert hashes(tmp_path / "whole") == hashes(tmp_path / "killed")


def test_another_cohort_or_generator_is_refused_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cohort(Modality.CT, 1, tmp_path, 1, settings=TINY)
    before = hashes(tmp_path)
    with pytest.raises(CohortError, match="differs in seed"):
        write_cohort(Modality.CT, 1, tmp_path, 2, settings=TINY)
    with pytest.raises(CohortError, match="differs in annotation"):
        write_cohort(Modality.CT, 1, tmp_path, 1, settings=TINY, annotation=RADIOLOGIST)
    monkeypatch.setattr(plan, "GENERATOR", 99)
    with pytest.raises(CohortError, match="another generator .3, "):
        write_cohort(Modality.CT, 1, tmp_path, 1, settings=TINY)
    assert hashes(tmp_path) == before


def test_settings_and_seed_are_kept_beside_the_table(tmp_path: Path) -> None:
    write_cohort(
        Modality.CT,
        1,
        tmp_path,
        5,
        dvt_share=1.0,
        settings=TINY,
        write="nifti",
        annotation=RADIOLOGIST,
    )
    record = json.loads((tmp_path / "cohort.json").read_text())
    assert record["seed"] == 5
    assert record["synthetic"] is True
    assert record["generator"] == plan.GENERATOR
    assert record["settings"]["ct"]["matrix"] == 48
    assert record["annotation"] == to_dict(RADIOLOGIST)
    planted = json.loads((tmp_path / "ct5-0000" / "planted.json").read_text())
    assert planted["seed"] == case_seed(5, Modality.CT, 0)
    assert planted["thrombi"]


def test_dicom_is_added_to_a_cohort_that_has_none(tmp_path: Path) -> None:
    write_cohort(Modality.CT, 1, tmp_path, settings=TINY, write="nifti")
    write_cohort(Modality.CT, 1, tmp_path, settings=TINY, write="dicom")
    assert len(Cohort.load(tmp_path / "cohort.csv").cases) == 1
    assert (
        len(list((tmp_path / "ct0-0000" / "dicom").glob("*.dcm")))
        == read_nifti(tmp_path / "ct0-0000/thrombi.nii").grid.shape[0]
    )


def test_wrong_calls_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="dvt_share"):
        write_cohort(Modality.CT, 1, tmp_path, dvt_share=2.0)
    with pytest.raises(SettingsError, match="n must be"):
        write_cohort(Modality.CT, 0, tmp_path)
    with pytest.raises(SettingsError, match="workers"):
        write_cohort(Modality.CT, 1, tmp_path, workers=0)
    with pytest.raises(SettingsError, match="between 3 and 5"):
        write_cohort(Modality.CT, 5, tmp_path, patients=2)
    assert not (tmp_path / "cohort.json").exists()
