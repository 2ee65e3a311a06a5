"""Several processes place results into one folder."""

import json
from pathlib import Path

import pytest
from filelock import FileLock

from deepvein.core.errors import OutputError
from deepvein.core.workers import spread
from deepvein.reports.writing import drafted
from deepvein.screening import result_folders
from deepvein.screening.result_folders import LOCK, ResultFolders
from deepvein.screening.summary import SummaryRow, read_summary
from unit.reports.legs import screening


def place(out: Path, patient: str, called: str = "CT") -> Path:
    """Place results of a patient whose study is called as everybody's."""
    import dataclasses

    result = screening()
    identity = dataclasses.replace(result.study.identity, patient_id=patient)
    study = dataclasses.replace(result.study, identity=identity)
    source = Path(f"/in/{patient}/{called}")
    folders = ResultFolders(out)
    folders.make()
    with drafted(dataclasses.replace(result, study=study), ["json"], out) as draft:
        folder = folders.place(draft, source, overwrite=False)
    folders.keep(SummaryRow(called, str(source), "done", folder))
    return folder


def _place(task: tuple[Path, str]) -> Path:
    return place(*task)


def test_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    patients = [f"P{number}" for number in range(6)]
    placed = list(spread(_place, [(tmp_path / "out", patient) for patient in patients], 2))
    assert len(set(placed)) == len(patients)
    for patient, folder in zip(patients, placed, strict=True):
        found = json.loads((folder / "findings.json").read_text())
        assert found["study"]["patient_id"] == patient
    rows = {row.source: row.folder for row in read_summary(tmp_path / "out")}
    assert rows == {
        f"/in/{patient}/CT": folder for patient, folder in zip(patients, placed, strict=True)
    }


def test_names_that_differ_in_capitals_alone_get_folders_that_differ_in_more(
    tmp_path: Path,
) -> None:
    first, second = place(tmp_path / "out", "P1", "Leg"), place(tmp_path / "out", "P2", "leg")
    assert (first.name, second.name) == ("Leg", "leg-2")
    assert place(tmp_path / "out", "P3", "leg").name == "leg-3"


@pytest.mark.parametrize("text", ["", "{", '[{"colour": "red"}]', '{"a": 1}', "[1, 2]"])
def test_a_damaged_summary_is_kept_aside_and_made_again(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = place(tmp_path, "P1")
    (tmp_path / "summary.json").write_text(text)
    second = place(tmp_path, "P2")
    assert [row.folder for row in ResultFolders(tmp_path).rows] == [first, second]
    assert [row.verdict != "" for row in read_summary(tmp_path)] == [True, False]
    assert (tmp_path / "summary.damaged-1.json").read_text() == text
    assert "it was kept as" in caplog.text


def test_a_run_that_never_ends_is_waited_for_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_folders, "_PATIENCE_S", 0.05)
    with FileLock(tmp_path / LOCK), pytest.raises(OutputError, match="another run"):
        ResultFolders(tmp_path).keep(SummaryRow("a", "a", "done"))


def test_a_place_that_cannot_be_locked_is_said(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    with pytest.raises(OutputError, match="cannot make .*: Is a directory; choose a folder"):
        ResultFolders(tmp_path).keep(SummaryRow("a", "a", "done"))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/in/CT", "CT"),
        ("/in/leg.nii.gz", "leg"),
        ("/in/a b#1.2.3", "a_b_1.2.3"),
        ("/in/..", "study"),
        ("/in/=cmd", "cmd"),
        ("/in/P1.", "P1"),
        ("/in/a:b", "a_b"),
        ("/in/con", "study_con"),
        ("/in/AUX.nii.gz", "study_AUX"),
    ],
)
def test_folders_are_called_after_their_study(source: str, name: str, tmp_path: Path) -> None:
    assert next(result_folders._names(tmp_path, Path(source))) == tmp_path / name


def test_long_names_are_cut_to_what_a_file_system_takes(tmp_path: Path) -> None:
    source = tmp_path / f"{'Ä' * 100}#1.2.840.{'1' * 50}"
    names = result_folders._names(tmp_path, source)
    for folder in (next(names), next(names)):
        folder.mkdir()
