"""The command alone: studies are replaced by prepared inspections."""

import dataclasses
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.core.errors import StudyError
from deepvein.studies.account import Fate, FileRecord
from deepvein.studies.inspection import Geometry, Inspection
from deepvein.studies.study import Modality, Remark, SeriesSummary
from deepvein.studies.suitability import Problem

runner = CliRunner()
SERIES = SeriesSummary(
    "1.2.3", "4", "venous", "CT", "LEG", 300, 512, 512, (3.0, 0.8, 0.8), (-900.0, 0.0), True, "why"
)
GOOD = Inspection(
    name="good",
    location="in/good",
    modality="CT",
    series=(SERIES, dataclasses.replace(SERIES, number="9", chosen=False, reason="a localiser")),
    geometry=Geometry((300, 512, 512), (3.0, 0.8, 0.8), "axial", (-900.0, 0.0), 900.0),
    stations=(),
    problems=(Problem("coarse", "voxels are coarse", False),),
    remarks=(Remark("stations", "three stations were merged"),),
    synthetic=False,
    screenable=True,
    reason="CT of 900 mm of the body",
    files=(
        FileRecord("a/0001.dcm", Fate.USED),
        FileRecord("a/0002.dcm", Fate.UNREADABLE, "it is empty"),
    ),
)
BAD = dataclasses.replace(
    GOOD,
    name="bad",
    geometry=None,
    series=(),
    problems=(Problem("unreadable", "2 slices are missing", True),),
    remarks=(),
    screenable=False,
    reason="2 slices are missing",
)
KNOWN = {"good": GOOD, "bad": BAD}


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_studies(location: Path, progress: object = None) -> tuple[Path, ...]:
        return tuple(location / name for name in location.name.split("+"))

    def inspect(location: Path, modality: Modality | None, *, progress: object) -> Inspection:
        if location.name not in KNOWN:
            raise StudyError(f"{location} is torn")
        return KNOWN[location.name]

    monkeypatch.setattr("deepvein.studies.discovery.find_studies", find_studies)
    monkeypatch.setattr("deepvein.studies.inspection.inspect", inspect)


def test_a_good_study_is_described_and_ends_with_0() -> None:
    done = runner.invoke(app, ["inspect", "good"])
    assert done.exit_code == 0, done.output
    for text in (
        "good: can be screened, CT of 900 mm of the body",
        "300 axial slices of 512 × 512, voxels of 3.00 × 0.80 × 0.80 mm, z -900 to 0 mm",
        "! voxels are coarse",
        "three stations were merged",
        "→",
        "a localiser",
    ):
        assert text in done.stdout


def test_a_study_that_cannot_be_screened_says_why_and_ends_with_4() -> None:
    done = runner.invoke(app, ["inspect", "bad"])
    assert done.exit_code == 4
    assert "bad: cannot be screened\n  ✗ 2 slices are missing\n" in done.stdout


def test_json_of_one_study_is_its_inspection() -> None:
    answer = json.loads(runner.invoke(app, ["inspect", "good", "--json"]).stdout)
    assert answer["name"] == "good"
    assert answer["screenable"] is True
    assert answer["series"][0]["position_mm"] == [-900.0, 0.0]


def test_files_are_listed_where_it_is_asked_why() -> None:
    plain, told = (runner.invoke(app, ["inspect", "good", *more]) for more in ([], ["--why"]))
    assert "0002.dcm" not in plain.stdout
    line = next(line for line in told.stdout.splitlines() if "0002.dcm" in line)
    assert line.split() == ["a/0002.dcm", "unreadable", "it", "is", "empty"]
    answer = json.loads(runner.invoke(app, ["inspect", "good", "--why", "--json"]).stdout)
    assert answer["files"][0] == {"name": "a/0001.dcm", "fate": "used", "why": ""}
    assert json.loads(runner.invoke(app, ["inspect", "good", "--json"]).stdout)["files"] == []


def test_files_beside_the_studies_are_listed_where_it_is_asked_why(tmp_path: Path) -> None:
    for name in ("good", "good+bad"):
        folder = tmp_path / name
        for study in name.split("+"):
            (folder / study).mkdir(parents=True)
            (folder / study / "image").touch()
        (folder / "viewer.exe").write_bytes(b"MZ")
        told = runner.invoke(app, ["inspect", str(folder), "--why", "--json"])
        beside = {"name": "viewer.exe", "fate": "not an image", "why": "not DICOM"}
        assert json.loads(told.stdout)["beside"] == [beside]
        assert "viewer.exe" in runner.invoke(app, ["inspect", str(folder), "--why"]).stdout
        assert "viewer.exe" not in runner.invoke(app, ["inspect", str(folder)]).stdout


def test_several_studies_go_on_after_one_that_is_torn() -> None:
    done = runner.invoke(app, ["inspect", "bad+torn+good", "--json"])
    assert done.exit_code == 0
    assert [one["name"] for one in json.loads(done.stdout)["studies"]] == ["bad", "good"]
    assert "torn is torn" in done.stderr


def test_one_torn_study_ends_with_3() -> None:
    done = runner.invoke(app, ["inspect", "torn"])
    assert done.exit_code == 3
    assert "is torn" in done.stderr
