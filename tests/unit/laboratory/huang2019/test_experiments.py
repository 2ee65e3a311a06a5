from __future__ import annotations

import pytest

from deepvein.core.errors import UsageError
from deepvein.laboratory.huang2019.experiments import experiments, runs
from deepvein.laboratory.huang2019.profiles import GPU, PAPER, PROFILES, QUICK, Profile
from deepvein.laboratory.huang2019.recipes import MODELS, gn_unet
from deepvein.networks import NETWORKS


def test_the_paper_profile_is_the_papers() -> None:
    found = {one.name: one.recipe for one in experiments(PAPER)}
    for name, make in MODELS.items():
        recipe = make()
        made = found[f"models/{name}"]
        assert made.network_settings == recipe.network_settings
        assert made.examples == recipe.examples
        assert made.loss == recipe.loss
        assert (made.training.epochs, made.training.batch) == (250, 2)
        assert made.training.steps_per_epoch is None
        assert made.parameters == recipe.parameters
    assert (PAPER.patients, PAPER.slices, PAPER.folds) == (58, 5388, 8)
    assert sum(PAPER.slices_of(k) for k in range(58)) == 5388
    assert (PAPER.field.rows, PAPER.field.columns) == (961, 345)


@pytest.mark.parametrize("name", PROFILES.names())
def test_networks_of_all_profiles_can_be_built(name: str) -> None:
    profile = PROFILES.get(name)
    for one in experiments(profile):
        settings = one.recipe.network_settings
        assert NETWORKS.get(one.recipe.network).parameters(settings) == one.recipe.parameters
        rows, columns = profile.size
        factors = settings.size_multiple[-2:]
        assert rows % factors[0] == 0
        assert columns % factors[1] == 0


def test_order_and_choice() -> None:
    every = [run.name for run in runs(QUICK)]
    assert every[0] == "models/gn-unet/fold-0"
    assert len(set(every)) == len(every)
    assert sum(name.startswith("models/") for name in every) == 4 * QUICK.folds
    few = runs(QUICK, ("gcn",), (1,), beyond=False)
    assert [run.name for run in few] == ["models/gcn/fold-1"]
    assert not any("sequences" in run.name for run in runs(QUICK, sequences=False))
    assert not any("centre" in run.name for run in runs(QUICK, centres=("A",)))


def test_unknown_models_and_folds_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown model 'vgg'"):
        runs(QUICK, ("vgg",))
    with pytest.raises(UsageError, match="fold 9"):
        runs(QUICK, (), (9,))


def test_a_question_changes_one_thing() -> None:
    found = {one.name: one.recipe for one in experiments(QUICK)}
    base = found["models/gn-unet"]
    for name, recipe in found.items():
        if name.startswith("losses/"):
            assert recipe.network_settings == base.network_settings
            assert recipe.training == base.training
            assert recipe.loss != base.loss
    group, batch = found["normalisation/group"], found["normalisation/batch"]
    assert (group.training.batch, batch.training.batch) == (2, 2)
    slices = group.training.steps_per_epoch * 2 * group.training.epochs
    assert slices == base.training.steps_per_epoch * base.training.batch * base.training.epochs
    assert base.loss == gn_unet().loss


def test_the_volume_sees_as_many_slices() -> None:
    found = {one.name: one.recipe for one in experiments(GPU)}
    flat, solid = found["models/gn-unet"], found["volume/gn-unet-3d"]
    seen = flat.training.steps_per_epoch * flat.training.batch
    chunks = solid.training.steps_per_epoch * solid.training.batch
    assert abs(chunks * GPU.chunk - seen) <= GPU.chunk


def test_profiles_that_cannot_be() -> None:
    for wrong in ({"patients": 3}, {"size": (100, 100)}, {"chunk": 6}, {"trials": (8,)}):
        with pytest.raises(UsageError):
            Profile("x", "x", **wrong)
