"""The command alone: `screen_many` is replaced by one that hands over prepared rows."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.cli.main import app
from deepvein.core.settings import to_dict
from deepvein.findings.finding import Finding, Occlusion
from deepvein.findings.shares import SegmentShare
from deepvein.screening.batch import BatchSummary
from deepvein.screening.summary import SummaryRow
from deepvein.studies.study import Modality, Remark

runner = CliRunner()


def finding() -> Finding:
    return Finding(
        number=1,
        side=Side.LEFT,
        segments=(SegmentShare(VeinSegment.POPLITEAL, 2.0, 60.0),),
        level=Level.PROXIMAL,
        start_mm=0.0,
        end_mm=61.6,
        extent_mm=61.6,
        volume_ml=2.04,
        diameter_mm=9.6,
        occlusion=Occlusion.OCCLUSIVE,
        occluded_fraction=0.95,
        probability=0.913,
        key_slice=42,
        key_point_mm=(0.0, 0.0, 0.0),
        indices=np.zeros((1, 3), np.int64),
        mean_intensity=60.0,
        tracking_uid="1.2.3",
    )


@dataclasses.dataclass
class FakeScreening:
    findings: tuple[Finding, ...]
    remarks: tuple[Remark, ...]


OUT = Path("out")
GOOD = SummaryRow("good", "in/good", "done", OUT / "good", "CT", "DVT suspected", 0.97, 1)
BAD = SummaryRow("bad", "in/bad", "failed", error="2 slices lost", exit_code=3)
ODD = SummaryRow("odd", "in/odd", "failed", error="nothing in there", exit_code=4)
OLD = SummaryRow("old", "in/old", "skipped", OUT / "old", "CT", "no DVT found", 0.02)

PARTLY = dataclasses.replace(GOOD, status="incomplete", error="no seg", exit_code=5)

Calls = list[dict[str, Any]]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Calls]:
    """Make `screen_many` return the given rows; returns the list of its calls."""

    def install(*rows: SummaryRow) -> Calls:
        calls: Calls = []

        def screen_many(
            locations: Iterable[Path], out: Path, *, on_result: Any, progress: Any, **options: Any
        ) -> BatchSummary:
            calls.append({"locations": tuple(locations), "out": out, **options})
            progress("segmenting", 1, 1)
            for row in rows:
                good = FakeScreening((finding(),), (Remark("coverage", "The ankles are missing."),))
                if row.status in {"done", "incomplete"}:
                    on_result(row, good)
                else:
                    on_result(row, None)
            return BatchSummary(rows)

        monkeypatch.setattr("deepvein.screening.batch.screen_many", screen_many)
        return calls

    return install


def test_findings_are_shown_with_place_measures_and_reports(
    fake: Callable[..., Calls], tmp_path: Path
) -> None:
    fake(GOOD)
    done = runner.invoke(app, ["screen", "in/good", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    for text in ("good: DVT suspected, probability 0.97", "left popliteal vein", "proximal", "62"):
        assert text in done.stdout
    for text in ("2.0", "10", "occlusive", "0.91", "42", "The ankles are missing.", "out/good"):
        assert text in done.stdout
    assert "not a medical device" in done.stdout


def test_a_batch_shows_errors_and_returns_the_highest_code(
    fake: Callable[..., Calls], tmp_path: Path
) -> None:
    fake(GOOD, BAD, ODD, OLD)
    done = runner.invoke(app, ["screen", "in", "--out", str(tmp_path)])
    assert done.exit_code == 4
    assert "bad: 2 slices lost" in done.stderr
    assert "odd: nothing in there" in done.stderr
    assert "old: no DVT found, probability 0.02 (done before)" in done.stdout
    assert "4 studies: 1 DVT suspected, 2 failed, 1 no DVT found." in done.stdout


def test_a_report_that_is_missing_is_said_beside_the_result(
    fake: Callable[..., Calls], tmp_path: Path
) -> None:
    fake(PARTLY)
    done = runner.invoke(app, ["screen", "in", "--out", str(tmp_path)])
    assert done.exit_code == 5
    assert "good: no seg" in done.stderr
    assert "good: DVT suspected, probability 0.97" in done.stdout


def test_json_holds_the_rows_and_nothing_else_is_on_stdout(
    fake: Callable[..., Calls], tmp_path: Path
) -> None:
    fake(GOOD, BAD)
    done = runner.invoke(app, ["screen", "in", "--out", str(tmp_path), "--json"])
    assert done.exit_code == 3
    answer = json.loads(done.stdout)
    assert answer["exit_code"] == 3
    assert [row["study"] for row in answer["studies"]] == ["good", "bad"]
    assert answer["studies"][0]["probability"] == 0.97
    assert answer["studies"][1]["error"] == "2 slices lost"


def test_options_are_handed_on(fake: Callable[..., Calls], tmp_path: Path) -> None:
    calls = fake(GOOD)
    arguments = ["screen", "a", "b", "-o", str(tmp_path), "--modality", "mr", "--device", "cpu"]
    done = runner.invoke(app, [*arguments, "--reports", "json, html", "--resume", "--workers", "3"])
    assert done.exit_code == 0, done.output
    assert calls == [
        {
            "locations": (Path("a"), Path("b")),
            "out": tmp_path,
            "modality": Modality.MR,
            "device": "cpu",
            "engine": "auto",
            "models": None,
            "reports": ("json", "html"),
            "resume": True,
            "overwrite": False,
            "workers": 3,
        }
    ]


def test_an_unknown_report_is_refused_before_anything_is_done(
    fake: Callable[..., Calls], tmp_path: Path
) -> None:
    calls = fake(GOOD)
    done = runner.invoke(app, ["screen", "a", "-o", str(tmp_path), "--reports", "json,hmtl"])
    assert done.exit_code == 2
    assert "did you mean 'html'" in done.stderr
    assert not calls


def keep_summary(out: Path, *rows: SummaryRow) -> None:
    (out / "summary.json").write_text(json.dumps([to_dict(row) for row in rows]))


def test_results_of_an_earlier_run_are_not_overwritten_unasked(
    fake: Callable[..., Calls], tmp_path: Path
) -> None:
    calls = fake(GOOD)
    keep_summary(tmp_path, GOOD)
    base = ["screen", "a", "-o", str(tmp_path)]
    assert runner.invoke(app, base).exit_code == 2
    assert runner.invoke(app, [*base, "--resume", "--overwrite"]).exit_code == 2
    assert not calls
    assert runner.invoke(app, [*base, "--overwrite"]).exit_code == 0
    assert runner.invoke(app, [*base, "--resume"]).exit_code == 0
    assert [call["resume"] for call in calls] == [False, True]
    assert [call["overwrite"] for call in calls] == [True, False]


def test_out_may_be_a_url(fake: Callable[..., Calls], tmp_path: Path) -> None:
    calls = fake(dataclasses.replace(GOOD, folder=Path("good-1")), BAD)
    done = runner.invoke(app, ["screen", "a", "-o", "memory://some/results/"])
    assert "memory://some/results/good-1" in done.stdout
    assert "Summary: memory://some/results/summary.csv" in done.stdout
    for url in (f"file://{tmp_path}", "file://not/absolute", "nowhere://bucket"):
        runner.invoke(app, ["screen", "a", "-o", url])
    assert [call["out"] for call in calls] == ["memory://some/results/", tmp_path]


def test_after_nothing_but_failures_the_same_folder_may_be_used_again(
    fake: Callable[..., Calls], tmp_path: Path
) -> None:
    calls = fake(GOOD)
    keep_summary(tmp_path, BAD)
    assert runner.invoke(app, ["screen", "a", "-o", str(tmp_path)]).exit_code == 0
    assert len(calls) == 1


def test_no_study_no_out_wrong_device_are_bad_usage(tmp_path: Path) -> None:
    assert runner.invoke(app, ["screen", "--out", str(tmp_path)]).exit_code == 2
    assert runner.invoke(app, ["screen", "a"]).exit_code == 2
    assert runner.invoke(app, ["screen", "a", "-o", "b", "--device", "tpu"]).exit_code == 2


def test_help_lists_every_report_that_exists() -> None:
    from deepvein.reports import WRITERS

    text = runner.invoke(app, ["screen", "--help"], env={"COLUMNS": "300"}).stdout
    listed = re.search(r"\(all: ([\w, ]+)\)", text)
    assert listed is not None
    assert set(listed[1].split(", ")) == set(WRITERS.names())
