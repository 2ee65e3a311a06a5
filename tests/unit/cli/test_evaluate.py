import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deepvein.cli.evaluate import figures
from deepvein.cli.main import app
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.evaluation.metrics import Overlap
from deepvein.laboratory.trials.model_trial import TargetOutcome
from deepvein.studies.study import Modality
from unit.screening.tiny_models import write_segmenter

runner = CliRunner()


def outcome(patient: str, target: str, *counts: int) -> TargetOutcome:
    case = Case(patient, patient, Modality.CT, Path("image.nii"), has_dvt=counts[0] > 0)
    return TargetOutcome(case, target, Overlap(*counts))


OUTCOMES = [
    # Dice 0.5 and 1, precision 0.5 and 1, recall 0.5 and 1; the third shows no thrombus.
    outcome("a", "thrombus", 1, 1, 1, 7),
    outcome("b", "thrombus", 2, 0, 0, 8),
    outcome("c", "thrombus", 0, 5, 0, 5),
]


def test_figures_are_means_over_the_cases_that_show_the_target() -> None:
    dice, precision, recall = figures(OUTCOMES)
    assert (dice.name, dice.value) == ("thrombus Dice", 0.75)
    assert (precision.name, precision.value) == ("thrombus precision", 0.75)
    assert (recall.name, recall.value) == ("thrombus recall", 0.75)
    assert (dice.low, dice.high) == (0.5, 1.0)


def test_a_target_that_no_case_shows_has_no_figures() -> None:
    assert figures(OUTCOMES[2:]) == []


@pytest.fixture
def cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cases = [
        Case(name, name, Modality.CT, tmp_path / f"{name}.nii", split=split)
        for name, split in (("a", "train"), ("b", "test"), ("c", "test"))
    ]
    for case in cases:
        case.image.touch()
    Cohort(tmp_path, tuple(cases)).save()
    write_segmenter(tmp_path / "run")

    def run_model_trial(folder: Path, cohort: Cohort, device: str, progress: Any) -> Any:
        names = {case.case for case in cohort}
        return (one for one in OUTCOMES if one.case.case in names)

    monkeypatch.setattr("deepvein.laboratory.trials.model_trial.run_model_trial", run_model_trial)
    return tmp_path


def test_a_model_is_measured_and_the_figures_are_kept(cohort: Path) -> None:
    out = cohort / "figures"
    done = runner.invoke(
        app, ["evaluate", str(cohort / "run"), "--cohort", str(cohort), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "3 cases, 2 with DVT, of 3 patients" in " ".join(done.stdout.split())
    assert "thrombus Dice" in done.stdout
    kept = json.loads((out / "measurement.json").read_text())
    assert kept["metrics"][0] == {"name": "thrombus Dice", "value": 0.75, "low": 0.5, "high": 1.0}


def test_cases_that_show_no_thrombus_tell_why_nothing_is_measured(cohort: Path) -> None:
    table = cohort / "cohort.csv"
    rows = table.read_text().splitlines()
    table.write_text("\n".join([rows[0], rows[3]]) + "\n")
    out = cohort / "figures"
    arguments = ["evaluate", str(cohort / "run"), "--cohort", str(cohort), "--out", str(out)]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 3
    told = " ".join(done.stderr.split())
    assert "no case has DVT: thrombus Dice, thrombus precision, thrombus recall" in told
    assert not (out / "measurement.json").exists()


def test_a_split_alone_and_json(cohort: Path) -> None:
    arguments = ["evaluate", str(cohort / "run"), "--cohort", str(cohort)]
    done = runner.invoke(app, [*arguments, "--split", "test", "--json"])
    answer = json.loads(done.stdout)
    assert (answer["cases"], answer["with_dvt"]) == (2, 1)
    assert answer["metrics"][0]["value"] == 1.0


def test_an_unknown_split_and_a_missing_cohort_are_bad_input(cohort: Path) -> None:
    arguments = ["evaluate", "run", "--cohort", str(cohort), "--split", "tset"]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 3
    assert "known: test, train" in done.stderr
    assert runner.invoke(app, ["evaluate", "run", "--cohort", "nowhere"]).exit_code == 3


def test_a_table_that_training_refuses_is_refused(cohort: Path) -> None:
    table = cohort / "cohort.csv"
    header, *rows = [line.split(",") for line in table.read_text().splitlines()]
    patient = header.index("patient")
    for row in rows:
        row[patient] = "one"
    table.write_text("\n".join(",".join(row) for row in (header, *rows)))
    done = runner.invoke(app, ["evaluate", str(cohort / "run"), "--cohort", str(cohort)])
    assert done.exit_code == 3
    assert "patient 'one' is in more than one split or fold" in " ".join(done.stderr.split())


def test_a_bundle_is_tried_and_its_account_written(
    cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unit.laboratory.trials.outcomes import outcome as made
    from unit.screening.tiny_models import write_bundle

    bundle = cohort / "bundle"
    write_bundle(bundle)
    tried = []

    def run_trial(models: Any, cases: Any, device: str, progress: Any, **options: Any) -> Any:
        tried.append(options)
        return (made(n, has_dvt=n % 2 == 0, false=n % 3) for n in range(3))

    monkeypatch.setattr("deepvein.laboratory.trials.trial.run_trial", run_trial)
    out = cohort / "figures"
    arguments = ["evaluate", str(bundle), "--cohort", str(cohort), "--out", str(out)]
    done = runner.invoke(app, [*arguments, "--workers", "2", "--keep", str(cohort / "kept")])
    assert done.exit_code == 0, done.output
    assert tried == [{"workers": 2, "keep": cohort / "kept"}]
    assert "femoropopliteal" in done.stdout
    kept = json.loads((out / "measurement.json").read_text())
    assert {one["by"] for one in kept["subgroups"]} >= {"location", "extent", "age"}
    assert "## Where it fails" in (out / "MEASURED.md").read_text(encoding="utf-8")
    assert (out / "curves.png").is_file()


def test_a_model_alone_has_no_cases_to_keep(cohort: Path) -> None:
    arguments = ["evaluate", "run", "--cohort", str(cohort), "--keep", "kept"]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 2
    assert "for bundles" in done.stderr
