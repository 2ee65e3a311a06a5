"""The loop whole: what readers sign is learned from, measured, put into service, and taken back."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cohorts.cohort import Cohort
from deepvein.core import settings
from deepvein.core.provenance import sha256
from deepvein.examples.patches import PatchExamples
from deepvein.findings.screening import Verdict
from deepvein.laboratory.cards.bundling import store_half
from deepvein.networks.gn_unet import GNUNetSettings
from deepvein.node.database.database import database_url, open_database
from deepvein.node.database.schema import AuditRow
from deepvein.node.outcome import StudyScreen
from deepvein.screening.bundle import BUNDLE_FILE
from unit.node.reviews.test_cohort import signed
from unit.screening.tiny_models import write_bundle, write_model

pytestmark = pytest.mark.slow


def deepvein(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_signed_reviews_make_the_next_models(tmp_path: Path) -> None:
    node = tmp_path / "node"
    database = open_database(database_url("", node))
    for place in ("a", "b", "c", "d"):
        if place in "ac":
            signed(database, node, place, {"1": {"choice": "accepted"}})
        else:
            signed(database, node, place, {}, Verdict.NOT_SUSPECTED)

    # Learned from two patients, measured on the two others.
    deepvein("cohort", "from-reviews", "--folder", node, "--out", tmp_path / "reviewed")
    reviewed = Cohort.load(tmp_path / "reviewed")
    assert all(case.segments is not None for case in reviewed)
    for name, cases in (("learn", reviewed.cases[:2]), ("judge", reviewed.cases[2:])):
        replace(reviewed, root=tmp_path / name, cases=cases).save()
    old = write_bundle(tmp_path / "old")
    # As the recipe has it, only smaller.
    network = GNUNetSettings(in_channels=3, classes=2, base=2, depth=1, prior=0.02)
    shutil.rmtree(old.segmenter)
    write_model(old.segmenter, "segmentation", PatchExamples(slices=3), network)
    small = (
        "training.epochs=1", "training.steps_per_epoch=2", "training.batch=1", "examples.slices=3",
        "examples.sampling.validation=2", "network.in_channels=3", "network.base=2", "network.depth=1",
    )  # fmt: skip
    deepvein(
        "train", "deepvein/ct-segmenter", "--cohort", tmp_path / "learn", "--out", tmp_path / "run",
        "--initial", old.segmenter, *(word for one in small for word in ("--set", one)),
    )  # fmt: skip
    # A bundle of the new segmenter; its probabilities are not fitted anew on so few studies.
    new = tmp_path / "new"
    shutil.copytree(old.folder, new)
    shutil.rmtree(new / "segmenter")
    store_half(tmp_path / "run", new / "segmenter")
    settings.save(replace(old.bundle, version="next"), new / BUNDLE_FILE)

    deepvein(
        "evaluate", new, "--against", old.folder, "--cohort", tmp_path / "judge", "--out", tmp_path,
        "--device", "cpu",
    )  # fmt: skip
    compared = json.loads((tmp_path / "comparison.json").read_text())
    assert (compared["cases"], compared["with_dvt"]) == (2, 1)
    figures = {one["name"]: one for one in compared["differences"]}
    assert figures["studies called rightly"]["test"] == "McNemar"
    for one in figures.values():
        assert one["difference"] == pytest.approx(one["new"] - one["old"])

    deepvein("models", "promote", old.folder, "--folder", node)
    screen = StudyScreen(node)
    study = node / "a" / "study"

    def weights(out: Path) -> set[str]:
        """SHA-256 of all models that a study is screened with."""
        out.mkdir()
        return {str(model["sha256"]) for model in screen(study, out, "cpu").models}

    deepvein("models", "promote", new, "--folder", node)
    shutil.rmtree(new)  # the node has its own copy
    first, second = (copied(node, version) for version in (old.bundle.version, "next"))
    assert first != second
    seen = weights(tmp_path / "with new")
    assert second in seen
    assert first not in seen
    deepvein("models", "back", "ct", "--folder", node)
    seen = weights(tmp_path / "with old")
    assert first in seen
    assert second not in seen
    with database.reading() as session:
        deeds = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert deeds[-3:] == ["promote models", "promote models", "go back models"]
    database.close()


def copied(node: Path, version: str) -> str:
    """SHA-256 of the segmenter that was copied into the node with this version."""
    (found,) = [
        path.parent
        for path in (node / "models").glob(f"*/{BUNDLE_FILE}")
        if json.loads(path.read_text())["version"] == version
    ]
    return sha256(found / "segmenter" / "model.safetensors")
