"""Batches whose results go to fsspec's memory; what a model says is replaced."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from deepvein.core.errors import OutputError, UsageError
from deepvein.core.store import Store
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports.manifest import MANIFEST, manifest_from
from deepvein.reports.writing import ARRIVING
from deepvein.screening import batch
from deepvein.screening.batch import screen_many
from deepvein.screening.bundle import BundleFolder
from deepvein.screening.stored_results import StoredResults
from deepvein.screening.summary import SummaryRow
from deepvein.studies.study import Study
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, write_series

Run = Callable[..., list[str]]


def study(folder: Path, patient: str) -> Path:
    for path in write_series(screening(grid=orientation_grid("axial")).study.volume, folder):
        data = dcmread(path)
        data.PatientID, data.StudyInstanceUID = patient, f"1.2.3.{sum(map(ord, patient))}"
        data.save_as(path)
    return folder


@pytest.fixture
def store() -> Store:
    return Store(f"memory://{uuid.uuid4().hex}/results")


@pytest.fixture
def run(
    tmp_path: Path, store: Store, tiny_bundle: BundleFolder, monkeypatch: pytest.MonkeyPatch
) -> Run:
    def screen(study: Study, **_: object) -> Screening:
        said = screening(verdict=Verdict.NOT_SUSPECTED, grid=study.volume.grid)
        prediction = dataclasses.replace(said.prediction, models=())
        return dataclasses.replace(said, study=study, prediction=prediction)

    monkeypatch.setattr(batch, "screen", screen)

    def run(**options: Any) -> list[str]:
        """The state of each row, by name of the study."""
        options = {"reports": ("json",), "models": tiny_bundle, **options}
        rows = screen_many([tmp_path / "in"], store.url, **options).rows
        return [f"{row.study} {row.status}" for row in sorted(rows, key=lambda row: row.source)]

    return run


def summary(store: Store) -> list[dict[str, Any]]:
    told = store.read("summary.json")
    assert told is not None
    rows: list[dict[str, Any]] = json.loads(told)
    return rows


def test_studies_of_one_name_get_folders_of_their_own_and_are_known_again(
    tmp_path: Path, store: Store, run: Run
) -> None:
    for patient in ("p1", "p2"):
        for name in ("CT", "PRE"):
            study(tmp_path / "in" / patient / name, f"{patient} {name}")
    assert run() == ["CT done", "PRE done"] * 2
    rows = summary(store)
    assert len({row["folder"] for row in rows}) == 4
    for row in rows:
        told = store.read(f"{row['folder']}/{MANIFEST}")
        assert told is not None
        manifest = manifest_from(told)
        assert manifest is not None
        assert manifest.patient_id == " ".join(Path(row["source"]).parts[-2:])
        sizes = {one.name: one.bytes for one in manifest.outputs}
        assert store.sizes(row["folder"]) == {**sizes, MANIFEST: len(told)}
    assert b"p1" in (store.read("summary.csv") or b"")
    assert run(resume=True) == ["CT skipped", "PRE skipped"] * 2
    assert len(summary(store)) == 4


def test_results_that_are_not_whole_are_made_again(tmp_path: Path, store: Store, run: Run) -> None:
    study(tmp_path / "in" / "legs", "P")
    run()
    (folder,) = (row["folder"] for row in summary(store))
    whole = store.sizes(folder)
    store.remove(f"{folder}/findings.json")
    assert run(resume=True) == ["legs done"]
    assert store.sizes(folder).keys() == whole.keys()
    store.write(f"{folder}/{ARRIVING}", store.read(f"{folder}/{MANIFEST}") or b"")
    assert run(resume=True) == ["legs done"]
    assert store.sizes(folder).keys() == whole.keys()
    store.remove(f"{folder}/{MANIFEST}")  # nobody can tell whose the rest is
    assert run(resume=True) == ["legs done"]
    assert summary(store)[-1]["folder"] == f"{folder}-2"
    assert run(resume=True) == ["legs skipped"]


def test_the_manifest_comes_last_and_a_run_that_was_cut_off_goes_on(
    tmp_path: Path, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step of sending fails once, on top of what the one before has left."""
    study(tmp_path / "in" / "legs", "P")
    written: list[str] = []
    steps = {name: getattr(Store, name) for name in ("write", "send", "remove")}
    left = 0

    def watched(kind: str) -> Callable[..., None]:
        def step(self: Store, *arguments: Any) -> None:
            nonlocal left
            name = str(arguments[-1] if kind == "send" else arguments[0])
            if "/" in name:  # not the summary
                if not left:
                    raise UsageError("cut off")
                left -= 1
                written.append(f"{kind} {name.partition('/')[2]}")
            steps[kind](self, *arguments)

        return step

    for kind in steps:
        monkeypatch.setattr(Store, kind, watched(kind))
    order = [f"write {ARRIVING}", "send findings.json", f"write {MANIFEST}", f"remove {ARRIVING}"]
    for number in range(5):
        left = number
        written.clear()
        status = "failed" if number < 4 else "done"
        assert run(resume=True) == [f"legs {status}"]
        assert written == order[:number]
    assert run(resume=True) == ["legs skipped"]
    assert len(summary(store)) == 1


def test_other_peoples_files_stay(tmp_path: Path, store: Store, run: Run) -> None:
    study(tmp_path / "in" / "legs", "P")
    run()
    (folder,) = (row["folder"] for row in summary(store))
    store.write(f"{folder}/findings.json", b"corrected by hand")
    store.write(f"{folder}/notes.txt", b"mine")
    assert run(resume=True) == ["legs failed"]
    assert (
        "findings.json, which this run would overwrite: move what is yours away, or add --overwrite"
        in summary(store)[-1]["error"]
    )
    assert store.read(f"{folder}/findings.json") == b"corrected by hand"
    assert run(overwrite=True) == ["legs done"]
    assert store.read(f"{folder}/findings.json") != b"corrected by hand"
    assert store.read(f"{folder}/notes.txt") == b"mine"


def test_another_study_in_the_same_place_gets_another_folder(
    tmp_path: Path, store: Store, run: Run
) -> None:
    study(tmp_path / "in" / "legs", "P")
    run()
    (folder,) = (row["folder"] for row in summary(store))
    study(tmp_path / "in" / "legs", "Q")
    assert run(resume=True) == ["legs done"]
    assert {row["folder"] for row in summary(store)} == {folder, f"{folder}-2"}
    assert run(resume=True) == ["legs skipped"]


def test_reports_that_are_no_longer_wanted_go(tmp_path: Path, store: Store, run: Run) -> None:
    study(tmp_path / "in" / "legs", "P")
    run(reports=("json", "nifti"))
    (folder,) = (row["folder"] for row in summary(store))
    assert any(name.endswith(".nii.gz") for name in store.sizes(folder))
    run(overwrite=True)
    assert sorted(store.sizes(folder)) == ["findings.json", MANIFEST]


def test_a_damaged_summary_is_kept_aside_and_made_again(
    tmp_path: Path, store: Store, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    study(tmp_path / "in" / "legs", "P")
    run()
    before = summary(store)
    store.write("summary.json", b"{")
    assert run(resume=True) == ["legs skipped"]
    assert [row["folder"] for row in summary(store)] == [row["folder"] for row in before]
    assert store.read("summary.damaged-1.json") == b"{"
    assert "it was kept as summary.damaged-1.json" in caplog.text


def test_a_store_that_takes_nothing_is_told_before_anything_is_screened(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    study(tmp_path / "in" / "legs", "P")

    def refuse(*_: object) -> None:
        raise OutputError("no such bucket")

    monkeypatch.setattr(Store, "write", refuse)
    monkeypatch.setattr(batch, "screen", None)
    with pytest.raises(OutputError, match="no such bucket"):
        run()


def test_drafts_go_whatever_happens(tmp_path: Path, run: Run) -> None:
    from deepvein.cohorts.foldercache import user_cache

    study(tmp_path / "in" / "legs", "P")
    run()
    drafts = user_cache("drafts").root
    assert not drafts.exists() or not list(drafts.iterdir())


def test_memory_is_not_given_to_other_processes(tmp_path: Path, run: Run) -> None:
    for name in "ab":
        study(tmp_path / "in" / name, name)
    with pytest.raises(UsageError, match="leave out --workers and --cluster"):
        run(workers=2)


def test_a_row_is_told_in_the_summary_alone(store: Store) -> None:
    results, others = StoredResults(store), StoredResults(store)
    assert results.rows == ()
    results.keep(SummaryRow("a", "/in/a", "failed", error="no"))
    others.keep(SummaryRow("b", "/in/b", "failed", error="no"))
    results.keep(SummaryRow("a", "/in/a", "failed", error="still no"))
    assert [row.error for row in results.rows] == ["still no", "no"]
    assert sorted(store.sizes()) == ["summary.csv", "summary.json"]
