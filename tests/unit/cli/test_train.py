from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from deepvein.cli.main import app
from deepvein.cli.slurm import Resources
from deepvein.cli.train import adapted
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import SettingsError
from deepvein.laboratory import RECIPES
from deepvein.studies.nifti import write_nifti
from deepvein.studies.study import Modality
from deepvein.training.machine import Machine
from deepvein.training.process import TrainingResult
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

runner = CliRunner()
RECIPE = RECIPES.get("huang2019/gn-unet")()


def test_settings_of_each_part_can_be_changed_and_the_others_stay() -> None:
    changes = {
        "training": {"epochs": 3, "optimiser": {"learning_rate": 0.5}},
        "network": {"base": 4},
    }
    changed = adapted(RECIPE, changes)
    assert changed.training.epochs == 3
    assert changed.training.optimiser.learning_rate == 0.5
    assert changed.training.optimiser.momentum == RECIPE.training.optimiser.momentum
    assert changed.training.batch == RECIPE.training.batch
    assert changed.network_settings.base == 4
    assert changed.network_settings.depth == RECIPE.network_settings.depth
    assert changed.examples == RECIPE.examples
    assert changed.loss == RECIPE.loss


def test_no_change_is_the_same_recipe() -> None:
    for name in RECIPES.names():
        recipe = RECIPES.get(name)()
        assert (
            adapted(recipe, {"training": {}, "examples": {}, "network": {}, "loss": {}}) == recipe
        )


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 3}, {"training": 3}, {"training": {"epoch": 3}}, {"training": {"epochs": "many"}}],
)
def test_unknown_keys_and_wrong_values_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        adapted(RECIPE, changes)


Calls = list[dict[str, Any]]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """A cohort of ten MR patients in `tmp_path`, and a training that only notes how it is called."""
    images = [tmp_path / f"image{n}.nii" for n in range(10)]
    for image in images:
        image.touch()
    cases = [
        Case(f"case{n}", f"patient{n}", Modality.MR, image, fold=n % 5)
        for n, image in enumerate(images)
    ]
    Cohort(tmp_path, tuple(cases)).save()
    noted: Calls = []

    def train_recipe(recipe: Any, cohort: Cohort, out: Path, **options: Any) -> Any:
        noted.append({"recipe": recipe, "cohort": cohort, "out": out, **options})
        stopped = "" if options["stop_after_s"] else "all epochs"
        result = TrainingResult(out / "best", 0.75, 4, 0.1, 10, 20, 1.0, stopped)
        return SimpleNamespace(training=result, model=None)

    monkeypatch.setattr("deepvein.training.run.train_recipe", train_recipe)
    monkeypatch.chdir(tmp_path)
    return noted


def test_a_fifth_of_the_patients_is_set_aside(calls: Calls) -> None:
    done = runner.invoke(app, ["train", RECIPE.name, "--cohort", "."])
    assert done.exit_code == 0, done.output
    (call,) = calls
    assert (len(call["cohort"]), len(call["validation"])) == (8, 2)
    assert not {*call["cohort"].patients} & {*call["validation"].patients}
    assert call["out"] == Path("runs", RECIPE.name)
    assert call["machine"] == Machine(device="auto", processes=1)
    assert call["resume"] is False
    assert "best epoch 4" in done.stdout
    assert f"deepvein evaluate {Path('runs', RECIPE.name)} --cohort ." in done.stdout


def test_a_reader_is_measured_in_a_bundle(calls: Calls) -> None:
    done = runner.invoke(app, ["train", "deepvein/mr-reader", "--cohort", "."])
    assert done.exit_code == 0, done.output
    assert "deepvein bundle ... --reader runs/deepvein/mr-reader" in done.stdout.replace("\n", "")


def test_what_was_decided_about_masks_is_said(calls: Calls, tmp_path: Path) -> None:
    grid = Grid.from_directions((4, 5, 6), (2.0, 1.0, 1.0))
    write_nifti(Volume(np.zeros(grid.shape, np.int16), grid), tmp_path / "image1.nii")
    mask = np.zeros(grid.shape, np.uint8)
    mask[1] = 255
    write_nifti(Volume(mask, grid), tmp_path / "full.nii")
    cohort = Cohort.load(tmp_path)
    marked = replace(cohort.cases[1], thrombi=tmp_path / "full.nii")
    replace(cohort, cases=(cohort.cases[0], marked, *cohort.cases[2:])).save()
    done = runner.invoke(app, ["train", RECIPE.name, "--cohort", ".", "--fold", "0"])
    assert done.exit_code == 0, done.output
    assert "full.nii marks with 255, which is read as 1" in done.stderr
    assert len(calls) == 1


def test_patients_on_both_sides_who_may_be_one_are_told(calls: Calls, tmp_path: Path) -> None:
    cohort = Cohort.load(tmp_path)
    first, second, *others = cohort.cases
    cases = (replace(first, patient="P7_2023"), replace(second, patient="P7_2024"), *others)
    replace(cohort, cases=cases).save()
    done = runner.invoke(app, ["train", RECIPE.name, "--cohort", ".", "--fold", "0"])
    assert done.exit_code == 0, done.output
    said = " ".join(done.stderr.split())
    assert "'P7_2024' is learned from and 'P7_2023' validated on: if they are one" in said


def test_options_reach_the_training(calls: Calls) -> None:
    options = [
        "--pretrained",
        "imagenet",
        "--fold",
        "2",
        "--set",
        "training.epochs=7",
        "--device",
        "cpu",
        "--minutes",
        "2",
        "--devices",
        "4",
        "--nodes",
        "2",
        "--profile",
    ]
    arguments = ["train", RECIPE.name, "--cohort", ".", "--out", "run", "--resume", *options]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 0, done.output
    (call,) = calls
    assert {case.fold for case in call["validation"]} == {2}
    assert call["recipe"].training.epochs == 7
    assert call["machine"] == Machine(device="cpu", processes=4, nodes=2)
    assert "Waiting for data: 0% of the time" in done.stdout
    assert call["stop_after_s"] == 120
    assert call["pretrained"] == "imagenet"
    assert call["resume"] is True
    assert "10 of 20 steps; add --resume to go on" in done.stdout


def test_only_the_first_of_several_processes_speaks(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "TORCHELASTIC_RUN_ID": "1",
        "LOCAL_WORLD_SIZE": "2",
        "WORLD_SIZE": "4",
    }.items():
        monkeypatch.setenv(name, value)
    for rank, speaks in (("0", True), ("3", False)):
        monkeypatch.setenv("RANK", rank)
        done = runner.invoke(app, ["train", RECIPE.name, "--cohort", "."])
        assert done.exit_code == 0, done.output
        assert bool(done.output) is speaks
    assert len(calls) == 2


def test_a_training_is_given_to_slurm(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def submit(*arguments: Any) -> Any:
        given.append(arguments)
        return SimpleNamespace(job_id="4242", paths=SimpleNamespace(stdout="run/slurm/4242.out"))

    monkeypatch.setattr("deepvein.cli.slurm.submit", submit)
    own = ["train", RECIPE.name, "--cohort", ".", "--out", "run", "--devices", "2", "--nodes", "3"]
    queue = ["--cluster", "slurm:gpu", "--hours", "2"]
    monkeypatch.setattr("sys.argv", ["deepvein", *own, *queue, "--gpus"])
    done = runner.invoke(app, [*own, *queue, "--gpus"])
    assert done.exit_code == 0, done.output
    assert "SLURM job 4242 is queued" in done.stdout
    ((command, folder, wanted),) = given
    assert command.arguments == (*own, "--resume")
    assert folder == Path("run/slurm").absolute()
    assert wanted == Resources(nodes=3, processes=2, gpus=2, hours=2.0, partition="gpu")
    Path("run").mkdir()
    Path("run/last.safetensors").touch()
    refused = runner.invoke(app, [*own, *queue])
    assert refused.exit_code == 2
    assert "already holds a training; add --resume" in refused.stderr
    assert len(given) == 1
    assert not calls


def test_a_cohort_of_the_other_modality_is_refused(calls: Calls) -> None:
    done = runner.invoke(app, ["train", "deepvein/ct-localiser", "--cohort", "."])
    assert done.exit_code == 3
    assert "has no CT case" in done.stderr
    assert not calls


def test_an_unknown_recipe_is_answered_with_the_known_ones(calls: Calls) -> None:
    done = runner.invoke(app, ["train", "huang2019/gn-unett", "--cohort", "."])
    assert done.exit_code == 2
    assert "did you mean 'huang2019/gn-unet'?" in done.stderr
