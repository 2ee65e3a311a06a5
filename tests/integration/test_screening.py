"""The main job with the bundled models: phantoms as DICOM in, reports out.

What is claimed here is that software and models work on what they were made for: synthetic legs.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.findings.screening import Screening, Verdict
from deepvein.screening.record import load_screening
from deepvein.screening.screen import screen
from deepvein.studies.masks.alignment import place
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.studies.study import Modality
from demo import STUDIES, Demo

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Screened:
    """planted: what planted.json says; truth: the number of the thrombus in each voxel of the study."""

    planted: list[dict[str, Any]]
    truth: NDArray[np.uint8]
    screening: Screening
    reports: Path


@pytest.fixture(scope="module", params=STUDIES)
def screened(request, the_demo: Demo) -> Screened:
    study, reports = the_demo.folder / request.param, the_demo.results / request.param
    screening = load_screening(reports)
    truth = place(read_nifti(study / "truth" / "thrombi.nii.gz"), screening.study.volume.grid)
    planted = json.loads((study / "planted.json").read_text())["thrombi"]
    return Screened(planted, truth.array, screening, reports)


def test_the_planted_thrombi_are_found_on_the_right_side(screened):
    assert screened.screening.verdict is Verdict.SUSPECTED
    assert screened.planted
    for planted in screened.planted:
        hit = [
            finding
            for finding in screened.screening.findings
            if (screened.truth[tuple(finding.indices.T)] == planted["number"]).mean() > 0.1
        ]
        assert hit, f"{planted} was missed"
        assert any(finding.side.value == planted["side"] for finding in hit)
        named = {share.segment.term.abbreviation for found in hit for share in found.segments}
        assert named & set(planted["segments"])


def test_masks_lie_on_the_study_and_over_the_truth(screened):
    veins = read_nifti(screened.reports / "veins.nii.gz")
    assert veins.grid.matches(screened.screening.study.volume.grid, tolerance_mm=0.05)
    prediction = screened.screening.prediction
    assert prediction.grid.matches(screened.screening.study.volume.grid)
    found = prediction.thrombus_probability >= 128
    true = screened.truth > 0
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


def test_a_batch_with_a_broken_study_from_the_command_line(the_demo):
    assert the_demo.exit_code == 3, the_demo.output
    with (the_demo.results / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["failed", "done", "done"]
    assert [row["verdict"] for row in rows[1:]] == ["DVT suspected"] * 2
    assert "Traceback" not in the_demo.output
