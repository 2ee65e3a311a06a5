"""Screening itself is replaced: what matters is that one bad study never costs another its result."""

import csv
import json

import pytest

from deepvein.core.errors import NothingToScreenError, StudyError
from deepvein.screening import batch
from deepvein.screening.batch import read_summary, screen_many


@pytest.fixture
def studies(tmp_path, monkeypatch):
    """Three NIfTI files, of which `bad` cannot be read and `worse` breaks the program."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("bad", "good", "worse"):
        (folder / f"{name}.nii").write_bytes(b"")
    calls = []

    def screen(source, **_):
        calls.append(source.name)
        if source.name == "worse.nii":
            raise MemoryError
        raise StudyError(f"{source} is empty")

    monkeypatch.setattr(batch, "screen", screen)
    monkeypatch.setattr(
        "deepvein.studies.discovery.find_studies", lambda path: tuple(sorted(path.iterdir()))
    )
    return folder, calls


def test_every_study_is_tried_and_accounted_for(studies, tmp_path):
    folder, calls = studies
    seen = []
    summary = screen_many([folder], tmp_path / "out", on_result=lambda row, _: seen.append(row))
    assert calls == ["bad.nii", "good.nii", "worse.nii"]
    assert [row.exit_code for row in summary.rows] == [3, 3, 5]
    assert "too little memory" in summary.rows[2].error
    assert tuple(seen) == summary.rows == read_summary(tmp_path / "out")
    with (tmp_path / "out" / "summary.csv").open() as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["failed"] * 3


def test_resuming_leaves_out_what_is_done_and_tries_again_what_failed(studies, tmp_path):
    folder, calls = studies
    out = tmp_path / "out"
    screen_many([folder], out)
    rows = json.loads((out / "summary.json").read_text())
    rows[1] |= {"status": "done", "exit_code": 0, "error": ""}
    (out / "good").mkdir()
    (out / "summary.json").write_text(json.dumps(rows))
    calls.clear()
    summary = screen_many([folder], out, resume=True)
    assert calls == ["bad.nii", "worse.nii"]
    assert [row.status for row in summary.rows] == ["failed", "skipped", "failed"]


def test_studies_of_one_name_get_folders_of_their_own(studies, tmp_path):
    folder, _ = studies
    summary = screen_many([folder, folder], tmp_path / "out")
    names = [row.folder.name for row in summary.rows]
    assert len(set(names)) == len(names) == 6
    assert names[3] == "bad-2"


def test_nothing_to_screen_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("deepvein.studies.discovery.find_studies", lambda path: ())
    with pytest.raises(NothingToScreenError):
        screen_many([tmp_path], tmp_path / "out")
