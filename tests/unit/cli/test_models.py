import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.findings.calibration import Calibration
from deepvein.findings.screening import OperatingPoint
from deepvein.screening.bundle import Bundle, BundleFolder, Measurement, Metric
from deepvein.studies.study import Modality

runner = CliRunner()


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BundleFolder:
    folder = tmp_path / "ct"
    (folder / "segmenter").mkdir(parents=True)
    (folder / "segmenter" / "model.safetensors").write_bytes(b"0" * 1_200_000)
    (folder / "CARD.md").write_text("0" * 100_000)
    metrics = (
        Metric("study AUROC", 0.912, 0.85, 0.96),
        Metric("slice AUROC", 0.7),
        Metric("deep-vein Dice", 0.8),
    )
    found = BundleFolder(
        Bundle(
            name="ct",
            version="1.0",
            modality=Modality.CT,
            summary="Finds thrombi.",
            training_data="100 synthetic legs",
            calibration=Calibration(),
            operating_point=OperatingPoint("screening", 0.5, None, None, "nothing"),
            measured=(Measurement("20 synthetic studies", 20, 10, metrics, patients=12),),
        ),
        folder,
    )
    monkeypatch.setattr("deepvein.screening.bundle.bundled", lambda: (found,))
    return found


def test_models_say_what_they_learned_from_reached_and_may_be_used_for(
    bundle: BundleFolder,
) -> None:
    done = runner.invoke(app, ["models"])
    assert done.exit_code == 0, done.output
    for text in (
        "ct 1.0 · CT · 1.3 MB",
        "Finds thrombi.",
        "Trained on: 100 synthetic legs",
        "20 cases, 10 with DVT, of 12 patients",
        "study AUROC 0.91 (0.85 to 0.96), deep-vein Dice 0.80",
        "Apache-2.0 · research use only, not a medical device",
    ):
        assert text in " ".join(done.stdout.split())


def test_json_gives_card_licence_and_figures(bundle: BundleFolder) -> None:
    (row,) = json.loads(runner.invoke(app, ["models", "--json"]).stdout)
    assert row["name"] == "ct"
    assert row["licence"] == "Apache-2.0"
    assert row["size_mb"] == 1.3
    assert row["card"] == str(bundle.card)
    assert row["measured"][0]["metrics"][0] == {
        "name": "study AUROC",
        "value": 0.912,
        "low": 0.85,
        "high": 0.96,
    }


def test_a_copy_without_models_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvein.screening.bundle.bundled", lambda: ())
    done = runner.invoke(app, ["models"])
    assert done.exit_code == 0
    assert "No model" in done.stdout
    assert json.loads(runner.invoke(app, ["models", "--json"]).stdout) == []
