"""The main job with the bundled models: phantoms as DICOM in, reports out.

What is claimed here is that software and models work on what they were made for: synthetic legs.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.findings.screening import Screening, Verdict
from deepvein.phantoms.phantom import Phantom, PhantomSettings, render, sample
from deepvein.phantoms.writing import write_dicom
from deepvein.reports import write
from deepvein.screening.screen import screen
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.studies.study import Modality

pytestmark = pytest.mark.slow

SEED = 4
"""The demo's."""


@dataclass(frozen=True)
class Screened:
    phantom: Phantom
    study: Path
    screening: Screening
    reports: Path


@pytest.fixture(scope="module", params=list(Modality), ids=lambda modality: modality.value)
def screened(request, tmp_path_factory) -> Screened:
    settings = PhantomSettings()
    settings = replace(settings, ct=replace(settings.ct, thickness_mm=5.0, coverage="whole"))
    phantom = render(sample(SEED, request.param, True, settings))
    folder = tmp_path_factory.mktemp(request.param.value)
    write_dicom(phantom, folder / "study")
    screening = screen(folder / "study")
    write(screening, folder / "reports")
    return Screened(phantom, folder / "study", screening, folder / "reports")


def test_the_planted_thrombi_are_found_on_the_right_side(screened):
    assert screened.screening.verdict is Verdict.SUSPECTED
    truth = screened.phantom.thrombi.array
    for planted in screened.phantom.planted:
        hit = [
            finding
            for finding in screened.screening.findings
            if (truth[tuple(finding.indices.T)] == planted.number).mean() > 0.1
        ]
        assert hit, f"{planted} was missed"
        assert any(finding.side is planted.side for finding in hit)
        named = {share.segment for finding in hit for share in finding.segments}
        assert named & set(planted.segments)


def test_masks_lie_on_the_study_and_over_the_truth(screened):
    veins = read_nifti(screened.reports / "veins.nii.gz")
    assert veins.grid.matches(screened.phantom.image.grid, tolerance_mm=0.05)
    prediction = screened.screening.prediction
    assert prediction.grid.matches(screened.screening.study.volume.grid)
    found = prediction.thrombus_probability >= 128
    true = screened.phantom.thrombi.array > 0
    dice = 2 * (found & true).sum() / (found.sum() + true.sum())
    assert dice > 0.5


def test_findings_fit_the_published_schema(screened):
    from jsonschema import Draft202012Validator

    runner = CliRunner()
    schema = json.loads(runner.invoke(app, ["--schema"]).stdout)
    found = json.loads((screened.reports / "findings.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(found)
    assert found["research_use_only"] is True
    assert found["synthetic"] is True
    assert len(found["findings"]) == len(screened.screening.findings)


def test_the_page_is_whole_and_honest(screened):
    page = (screened.reports / "report.html").read_text(encoding="utf-8")
    assert "not a medical device" in page.lower()
    assert "synthetic" in page.lower()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert page.count("data:image/png;base64,") >= 2


def test_a_study_of_something_else_cannot_be_assessed(tmp_path):
    """A ball of water is not a pair of legs."""
    from deepvein.volumes.grid import Grid
    from deepvein.volumes.volume import Volume

    grid = Grid.from_directions((100, 192, 192), (3.0, 2.0, 2.0))
    z, y, x = np.ogrid[-150:150:100j, -192:192:192j, -192:192:192j]
    ball = np.where(x**2 + y**2 + z**2 < 120**2, 0, -1000).astype(np.int16)
    write_nifti(Volume(ball, grid), tmp_path / "ball.nii.gz")
    result = screen(tmp_path / "ball.nii.gz", modality=Modality.CT)
    assert result.verdict is Verdict.NOT_ASSESSABLE
    assert result.probability is None
    assert result.remarks


def test_a_batch_with_a_broken_study_from_the_command_line(screened, tmp_path):
    broken = tmp_path / "broken.nii.gz"
    broken.write_bytes(b"not an image")
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app,
        ["screen", str(broken), str(screened.study), "--out", str(out), "--reports", "json"],
    )
    assert result.exit_code == 3, result.output
    with (out / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["failed", "done"]
    assert rows[1]["verdict"] == "DVT suspected"
    assert "Traceback" not in result.output
