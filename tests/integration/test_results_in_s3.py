"""A batch of two processes writes to S3, as moto plays it where that is installed, and goes on there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.core.store import Store
from unit.screening.test_batch import study
from unit.screening.tiny_models import write_bundle

pytestmark = pytest.mark.slow
REPORTS = {"findings.json", "manifest.json", "territories.nii.gz", "thrombi.nii.gz", "veins.nii.gz"}


def test_a_batch_goes_on_in_s3(bucket: str, tmp_path: Path) -> None:
    write_bundle(tmp_path / "models")
    for name in ("P0", "P1"):
        study(tmp_path / "in" / name, name)
    store = Store(f"s3://{bucket}/some/results")
    command = ["screen", str(tmp_path / "in"), "--out", store.url, "--models", str(tmp_path / "models"),
               "--write", "json,nifti", "--workers", "2"]  # fmt: skip

    def screened(*more: str) -> list[str]:
        done = CliRunner().invoke(app, [*command, *more])
        assert done.exit_code == 0, done.output
        rows = json.loads(store.read("summary.json") or b"")
        assert len({row["folder"] for row in rows}) == 2
        assert all(store.sizes(row["folder"]).keys() == REPORTS for row in rows)
        return sorted(f"{row['study']} {row['status']}" for row in rows)

    assert screened() == ["P0 done", "P1 done"]
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code == 2
    assert f"{store} holds results already" in refused.stderr
    assert screened("--resume") == ["P0 skipped", "P1 skipped"]
