"""The loop learns, keeps its best, stops for good reasons, and goes on where it was."""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from deepvein.core.errors import SettingsError, TrainingError, UsageError
from deepvein.training.loop import train
from deepvein.training.losses.focal import Focal
from deepvein.training.losses.focal_dice import FocalDice
from deepvein.training.machine import Machine
from deepvein.training.process import BEST, LAST
from deepvein.training.settings import OptimiserSettings, ScheduleSettings, TrainingSettings
from unit.training.toy import ToyBatch, ToySource, toy_network

CPU = Machine(device="cpu")
SETTINGS = TrainingSettings(
    epochs=3,
    optimiser=OptimiserSettings(learning_rate=0.01),
    schedule=ScheduleSettings(kind="poly", warm_up_steps=2),
    clip_norm=1.0,
    average=0.9,
    log_every=2,
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def same(one: Path, two: Path) -> bool:
    first, second = load_file(one), load_file(two)
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def test_it_learns(tmp_path: Path) -> None:
    settings = TrainingSettings(
        epochs=30, optimiser=OptimiserSettings(learning_rate=0.02), score="dice"
    )
    result = train(
        toy_network(), ToySource(), FocalDice(), settings, tmp_path,
        validation=ToySource(seed=1), machine=CPU,
    )  # fmt: skip
    assert result.finished
    assert result.stopped == "all epochs"
    assert result.steps == result.total == 120
    assert result.score is not None
    assert result.score > 0.9


@dataclass(frozen=True)
class Slow(ToySource):
    def batch(self, step: int) -> ToyBatch:
        time.sleep(0.5)
        return super().batch(step)


def test_the_share_of_waiting_for_data_is_told(tmp_path: Path) -> None:
    settings = replace(SETTINGS, epochs=1, steps_per_epoch=2)
    begun = time.monotonic()
    slow = train(toy_network(), Slow(), Focal(), settings, tmp_path / "slow", machine=CPU)
    assert 1.0 / (time.monotonic() - begun) <= slow.waiting <= 1
    quick = train(toy_network(), ToySource(), Focal(), settings, tmp_path / "quick", machine=CPU)
    assert 0 <= quick.waiting < 1


def test_the_logs_tell_the_course(tmp_path: Path) -> None:
    reports: list[tuple[str, int, int]] = []
    result = train(
        toy_network(), ToySource(), FocalDice(), SETTINGS, tmp_path, validation=ToySource(seed=1),
        machine=CPU, progress=lambda *report: reports.append(report),
    )  # fmt: skip
    epochs = rows(tmp_path / "epochs.csv")
    assert [row["step"] for row in epochs] == ["4", "8", "12"]
    assert [row["step"] for row in rows(tmp_path / "steps.csv")] == ["2", "4", "6", "8", "10", "12"]
    assert result.score == max(float(row["score"]) for row in epochs)
    assert float(epochs[0]["score"]) == -float(epochs[0]["validation_loss"])
    assert reports == [("training", step, 12) for step in range(1, 13)]


def test_stopped_at_any_step_it_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    validation = ToySource(seed=1)
    loss = FocalDice()
    train(toy_network(), ToySource(), loss, SETTINGS, whole, validation=validation, machine=CPU)
    runs = 0
    while True:
        result = train(
            toy_network(seed=runs), ToySource(), loss, SETTINGS, pieces,
            validation=validation, machine=CPU, stop_after_s=0.0,
        )  # fmt: skip
        runs += 1
        if result.finished:
            break
        if runs == 1:  # the network's first weights matter in the first run alone
            assert result.steps == 2
    assert runs == 6
    assert same(whole / LAST, pieces / LAST)
    assert same(whole / BEST, pieces / BEST)
    kept = [[{k: v for k, v in row.items() if k != "seconds"} for row in rows(folder / name)]
            for folder in (whole, pieces) for name in ("steps.csv", "epochs.csv")]  # fmt: skip
    assert kept[:2] == kept[2:]


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    first = train(toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU)
    written = (tmp_path / LAST).stat().st_mtime_ns
    second = train(toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU)
    assert second == replace(first, loss=None)
    assert (tmp_path / LAST).stat().st_mtime_ns == written


def test_other_settings_are_not_mixed_into_a_training(tmp_path: Path) -> None:
    train(toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU)
    other = replace(SETTINGS, clip_norm=2.0)
    with pytest.raises(SettingsError, match=r"settings.clip_norm was 1.0, is 2.0"):
        train(toy_network(), ToySource(), Focal(), other, tmp_path, machine=CPU)
    with pytest.raises(SettingsError, match=r"loss.gamma was 2.0, is 1.0"):
        train(toy_network(), ToySource(), Focal(gamma=1.0), SETTINGS, tmp_path, machine=CPU)
    with pytest.raises(UsageError, match="already holds a training"):
        train(toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU, resume=False)


def test_other_terms_are_not_mixed_into_a_training(tmp_path: Path) -> None:
    def go_on(cases: str) -> None:
        train(
            toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU, terms={"cases": cases}
        )  # fmt: skip

    go_on("a")
    go_on("a")
    with pytest.raises(SettingsError, match="cases was a, is b"):
        go_on("b")
    with pytest.raises(SettingsError, match="cases was a, is None"):
        train(toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU)


def test_a_first_validation_without_a_score_ends_the_training(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="loss of the validation is not a number at epoch 1"):
        train(
            toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU,
            validation=ToySource(seed=1, poisoned=2),
        )  # fmt: skip
    assert not (tmp_path / BEST).exists()


def test_accumulated_batches_weigh_as_one_of_twice_the_size(tmp_path: Path) -> None:
    class Doubled(ToySource):
        def batch(self, step: int) -> object:  # type: ignore[override]
            one, two = super().batch(2 * step), super().batch(2 * step + 1)
            return replace(
                one,
                inputs=torch.cat([one.inputs, two.inputs]),
                targets=torch.cat([one.targets, two.targets]),
            )

    # Adam would blow up the rounding of gradients that are zero, such as those of biases before a norm.
    descent = OptimiserSettings(kind="sgd", learning_rate=0.1)
    settings = replace(SETTINGS, epochs=1, steps_per_epoch=3, average=None, optimiser=descent)
    two, one = toy_network(), toy_network()
    train(
        two, ToySource(), FocalDice(), replace(settings, accumulate=2), tmp_path / "2", machine=CPU
    )
    train(one, Doubled(), FocalDice(), settings, tmp_path / "1", machine=CPU)  # type: ignore[arg-type]
    for ours, theirs in zip(two.parameters(), one.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_a_loss_that_is_not_finite_stops_with_an_explanation(tmp_path: Path) -> None:
    source = ToySource(poisoned=5)
    with pytest.raises(TrainingError, match=r"nan at step 6 \(epoch 2, .* cases: case 5, case 5\)"):
        train(toy_network(), source, Focal(), SETTINGS, tmp_path, machine=CPU)
    state = load_file(tmp_path / LAST)
    assert all(value.isfinite().all() for value in state.values())


def test_it_stops_when_validation_no_longer_improves(tmp_path: Path) -> None:
    settings = replace(SETTINGS, epochs=50, patience=2, average=None,
                       optimiser=OptimiserSettings(kind="sgd", learning_rate=1e-30))  # fmt: skip
    result = train(
        toy_network(), ToySource(), Focal(), settings, tmp_path, validation=ToySource(seed=1),
        machine=CPU,
    )  # fmt: skip
    assert result.stopped == "early stopping"
    assert result.steps == 3 * 4
    assert result.best_epoch == 1


def test_without_validation_the_last_weights_are_the_best(tmp_path: Path) -> None:
    network = toy_network()
    result = train(
        network, ToySource(), Focal(), replace(SETTINGS, average=None), tmp_path, machine=CPU
    )
    assert result.score is None
    for name, value in load_file(result.best).items():
        assert torch.equal(value, network.state_dict()[name])


def test_random_layers_do_not_touch_the_global_state(tmp_path: Path) -> None:
    before = torch.random.get_rng_state()
    train(toy_network(), ToySource(), Focal(), SETTINGS, tmp_path, machine=CPU)
    assert torch.equal(before, torch.random.get_rng_state())


def test_tensorboard_is_written_if_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    settings = replace(SETTINGS, epochs=1)
    train(toy_network(), ToySource(), Focal(), settings, tmp_path, machine=CPU, tensorboard=True)
    assert list((tmp_path / "tensorboard").glob("events.*"))


def test_spatial_networks_are_not_trained_in_half_precision_on_a_cpu(tmp_path: Path) -> None:
    half = Machine(device="cpu", precision="bf16-mixed")
    with pytest.raises(UsageError, match="32-true"):
        train(torch.nn.Conv3d(1, 1, 3), ToySource(), Focal(), SETTINGS, tmp_path, machine=half)
    assert not list(tmp_path.iterdir())
