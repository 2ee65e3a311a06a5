"""A recipe and a small cohort become a model on disk."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError, ModelError, SettingsError, UsageError
from deepvein.core.sole_use import sole_use
from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.patches import PatchExamples
from deepvein.examples.settings import (
    ChunkSettings,
    NormalisationSettings,
    SamplingSettings,
)
from deepvein.examples.slices import SliceExamples
from deepvein.networks import NETWORKS
from deepvein.networks.gn_unet import GNUNetSettings
from deepvein.networks.i3d import I3DSettings
from deepvein.networks.resnet18 import ResNet18Settings
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.studies.study import Modality
from deepvein.training.losses.bce_dice import CrossEntropyDice
from deepvein.training.losses.cross_entropy import CrossEntropy
from deepvein.training.machine import Machine
from deepvein.training.recipe import Recipe, Task
from deepvein.training.requirements import BlindScoreWarning
from deepvein.training.run import CohortSource, divide, train_recipe
from deepvein.training.seen import learned_from, seen_notes
from deepvein.training.settings import OptimiserSettings, TrainingSettings
from deepvein.volumes.grid import Grid
from deepvein.volumes.volume import Volume

CPU = Machine(device="cpu")
_LABELS = SliceExamples(
    targets=("dvt",),
    size=(32, 32),
    vein_channel=True,
    normalisation=NormalisationSettings(kind="standardise"),
)
EXAMPLES = {
    "slices": _LABELS,
    "chunks": ChunkExamples(
        targets=_LABELS.targets,
        size=_LABELS.size,
        vein_channel=True,
        normalisation=_LABELS.normalisation,
        chunk=ChunkSettings(length=3, stride=1, target="centre"),
    ),
}
RECIPE = Recipe(
    name="test/tiny",
    task=Task.SEGMENTATION,
    modality=Modality.CT,
    summary="a test",
    source="a test",
    network="gn-unet",
    network_settings=GNUNetSettings(classes=2, base=2, depth=1),
    examples=PatchExamples(
        patch=(16, 16),
        normalisation=NormalisationSettings(kind="standardise"),
        sampling=SamplingSettings(epoch=8, validation=4),
    ),
    loss=CrossEntropyDice(),
    training=TrainingSettings(epochs=2, score="dice"),
    parameters=0,
)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Five patients with a bright vein through 4 slices of 24×24, half of it a dark thrombus."""
    root = tmp_path_factory.mktemp("cohort")
    grid = Grid.from_directions((4, 24, 24), (2.0, 1.0, 1.0))
    random = np.random.default_rng(0)
    cases = []
    for number in range(5):
        image = random.normal(50, 10, grid.shape)
        image[:, 8:16, 8:16] += 150
        image[2:, 8:16, 8:16] -= 120
        segments = np.zeros(grid.shape, np.uint8)
        segments[:, 8:16, 8:16] = encode(VeinSegment.FEMORAL, Side.LEFT)
        thrombi = np.zeros(grid.shape, np.uint8)
        thrombi[2:, 8:16, 8:16] = 1
        arrays = {"image": image.astype(np.int16), "segments": segments, "thrombi": thrombi}
        for name, array in arrays.items():
            write_nifti(Volume(array, grid), root / f"{number}-{name}.nii")
        paths = [root / f"{number}-{name}.nii" for name in arrays]
        cases.append(Case(str(number), f"patient {number}", Modality.CT, *paths, has_dvt=True))
    return Cohort(root, tuple(cases))


def test_a_recipe_becomes_a_model(cohort: Cohort, tmp_path: Path) -> None:
    training, validation = divide(cohort)
    assert len(training) == 4
    result = train_recipe(RECIPE, training, tmp_path, validation=validation, machine=CPU)
    model = result.model
    assert model is not None
    assert result.training.steps == 8
    description = model.description
    assert description.recipe == "test/tiny"
    assert description.labels == ("veins", "thrombus")
    assert description.loss is not None
    assert description.loss.name == "bce+dice"
    assert description.moments is not None
    assert description.moments.mean == pytest.approx(60, abs=15)
    assert description.cohort is not None
    assert description.cohort.cases == description.cohort.patients == 4
    assert [figure.name for figure in description.reached] == [
        "validation best epoch",
        "validation dice",
    ]
    assert model.network(torch.zeros(1, 1, 8, 8)).shape == (1, 2, 8, 8)
    notes = seen_notes([description], cohort)
    assert [note.partition(", ")[0] for note in notes] == [
        "4 of 5 cases were learned from",
        "1 of 5 cases chose the best epoch",
    ]
    again = train_recipe(RECIPE, training, tmp_path, validation=validation, machine=CPU)
    assert again.model is not None
    assert again.model.sha256 == model.sha256


def test_a_score_that_cannot_see_thrombi_is_told_and_named(cohort: Cohort, tmp_path: Path) -> None:
    empty = cohort.cases[4].thrombi.with_name("none.nii")  # type: ignore[union-attr]
    write_nifti(
        Volume(
            np.zeros((4, 24, 24), np.uint8), open_case(cohort.cases[4], cohort.cache).image.grid
        ),
        empty,
    )
    well = replace(cohort, cases=(replace(cohort.cases[4], thrombi=empty, has_dvt=False),))
    training = replace(cohort, cases=cohort.cases[:4])
    with pytest.warns(BlindScoreWarning, match="none of the 1 cases of the validation has DVT"):
        model = train_recipe(RECIPE, training, tmp_path, validation=well, machine=CPU).model
    assert model is not None
    assert model.description.reached[1].name == "validation dice of veins alone"


def test_a_run_that_another_process_works_in_is_refused(cohort: Cohort, tmp_path: Path) -> None:
    with sole_use(tmp_path / "run"), pytest.raises(UsageError, match="another process works in"):
        train_recipe(RECIPE, cohort, tmp_path / "run", machine=CPU)
    assert not (tmp_path / "run").exists()


def test_a_model_remembers_what_its_first_weights_had_seen(cohort: Cohort, tmp_path: Path) -> None:
    one, other = (cohort.select(lambda case, n=n: case.case == n) for n in ("0", "1"))
    first = train_recipe(RECIPE, one, tmp_path / "first", machine=CPU).model
    second = train_recipe(RECIPE, other, tmp_path / "second", machine=CPU, initial=first.folder)
    assert learned_from([second.model.description], cohort) == ["0", "1"]
    assert learned_from([first.description], cohort) == ["0"]
    with pytest.raises(SettingsError, match="first weights"):
        train_recipe(RECIPE, other, tmp_path / "second", machine=CPU)


def test_a_training_out_of_time_has_no_model_yet(cohort: Cohort, tmp_path: Path) -> None:
    result = train_recipe(RECIPE, cohort, tmp_path, machine=CPU, stop_after_s=0.0)
    assert result.model is None
    assert not result.training.finished
    assert not (tmp_path / "model.json").exists()
    result = train_recipe(RECIPE, cohort, tmp_path, machine=CPU)
    assert result.model is not None


def test_best_weights_that_are_gone_or_damaged_are_told(cohort: Cohort, tmp_path: Path) -> None:
    train_recipe(RECIPE, cohort, tmp_path, machine=CPU)
    for damage in (b"not weights", None):
        (tmp_path / "best.safetensors").unlink()
        if damage is not None:
            (tmp_path / "best.safetensors").write_bytes(damage)
        with pytest.raises(ModelError, match=r"best\.safetensors is gone or damaged"):
            train_recipe(RECIPE, cohort, tmp_path, machine=CPU)


def test_a_training_can_start_from_a_models_weights(cohort: Cohort, tmp_path: Path) -> None:
    first = train_recipe(RECIPE, cohort, tmp_path / "first", machine=CPU).model
    assert first is not None
    still = replace(RECIPE, training=replace(RECIPE.training, epochs=1, steps_per_epoch=1))
    still = replace(
        still, training=replace(still.training, optimiser=OptimiserSettings(learning_rate=1e-12))
    )
    second = train_recipe(
        still, cohort, tmp_path / "second", initial=tmp_path / "first", machine=CPU
    ).model
    assert second is not None
    for name, value in first.network.state_dict().items():
        torch.testing.assert_close(second.network.state_dict()[name], value, atol=1e-6, rtol=1e-5)


def test_the_weights_of_another_network_are_refused(cohort: Cohort, tmp_path: Path) -> None:
    train_recipe(RECIPE, cohort, tmp_path / "first", machine=CPU)
    wider = replace(RECIPE, network_settings=replace(RECIPE.network_settings, base=4))
    with pytest.raises(ModelError, match="another network"):
        train_recipe(wider, cohort, tmp_path / "second", initial=tmp_path / "first", machine=CPU)


def test_patients_in_both_sets_are_refused(cohort: Cohort, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="both in training and in validation"):
        train_recipe(RECIPE, cohort, tmp_path, validation=cohort, machine=CPU)
    assert not list(tmp_path.iterdir())


def test_a_cohort_of_the_other_modality_is_refused(cohort: Cohort, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="no MR case"):
        train_recipe(replace(RECIPE, modality=Modality.MR), cohort, tmp_path, machine=CPU)


@pytest.mark.parametrize("kind", ["slices", "chunks"])
def test_a_classifier_learns_from_labels_and_vein_masks(
    cohort: Cohort, tmp_path: Path, kind: str
) -> None:
    """Half of the slices show a thrombus where the mask shows a vein."""
    training, validation = divide(cohort)
    network, network_settings = {
        "slices": ("resnet18", ResNet18Settings(in_channels=2, width=4)),
        "chunks": ("i3d", I3DSettings(in_channels=2, width=4)),
    }[kind]
    recipe = replace(
        RECIPE,
        task=Task.CLASSIFICATION,
        network=network,
        network_settings=network_settings,
        examples=EXAMPLES[kind],
        loss=CrossEntropy(class_weights=(1.0, 2.0)),
        training=TrainingSettings(epochs=1, batch=4, score="auroc"),
    )
    model = train_recipe(recipe, training, tmp_path, validation=validation, machine=CPU).model
    assert model is not None
    assert model.description.labels == ("no DVT", "DVT")
    assert 0 <= model.description.reached[1].value <= 1
    size = (3, 32, 32) if kind == "chunks" else (32, 32)
    assert model.network(torch.zeros(1, 2, *size)).shape == (1, 2)


def test_a_recipes_first_weights_are_remembered_when_it_goes_on(
    cohort: Cohort, tmp_path: Path
) -> None:
    spec, file = NETWORKS.get("gn-unet"), tmp_path / "weights.safetensors"
    save_file(spec.build(GNUNetSettings(base=2, depth=1), 9).state_dict(), file)
    recipe = replace(RECIPE, pretrained=str(file))
    stopped = train_recipe(recipe, cohort, tmp_path / "run", machine=CPU, stop_after_s=0.0)
    assert stopped.model is None
    with pytest.raises(SettingsError, match="pretrained was [0-9a-f]{12}, is none"):
        train_recipe(recipe, cohort, tmp_path / "run", machine=CPU, pretrained="none")
    file.unlink()
    model = train_recipe(recipe, cohort, tmp_path / "run", machine=CPU).model
    assert model is not None
    assert model.description.pretrained is not None
    assert model.description.pretrained.file == "weights.safetensors"
    assert model.description.pretrained.fresh == ("head.",)
    with pytest.raises(UsageError, match="--pretrained"):
        train_recipe(recipe, cohort, tmp_path / "other", machine=CPU)
    random = train_recipe(recipe, cohort, tmp_path / "other", machine=CPU, pretrained="none").model
    assert random is not None
    assert random.description.pretrained is None
    with pytest.raises(UsageError, match="not of both"):
        train_recipe(RECIPE, cohort, tmp_path, initial=tmp_path, pretrained="imagenet")


def test_folds_and_splits_divide(cohort: Cohort) -> None:
    folds = replace(cohort, cases=tuple(replace(case, fold=int(case.case) % 2) for case in cohort))
    training, validation = divide(folds, fold=0)
    assert [case.case for case in training] == ["1", "3"]
    assert [case.case for case in validation] == ["0", "2", "4"]
    splits = replace(
        cohort,
        cases=tuple(
            replace(case, split="validation" if case.case == "3" else "train") for case in cohort
        ),
    )
    training, validation = divide(splits)
    assert [case.case for case in validation] == ["3"]
    assert len(training) == 4


def test_folds_leave_the_test_patients_out(cohort: Cohort) -> None:
    cases = [replace(case, fold=int(case.case) % 2) for case in cohort]
    for fold in (0, None):
        cases[0] = replace(cases[0], split="test", fold=fold)
        training, validation = divide(replace(cohort, cases=tuple(cases)), fold=0)
        assert [case.case for case in training] == ["1", "3"]
        assert [case.case for case in validation] == ["2", "4"]
    with pytest.raises(CohortError, match=r"no case is in fold 9 \(folds: 0, 1\)"):
        divide(replace(cohort, cases=tuple(cases)), fold=9)
    with pytest.raises(CohortError, match="5 cases have no fold, such as '0'"):
        divide(cohort, fold=0)
    alone = replace(cohort, cases=tuple(replace(case, fold=3) for case in cohort))
    with pytest.raises(CohortError, match="all cases are in fold 3"):
        divide(alone, fold=3)


def test_a_training_does_not_go_on_otherwise(cohort: Cohort, tmp_path: Path) -> None:
    parts = [replace(cohort, cases=part) for part in (cohort.cases[:3], cohort.cases[3:])]
    train_recipe(RECIPE, parts[0], tmp_path, validation=parts[1], machine=CPU, stop_after_s=0.0)

    def refused(says: str, recipe: Recipe = RECIPE, *, swap: tuple[int, int] = (0, 0)) -> None:
        cases = list(cohort.cases)
        one, two = swap
        cases[one], cases[two] = cases[two], cases[one]
        training, validation = (replace(cohort, cases=tuple(c)) for c in (cases[:3], cases[3:]))
        with pytest.raises(SettingsError, match=says):
            train_recipe(recipe, training, tmp_path, validation=validation, machine=CPU)

    refused("training cases was 3 of 3 patients .*validation cases was 2", swap=(0, 4))
    refused("order of training cases was", swap=(0, 1))
    refused(
        "normalisation was", replace(RECIPE, examples=replace(
            RECIPE.examples, normalisation=NormalisationSettings()))
    )  # fmt: skip
    refused(
        "network.settings.groups was",
        replace(RECIPE, network_settings=replace(RECIPE.network_settings, groups=1)),
    )
    with pytest.raises(SettingsError, match="precision was 32-true, is bf16-mixed"):
        train_recipe(
            RECIPE,
            parts[0],
            tmp_path,
            validation=parts[1],
            machine=replace(CPU, precision="bf16-mixed"),
        )
    weights = tmp_path / "weights.safetensors"
    network = RECIPE.network_settings
    save_file(NETWORKS.get("gn-unet").build(network, 9).state_dict(), weights)
    with pytest.raises(SettingsError, match="pretrained was none, is "):
        train_recipe(
            RECIPE, parts[0], tmp_path, validation=parts[1], machine=CPU, pretrained=str(weights)
        )
    mask = cohort.cases[4].thrombi
    assert mask is not None
    volume = read_nifti(mask)
    write_nifti(Volume(np.roll(volume.array, 1, axis=1), volume.grid), mask)
    refused("validation voxels was")
    write_nifti(volume, mask)
    assert train_recipe(RECIPE, parts[0], tmp_path, validation=parts[1], machine=CPU).model


def test_a_source_can_be_sent_to_another_process(cohort: Cohort) -> None:
    source = CohortSource(
        cohort, replace(RECIPE.examples, normalisation=NormalisationSettings()), 0, 2, training=True
    )
    batch = source.batch(3)
    sent = pickle.loads(pickle.dumps(source))
    assert "opened" not in sent.__dict__
    assert torch.equal(sent.batch(3).inputs, batch.inputs)
