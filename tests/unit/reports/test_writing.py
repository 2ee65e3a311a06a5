import dataclasses
import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deepvein.core.errors import OutputError, ReportError, UnknownNameError, UsageError
from deepvein.core.files import put as core_put
from deepvein.findings.screening import Verdict
from deepvein.reports import WRITERS, Document, Report, ReportContext, write, writing
from deepvein.studies.study import Remark
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, origin_of, write_series

FAST = ("json", "manifest")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_makes_the_folder_and_writes_what_is_asked(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    written = write(screening(), folder, FAST)
    assert written == (folder / "findings.json", folder / "manifest.json")
    assert names(folder) == {"findings.json", "manifest.json"}


def test_manifest_lists_the_others_whatever_the_order(tmp_path: Path) -> None:
    write(screening(), tmp_path, ("manifest", "json"))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [entry["name"] for entry in manifest["outputs"]] == ["findings.json"]


def test_unknown_name_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="json"):
        write(screening(), tmp_path / "out", ("jsn",))
    assert not (tmp_path / "out").exists()


def test_own_unchanged_files_are_replaced(tmp_path: Path) -> None:
    write(screening(), tmp_path, FAST)
    write(screening(verdict=Verdict.NOT_SUSPECTED), tmp_path, FAST)
    assert json.loads((tmp_path / "findings.json").read_text())["verdict"] == "not_suspected"


@pytest.mark.parametrize("text", ["mine", '{"schema": "other/1", "outputs": []}', "{"])
@pytest.mark.parametrize("name", ["findings.json", "manifest.json"])
def test_foreign_files_are_left_alone(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=name):
        write(screening(), tmp_path, FAST)
    assert names(tmp_path) == {name}
    assert (tmp_path / name).read_text() == text
    write(screening(), tmp_path, FAST, overwrite=True)
    assert names(tmp_path) == {"findings.json", "manifest.json"}


def test_an_edited_report_is_foreign(tmp_path: Path) -> None:
    write(screening(), tmp_path, FAST)
    (tmp_path / "findings.json").write_text("my notes")
    with pytest.raises(UsageError, match=r"findings\.json, .* or add --overwrite"):
        write(screening(), tmp_path, FAST)
    assert (tmp_path / "findings.json").read_text() == "my notes"


def test_a_stale_segmentation_does_not_stay(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    paths = write_series(screening(grid=grid).study.volume, tmp_path / "in")
    source = origin_of(tmp_path / "in", paths)
    out = tmp_path / "out"
    write(screening(grid=grid, origin_of=source), out, ("seg", "manifest"))
    assert names(out) == {"thrombi.dcm", "veins.dcm", "manifest.json"}
    (out / "notes.txt").write_text("mine")
    negative = screening(grid=grid, origin_of=source, verdict=Verdict.NOT_SUSPECTED)
    write(negative, out, ("seg", "manifest"))
    assert names(out) == {"veins.dcm", "manifest.json", "notes.txt"}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report whose writer has a fault."""

    def fail(*_: object) -> Report:
        def save(path: Path) -> None:
            path.write_text("half")
            raise ValueError("odd")

        return Report((Document("half.txt", save),))

    monkeypatch.setitem(WRITERS._entries, "broken", fail)


@pytest.mark.usefixtures("broken")
def test_a_report_that_fails_is_told_and_the_others_are_written(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"broken \(ValueError: odd\)"):
        write(screening(), tmp_path, ["broken", "json"])
    assert names(tmp_path) == {"findings.json", "manifest.json"}
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["reports"] == ["json"]
    assert manifest["failed"] == [{"report": "broken", "reason": "ValueError: odd"}]


@pytest.mark.usefixtures("broken")
def test_failure_of_all_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="broken"):
        write(screening(), tmp_path / "a" / "b", ["broken"])
    assert names(tmp_path) == set()


def test_a_full_disk_is_said_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Report:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(WRITERS._entries, "full", full)
    with pytest.raises(OutputError, match="no room to write"):
        write(screening(), tmp_path / "out", ["json", "full"])
    assert names(tmp_path) == set()


def test_remarks_of_a_report_are_shown_by_those_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remark = Remark("odd", "Something is odd.")
    entries = {"first": lambda *_: Report((), (remark,)), **dict(WRITERS.items())}
    monkeypatch.setattr(WRITERS, "_entries", entries)
    write(screening(), tmp_path, ["json", "first"])
    found = json.loads((tmp_path / "findings.json").read_text())["remarks"]
    assert {"code": "odd", "text": "Something is odd."} in found


def test_results_of_another_study_are_never_replaced(tmp_path: Path) -> None:
    result = screening()
    write(result, tmp_path, FAST)
    before = (tmp_path / "findings.json").read_bytes()
    other = dataclasses.replace(result.study.identity, patient_id="P2")
    another = dataclasses.replace(result, study=dataclasses.replace(result.study, identity=other))
    for overwrite in (False, True):
        with pytest.raises(UsageError, match="of patient 'P1', these are of .* of patient 'P2'"):
            write(another, tmp_path, FAST, overwrite=overwrite)
    assert (tmp_path / "findings.json").read_bytes() == before


def test_reports_of_one_screening_join_and_those_of_the_next_replace_them(tmp_path: Path) -> None:
    result = screening()
    write(result, tmp_path, ["json"])
    write(result, tmp_path, ["nifti"])
    masks = {"veins.nii.gz", "thrombi.nii.gz", "territories.nii.gz"}
    assert names(tmp_path) == {"findings.json", "manifest.json", *masks}
    assert json.loads((tmp_path / "manifest.json").read_text())["reports"] == ["json", "nifti"]
    later = dataclasses.replace(result.provenance, created="2025-01-02T00:00:00+00:00")
    write(dataclasses.replace(result, provenance=later), tmp_path, ["json"])
    assert names(tmp_path) == {"findings.json", "manifest.json"}


@pytest.mark.parametrize("moves", range(1, 4))
def test_a_run_killed_while_it_moves_files_blocks_nobody(
    tmp_path: Path, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(screening(), tmp_path, ["json", "nifti"])
    left = [moves]

    def put(made: Path, place: Path, **options: bool) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        core_put(made, place, **options)

    negative = screening(verdict=Verdict.NOT_SUSPECTED)
    with monkeypatch.context() as patch:
        patch.setattr(writing, "put", put)
        with pytest.raises(KeyboardInterrupt):
            write(negative, tmp_path, ["json", "nifti"])
    write(negative, tmp_path, ["json"])
    assert json.loads((tmp_path / "findings.json").read_text())["verdict"] == "not_suspected"
    assert not [name for name in names(tmp_path) if name.startswith(".")]


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    for path in (*write(screening(), tmp_path / "out", FAST), tmp_path / "out"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        write(screening(), tmp_path / "out", FAST)


def test_context_reaches_the_writers(tmp_path: Path) -> None:
    @dataclasses.dataclass(frozen=True)
    class Settings:
        threshold: float = 0.3

    write(screening(), tmp_path, FAST, context=ReportContext(settings=Settings()))
    assert json.loads((tmp_path / "manifest.json").read_text())["settings"] == {"threshold": 0.3}


def test_progress_goes_through_all_writers(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    write(screening(), tmp_path, FAST, progress=lambda *step: seen.append(step))
    assert seen[0] == ("writing json", 0, 2)
    assert seen[-1][1:] == (2, 2)


def test_the_promised_names_exist() -> None:
    assert set(WRITERS.names()) == {
        "json",
        "html",
        "nifti",
        "pdf",
        "seg",
        "sr",
        "keys",
        "presentation",
        "manifest",
    }


def test_reports_that_join_do_not_replace_another_screening(tmp_path: Path) -> None:
    first, second = screening(), screening(verdict=Verdict.NOT_SUSPECTED)
    write(first, tmp_path / "out", ["json"])
    write(first, tmp_path / "out", ["nifti"], join=True)
    write(second, tmp_path / "out", ["json"])
    kept = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(UsageError, match="no longer holds the screening"):
        write(first, tmp_path / "out", ["html"], join=True)
    with pytest.raises(UsageError, match="no longer holds the screening"):
        write(first, tmp_path / "new", ["json"], join=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == kept


def test_folders_side_by_side_are_written_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    @contextmanager
    def alone(folder: Path) -> Iterator[None]:
        told.append(f"in {folder.name}: {(folder / 'out').exists()}")
        yield
        told.append(f"out: {(folder / 'out' / 'manifest.json').exists()}")

    monkeypatch.setattr("deepvein.reports.writing.alone_in", alone)
    write(screening(), tmp_path / "out", ["json"])
    assert told == [f"in {tmp_path.name}: False", "out: True"]


def test_reports_that_the_study_cannot_have_are_told_to_who_named_them(tmp_path: Path) -> None:
    """All reports of a study that is not DICOM are those that it can have."""
    for names, told in ((["sr", "json"], ["no-sr"]), (["json"], []), (None, [])):
        with writing.drafted(screening(), names, tmp_path) as draft:
            assert [remark.code for remark in draft.remarks] == told
            assert set(draft.remarks) <= set(draft.screening.remarks)
