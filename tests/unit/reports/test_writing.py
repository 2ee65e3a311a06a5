import dataclasses
import json
from pathlib import Path

import pytest

from deepvein.core.errors import UnknownNameError, UsageError
from deepvein.findings.screening import Verdict
from deepvein.reports import WRITERS, ReportContext, write
from deepvein.studies.study import Format, Origin
from unit.reports.legs import screening
from unit.reports.series import orientation_grid, write_series

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
    with pytest.raises(UsageError, match="findings.json"):
        write(screening(), tmp_path, FAST)
    assert (tmp_path / "findings.json").read_text() == "my notes"


def test_a_stale_segmentation_does_not_stay(tmp_path: Path) -> None:
    grid = orientation_grid("axial")
    paths = write_series(screening(grid=grid).study.volume, tmp_path / "in")
    origin = Origin(tmp_path / "in", Format.DICOM, paths, (paths,))
    out = tmp_path / "out"
    write(screening(grid=grid, origin_of=origin), out, ("seg", "manifest"))
    assert names(out) == {"thrombi.dcm", "veins.dcm", "manifest.json"}
    (out / "notes.txt").write_text("mine")
    negative = screening(grid=grid, origin_of=origin, verdict=Verdict.NOT_SUSPECTED)
    write(negative, out, ("seg", "manifest"))
    assert names(out) == {"veins.dcm", "manifest.json", "notes.txt"}


def test_failure_leaves_no_trace(tmp_path: Path) -> None:
    broken = dataclasses.replace(screening(), findings=(None,))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        write(broken, tmp_path / "a" / "b", FAST)
    assert names(tmp_path) == set()


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
    assert set(WRITERS.names()) == {"json", "html", "nifti", "seg", "manifest"}
