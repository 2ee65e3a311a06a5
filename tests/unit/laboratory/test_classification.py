from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.core import settings
from deepvein.core.errors import CohortError
from deepvein.examples.presets import KOZEMZAK2019_CLASSIFICATION
from deepvein.inference.models import open_model
from deepvein.laboratory.classification import judge, write_account
from deepvein.laboratory.kozemzak2019.results import SliceResults
from deepvein.networks import NETWORKS
from deepvein.networks.resnet18 import ResNet18Settings
from deepvein.studies.nifti import write_nifti
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import ModelDescription, Part, save_model
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

SLICES = 4


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An untrained ResNet18 for slices of 32 by 32."""
    torch.manual_seed(0)
    network = ResNet18Settings(width=4)
    save_model(
        NETWORKS.get("resnet18").build(network),
        ModelDescription(
            recipe="test",
            task="classification",
            modality=Modality.CT,
            network=Part("resnet18", settings.to_dict(network)),
            examples=replace(KOZEMZAK2019_CLASSIFICATION, size=(32, 32)),
            labels=("no DVT", "DVT"),
            moments=Moments(1000, 0.0, 100.0),
        ),
        tmp_path / "model",
    )
    return tmp_path / "model"


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    """Two studies of four slices: in the first the third slice shows thrombus, in the second none."""
    rng = np.random.default_rng(0)
    grid = Grid.from_directions((SLICES, 40, 40), (5.0, 1.0, 1.0))
    cases = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        thrombi = np.zeros((SLICES, 40, 40), dtype=np.uint8)
        if name == "a":
            thrombi[2, 10:14, 20:24] = 1
        image = rng.normal(50, 40, (SLICES, 40, 40)).astype(np.float32)
        write_nifti(Volume(image, grid), folder / "image.nii")
        write_nifti(Volume(thrombi, grid), folder / "thrombi.nii")
        cases.append(
            Case(name, name, Modality.CT, folder / "image.nii", None, folder / "thrombi.nii",
                 has_dvt=name == "a")
        )  # fmt: skip
    made = Cohort(tmp_path, tuple(cases))
    made.save()
    return made


def test_every_slice_is_judged_and_the_surest_are_explained(
    model: Path, cohort: Cohort, tmp_path: Path
) -> None:
    loaded = open_model(model, "cpu")
    judged = judge(loaded, cohort)
    assert [(row.case, row.slice, row.truth) for row in judged.results.rows] == [
        (case, index, int((case, index) == ("a", 2))) for case in "ab" for index in range(SLICES)
    ]
    higher = [row.probability < judged.results.rows[2].probability for row in judged.results.rows]
    assert judged.scores.auroc.value == pytest.approx(sum(higher) / 7)
    account = write_account(loaded, judged, tmp_path / "out")
    assert SliceResults.load(tmp_path / "out") is not None
    pictures = sorted(path.name for path in (tmp_path / "out/surest").glob("*.png"))
    assert pictures == ["false-1.png", "false-2.png", "right-1.png"]
    text = account.read_text(encoding="utf-8")
    assert "Case a, slice 3" in text
    alone = judge(loaded, replace(cohort, cases=(cohort.cases[1],)))
    (note, *_) = alone.notes
    assert note.startswith("not measured, since no case has DVT: slice AUROC")
    assert "Not a medical device" in text
    assert all(name in text for name in pictures)


def test_a_case_that_is_not_annotated_is_refused(model: Path, cohort: Cohort) -> None:
    bare = replace(cohort.cases[0], thrombi=None)
    with pytest.raises(CohortError, match="no thrombi for 'a'"):
        judge(open_model(model, "cpu"), replace(cohort, cases=(bare,)))
    with pytest.raises(CohortError, match="no CT case"):
        judge(open_model(model, "cpu"), replace(cohort, cases=()))


def test_evaluate_measures_a_classifier(model: Path, cohort: Cohort, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["evaluate", str(model), "--cohort", str(cohort.root), "--out", str(out)]
    done = CliRunner().invoke(app, [*arguments, "--device", "cpu", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["cases"], answer["with_dvt"]) == (2, 1)
    assert answer["metrics"][0]["name"] == "slice AUROC"
    assert (out / "MEASURED.md").is_file()
    assert (out / "measurement.json").is_file()
