"""What a model says is replaced: what matters is whose results come to lie where, and what is said of them."""

import csv
import dataclasses
import errno
import json
import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import pytest
from pydicom import dcmread

from deepvein.core.errors import NothingToScreenError, OutputError, StudyError
from deepvein.findings.screening import Screening, Verdict
from deepvein.reports import WRITERS
from deepvein.reports.writer import Report
from deepvein.screening import batch
from deepvein.screening.batch import BatchSummary, screen_many
from deepvein.screening.bundle import BundleFolder
from deepvein.screening.summary import read_summary
from deepvein.studies.study import Study
from unit.pickling import Pickling
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, write_series

GRID = orientation_grid("axial")
Run = Callable[..., BatchSummary]


def study(folder: Path, patient: str, slices: int = GRID.shape[0], shift: int = 0) -> Path:
    """A series of `slices` images of one patient; `shift` changes what the images show."""
    volume = screening(grid=GRID).study.volume
    changed = dataclasses.replace(volume, array=volume.array + shift)
    for number, path in enumerate(write_series(changed, folder)):
        data = dcmread(path)
        data.PatientID = patient
        data.StudyInstanceUID = f"1.2.3.{sum(map(ord, patient))}"
        data.save_as(path)
        if number >= slices:
            path.unlink()
    return folder


@pytest.fixture
def screened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the patients that a model was asked about."""
    asked: list[str] = []

    def screen(study: Study, **_: object) -> Screening:
        asked.append(study.identity.patient_id)
        said = screening(verdict=Verdict.NOT_SUSPECTED, grid=study.volume.grid)
        prediction = dataclasses.replace(said.prediction, models=())
        return dataclasses.replace(said, study=study, prediction=prediction)

    monkeypatch.setattr(batch, "screen", screen)
    return asked


@pytest.fixture
def run(tmp_path: Path, tiny_bundle: BundleFolder, screened: list[str]) -> Run:
    def run(*locations: Path, **options: object) -> BatchSummary:
        screened.clear()
        options = {"reports": ("json",), "models": tiny_bundle, **options}
        return screen_many(locations or [tmp_path / "in"], tmp_path / "out", **options)  # type: ignore[arg-type]

    return run


def owners(out: Path) -> dict[str, str]:
    """The patient of each source, as its row's folder says."""
    with (out / "summary.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["folder"]]
    return {
        row["source"]: json.loads((Path(row["folder"]) / "findings.json").read_text())["study"][
            "patient_id"
        ]
        for row in rows
    }


def test_a_study_keeps_its_folder_whatever_comes_before_it(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    def arrive(patient: str) -> None:
        for name in ("CT", "PRE"):
            study(tmp_path / "in" / patient / name, f"{patient} {name}")

    arrive("p2")
    run()
    arrive("p1")
    summary = run(resume=True)
    assert screened == ["p1 CT", "p1 PRE"]
    assert [row.status for row in summary.rows] == ["done", "done", "skipped", "skipped"]
    assert owners(tmp_path / "out") == {
        str(tmp_path / "in" / patient / name): f"{patient} {name}"
        for patient in ("p1", "p2")
        for name in ("CT", "PRE")
    }


def test_a_study_keeps_its_folder_when_it_is_called_otherwise(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    """A folder stands for the study below it until a second study comes to lie there."""
    study(tmp_path / "in" / "p" / "CT", "P1")
    run()
    study(tmp_path / "in" / "p" / "PRE", "P2")
    summary = run(resume=True)
    assert screened == ["P2"]
    assert {row.study: row.folder for row in summary.rows} == {
        "p": tmp_path / "out" / "p",
        "PRE": tmp_path / "out" / "PRE",
    }
    assert len(read_summary(tmp_path / "out")) == 2


def test_another_run_keeps_the_rows_and_results_of_the_first(tmp_path: Path, run: Run) -> None:
    sources = [study(tmp_path / name / "legs", name) for name in ("A", "B")]
    for source in sources:
        run(source, resume=True)
    assert owners(tmp_path / "out") == {str(source): source.parent.name for source in sources}
    assert len(read_summary(tmp_path / "out")) == 2


def test_what_is_done_is_left_out_also_where_files_were_touched(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    source = study(tmp_path / "in" / "CT", "P1")
    run()
    for path in source.iterdir():
        os.utime(path, (1, 1))
    summary = run(resume=True)
    assert screened == []
    (row,) = summary.rows
    assert (row.status, row.verdict, row.study) == ("skipped", "no DVT found", "CT")
    assert read_summary(tmp_path / "out") == summary.rows


def test_an_emptied_report_is_not_taken_for_a_result(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    study(tmp_path / "in" / "CT", "P1")
    run()
    (tmp_path / "out" / "CT" / "findings.json").write_text("{}")
    run(resume=True, overwrite=True)
    assert screened == ["P1"]
    assert list(owners(tmp_path / "out").values()) == ["P1"]


def test_a_study_that_grew_is_screened_again(tmp_path: Path, run: Run, screened: list[str]) -> None:
    study(tmp_path / "in" / "CT", "P1", slices=20)
    run()
    study(tmp_path / "in" / "CT", "P1")
    (row,) = run(resume=True).rows
    assert (screened, row.status) == (["P1"], "done")
    manifest = json.loads((tmp_path / "out" / "CT" / "manifest.json").read_text())
    assert manifest["inputs"]["count"] == GRID.shape[0]
    assert len(read_summary(tmp_path / "out")) == 1


def test_another_patient_under_the_same_path_gets_a_folder_of_its_own(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    source = study(tmp_path / "in" / "CT", "P1")
    run()
    shutil.rmtree(source)
    study(source, "P2")
    (row,) = run(resume=True).rows
    assert screened == ["P2"]
    assert row.folder == tmp_path / "out" / "CT-2"
    found = [owner.folder.name for owner in read_summary(tmp_path / "out") if owner.folder]
    assert found == ["CT", "CT-2"]
    first = json.loads((tmp_path / "out" / "CT" / "findings.json").read_text())
    assert first["study"]["patient_id"] == "P1"


def test_more_reports_than_before_screen_again(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    study(tmp_path / "in" / "CT", "P1")
    run()
    run(resume=True, reports=("json", "seg"))
    assert screened == ["P1"]
    assert (tmp_path / "out" / "CT" / "veins.dcm").is_file()
    run(resume=True)
    assert screened == []


def test_other_settings_or_weights_screen_again(
    tmp_path: Path, run: Run, screened: list[str], tiny_bundle: BundleFolder
) -> None:
    study(tmp_path / "in" / "CT", "P1")
    run()
    stricter = dataclasses.replace(tiny_bundle.bundle, summary="Another.")
    run(resume=True, models=dataclasses.replace(tiny_bundle, bundle=stricter))
    assert screened == ["P1"]


def test_results_that_were_removed_are_made_again(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    study(tmp_path / "in" / "CT", "P1")
    run()
    (tmp_path / "out" / "CT" / "findings.json").unlink()
    run(resume=True)
    assert screened == ["P1"]


def test_without_its_summary_a_study_is_known_by_its_manifest(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    study(tmp_path / "in" / "CT", "P1")
    run()
    (tmp_path / "out" / "summary.json").unlink()
    (row,) = run(resume=True).rows
    assert (screened, row.status) == ([], "skipped")


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, run: Run) -> None:
    study(tmp_path / "in" / "CT", "P1")
    notes = tmp_path / "out" / "CT" / "notes.txt"
    notes.parent.mkdir(parents=True)
    notes.write_text("mine")
    (row,) = run().rows
    assert row.folder == tmp_path / "out" / "CT-2"
    assert [path.name for path in notes.parent.iterdir()] == ["notes.txt"]


def test_a_report_that_fails_leaves_the_study_incomplete_and_is_tried_again(
    tmp_path: Path, run: Run, screened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study(tmp_path / "in" / "CT", "P1")
    with monkeypatch.context() as patch:

        def fail(*_: object) -> Report:
            raise ValueError("odd")

        patch.setitem(WRITERS._entries, "seg", fail)
        (row,) = run(reports=("json", "seg")).rows
    assert (row.status, row.exit_code, row.verdict) == ("incomplete", 5, "no DVT found")
    assert "seg (ValueError: odd)" in row.error
    assert (tmp_path / "out" / "CT" / "findings.json").is_file()
    (row,) = run(resume=True, reports=("json", "seg")).rows
    assert (row.status, row.error, screened) == ("done", "", ["P1"])


def test_a_failure_has_no_folder_and_leaves_earlier_results(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    study(tmp_path / "in" / "CT", "P1")
    run()

    def broken(*_: object, **__: object) -> Screening:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(batch, "screen", broken)
        (row,) = run().rows
    assert (row.status, row.exit_code, row.folder) == ("failed", 5, None)
    assert "too little memory" in row.error
    assert [old.status for old in read_summary(tmp_path / "out")] == ["done", "failed"]
    run()
    assert [old.status for old in read_summary(tmp_path / "out")] == ["done"]


def test_every_study_is_tried_and_accounted_for(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    study(tmp_path / "in" / "good", "P1")
    (tmp_path / "in" / "bad.nii").write_bytes(b"")
    seen = []
    summary = run(on_result=lambda row, _: seen.append(row))
    assert sorted(row.status for row in summary.rows) == ["done", "failed"]
    assert max(row.exit_code for row in summary.rows) == StudyError.exit_code
    assert tuple(seen) == summary.rows == read_summary(tmp_path / "out")


def test_names_of_patients_are_for_the_owner_alone(tmp_path: Path, run: Run) -> None:
    study(tmp_path / "in" / "CT", "P1")
    run()
    for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_several_workers_give_the_rows_of_one(tmp_path: Path, tiny_bundle: BundleFolder) -> None:
    """Whoever is done first; a study that fails costs no other, and what is done is left out."""
    for name in ("A", "B"):
        study(tmp_path / "in" / name / "CT", name)
    (tmp_path / "in" / "bad.nii").write_bytes(b"")
    options = {"reports": ("json",), "models": tiny_bundle, "workers": 2}
    rows = screen_many([tmp_path / "in"], tmp_path / "out", **options).rows  # type: ignore[arg-type]
    assert sorted(row.status for row in rows) == ["done", "done", "failed"]
    assert {owner[-1] for owner in owners(tmp_path / "out").values()} == {"A", "B"}
    assert {row.source for row in read_summary(tmp_path / "out")} == {row.source for row in rows}
    again = screen_many([tmp_path / "in"], tmp_path / "out", resume=True, **options).rows  # type: ignore[arg-type]
    assert sorted(row.status for row in again) == ["failed", "skipped", "skipped"]


def test_nothing_to_screen_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvein.studies.discovery.find_studies", lambda path: ())
    with pytest.raises(NothingToScreenError):
        screen_many([tmp_path], tmp_path / "out")


def test_a_disk_that_is_full_anywhere_is_no_internal_error(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the folder for temporary files or of a cache, for instance, which are not ours to write to."""
    study(tmp_path / "in" / "a", "p1")

    def full(*_: object, **__: object) -> Screening:
        raise RuntimeError("odd") from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/cache/a")

    monkeypatch.setattr(batch, "screen", full)
    (row,) = run().rows
    assert row.exit_code == 6
    assert row.error.startswith("no room to write /cache/a")


def test_a_summary_that_takes_long_to_write_is_written_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    written: list[int] = []

    class Slow:
        def keep(self, *rows: batch.SummaryRow) -> None:
            written.append(len(rows))
            clock[0] += 3.0

    monkeypatch.setattr(batch, "perf_counter", lambda: clock[0])
    account = batch._Account(Slow())  # type: ignore[arg-type]
    for number in range(100):
        account.keep(batch.SummaryRow(str(number), str(number), "done"))
        clock[0] += 1.0
    account.write()
    account.write()
    assert sum(written) == len(account.rows) == 100
    assert written[0] == 1
    assert len(written) < 6


def test_a_cluster_leaves_what_one_process_leaves(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    for name in "abc":
        study(tmp_path / "in" / name, name)
    cluster = Pickling()
    summary = run(workers=cluster)
    assert cluster.sent == 3
    assert sorted(screened) == list("abc")
    assert {row.study: row.status for row in summary.rows} == dict.fromkeys("abc", "done")
    assert set(owners(tmp_path / "out").values()) == set("abc")
    assert {row.status for row in run(workers=cluster, resume=True).rows} == {"skipped"}


def test_a_machine_that_does_not_see_the_folders_ends_all(
    tmp_path: Path, run: Run, screened: list[str]
) -> None:
    """In place of failing one study after the other, faster than any other machine screens."""
    study(tmp_path / "in" / "a", "a")

    class Elsewhere(Pickling):
        def result(self, ended: int) -> object:
            (tmp_path / "out").rename(tmp_path / "away")
            return super().result(ended)

    with pytest.raises(OutputError, match="does not see .*out"):
        run(workers=Elsewhere())
    assert screened == []


def test_what_an_interrupted_process_left_goes_at_the_end(tmp_path: Path, run: Run) -> None:
    study(tmp_path / "in" / "A", "A")

    def interrupt(*_: object) -> None:
        # As of a process that was killed while it wrote: nobody holds its lock.
        Path(mkdtemp(prefix=f".partial-{platform.node()[:40]}-", dir=tmp_path / "out"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(on_result=interrupt)
    hidden = {path.name for path in (tmp_path / "out").glob(".*")}
    assert hidden <= {".deepvein.lock"}
