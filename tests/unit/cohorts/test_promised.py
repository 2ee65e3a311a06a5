from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.checks import check
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.fingerprint import fingerprint
from deepvein.cohorts.foldercache import FolderCache
from deepvein.cohorts.moments import case_moments
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.outcomes import require_passed
from deepvein.cohorts.promised import is_available, present, promise_of
from deepvein.cohorts.splits import Shares, random_split
from deepvein.core.errors import CohortError, UnknownNameError
from deepvein.phantoms import plan as planning
from deepvein.phantoms.cohort import write_cohort
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.phantom import PhantomSettings
from deepvein.studies.nifti import read_nifti
from deepvein.studies.study import Modality
from unit.cohorts.tiny_cohort import make

TINY = PhantomSettings(
    ct=CtSettings(matrix=48, thickness_mm=40.0, planes=1, coverage="pelvis to knee")
)


@pytest.fixture
def lazy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cohort:
    """Two CT phantoms, one with DVT, whose files nobody has asked for."""
    monkeypatch.setenv("DEEPVEIN_CACHE", str(tmp_path / "cache"))
    write_cohort(Modality.CT, 2, tmp_path / "lazy", 8, settings=TINY)
    return Cohort.load(tmp_path / "lazy")


def test_opening_a_case_makes_the_files_that_writing_would(lazy: Cohort, tmp_path: Path) -> None:
    write_cohort(Modality.CT, 2, tmp_path / "written", 8, settings=TINY, write="nifti")
    written = Cohort.load(tmp_path / "written")
    for promised, case in zip(lazy, written, strict=True):
        one, two = open_case(promised, lazy.cache), open_case(case, written.cache)
        assert isinstance(one.image.array, np.memmap)
        for name in ("image", "segments", "thrombi"):
            found, wanted = getattr(one, name), getattr(two, name)
            np.testing.assert_array_equal(found.array, wanted.array)
            assert found.grid.matches(wanted.grid)
        assert one.case == promised
        assert one.files.image.is_relative_to(tmp_path / "cache")
    assert not (lazy.root / "ct8-0000").exists()


def test_all_that_reads_cases_reads_promised_ones(lazy: Cohort) -> None:
    require_passed(check(lazy))
    assert {outcome.code: outcome.passed for outcome in check(lazy)}["labels"]
    assert case_moments(lazy.cases[0], lazy.cache).count > 0


def test_files_are_made_once_and_again_after_they_were_removed(
    lazy: Cohort, tmp_path: Path
) -> None:
    cache = FolderCache(tmp_path / "own", 10**9)
    first = present(lazy.cases[0], cache)
    time = first.image.stat().st_mtime_ns
    assert present(lazy.cases[0], cache) == first
    assert first.image.stat().st_mtime_ns == time
    pixels = first.image.read_bytes()
    os.utime(first.image.parent, (1_000_000, 1_000_000))
    FolderCache(cache.root, 0).trim()
    assert not first.image.exists()
    assert present(lazy.cases[0], cache) == first
    assert first.image.read_bytes() == pixels


def test_an_open_case_finds_its_files_after_they_were_removed(lazy: Cohort) -> None:
    opened = open_case(lazy.cases[0], lazy.cache)
    shutil.rmtree(opened.files.image.parent)
    assert opened.files.image.exists()
    assert opened.image.array.shape == read_nifti(opened.files.image).array.shape


def test_a_table_elsewhere_still_finds_the_plan(lazy: Cohort, tmp_path: Path) -> None:
    table = random_split(lazy, 0, Shares(0.5, 0.5, 0)).save(tmp_path / "elsewhere" / "split.csv")
    again = Cohort.load(table)
    assert {case.split for case in again} == {"train", "validation"}
    assert open_case(again.cases[0], again.cache).image.array.any()


def test_the_fingerprint_stays_when_files_come_and_go(lazy: Cohort, tmp_path: Path) -> None:
    case, other = lazy.cases
    before = fingerprint(case.image)
    open_case(case, lazy.cache)
    assert fingerprint(case.image) == before
    assert len({before, fingerprint(case.segments), fingerprint(other.image)}) == 3


def test_files_that_are_there_are_used_and_others_are_missing(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=1)
    case = cohort.cases[0]
    assert present(case) is case
    nowhere = case.image.with_name("other.nii")
    assert promise_of(case.image) is None
    assert promise_of(nowhere) is None
    assert not is_available(nowhere)
    assert not is_available(Path("a.nii"))
    (tmp_path / "cohort.json").write_text(json.dumps({"synthetic": True}))
    assert not is_available(nowhere)


def test_plans_that_cannot_be_followed_say_why(
    lazy: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = replace(lazy.cases[0], image=lazy.root / "ct8-0009" / "image.nii")
    with pytest.raises(CohortError, match="no case 'ct8-0009'"):
        present(stranger)
    planning._load.cache_clear()
    monkeypatch.setattr(planning, "GENERATOR", 99)
    with pytest.raises(CohortError, match="another generator"):
        present(lazy.cases[0])
    plan = lazy.root / "cohort.json"
    plan.write_text(json.dumps({"maker": "angel"}))
    with pytest.raises(UnknownNameError, match="known: phantom"):
        present(lazy.cases[0])
    plan.write_text("{")
    with pytest.raises(CohortError, match="damaged"):
        Cohort.load(lazy.root)
