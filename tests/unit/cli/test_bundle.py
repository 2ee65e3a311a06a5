import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.findings.assessment import DEFAULT_OPERATING_POINT
from deepvein.findings.calibration import Calibration
from deepvein.laboratory.cards.bundling import BundleSettings
from deepvein.screening.bundle import Bundle, BundleFolder
from deepvein.studies.study import Modality

runner = CliRunner()
noted_options: list[dict[str, Any]] = []


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Two cohorts in `tmp_path`, and a bundling that only notes how it is called."""
    for name in ("validation", "test"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "image.nii").touch()
        case = Case(name, name, Modality.CT, tmp_path / name / "image.nii")
        Cohort(tmp_path / name, (case,)).save()
    noted: list[tuple[Any, ...]] = []

    def make_bundle(wanted: BundleSettings, *places: Any, **options: Any) -> BundleFolder:
        noted.append((wanted, *places))
        noted_options.append(options)
        made = Bundle(
            wanted.name,
            wanted.version,
            wanted.modality,
            wanted.summary,
            wanted.training_data,
            Calibration(),
            DEFAULT_OPERATING_POINT,
        )
        return BundleFolder(made, places[-1])

    monkeypatch.setattr("deepvein.laboratory.cards.bundling.make_bundle", make_bundle)
    monkeypatch.chdir(tmp_path)
    return noted


ARGUMENTS = [
    *("bundle", "ct", "--localiser", "l", "--segmenter", "s", "--out", "made"),
    *("--validation", "validation", "--test", "test", "--training-data", "four legs"),
]


def test_models_and_cohorts_reach_the_bundling(calls: list[tuple[Any, ...]]) -> None:
    done = runner.invoke(app, ARGUMENTS)
    assert done.exit_code == 0, done.output
    ((wanted, localiser, segmenter, validation, test, out),) = calls
    assert (wanted.name, wanted.modality) == ("ct", Modality.CT)
    assert wanted.training_data == "four legs"
    assert (localiser, segmenter, out) == (Path("l"), Path("s"), Path("made"))
    assert [case.case for case in validation] == ["validation"]
    assert [case.case for case in test] == ["test"]
    assert str(Path("made", "CARD.md")) in done.stdout


def test_json_and_the_names_given(calls: list[tuple[Any, ...]]) -> None:
    done = runner.invoke(app, [*ARGUMENTS, "--name", "mine", "--model-version", "2", "--json"])
    answer = json.loads(done.stdout)
    assert answer["folder"] == "made"
    assert (answer["bundle"]["name"], answer["bundle"]["version"]) == ("mine", "2")


def test_a_missing_cohort_is_bad_input(calls: list[tuple[Any, ...]]) -> None:
    done = runner.invoke(app, [*ARGUMENTS, "--test", "nowhere"])
    assert done.exit_code == 3
    assert not calls


def test_workers_and_where_to_keep_reach_the_trials(calls: list[tuple[Any, ...]]) -> None:
    done = runner.invoke(app, [*ARGUMENTS, "--workers", "3", "--keep", "kept"])
    assert done.exit_code == 0, done.output
    assert noted_options[-1]["workers"] == 3
    assert noted_options[-1]["keep"] == Path("kept")
