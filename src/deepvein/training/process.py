"""One process's part of a training, step by step; `training.loop` says what a training is."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from deepvein.core.errors import SettingsError, TrainingError
from deepvein.core.kept import differences
from deepvein.core.progress import Progress, silent
from deepvein.core.settings import to_dict
from deepvein.training.average import average_of
from deepvein.training.logs import EpochReport, RunLog
from deepvein.training.losses import Loss
from deepvein.training.optimisers import optimiser
from deepvein.training.random_layers import stream
from deepvein.training.schedules import factor
from deepvein.training.settings import TrainingSettings
from deepvein.training.source import Batch, Feed, Source
from deepvein.training.state import (
    Position,
    load_state,
    load_terms,
    save_state,
    save_weights,
)
from deepvein.training.validation import Validation, Verdict

if TYPE_CHECKING:
    from lightning_fabric import Fabric

BEST, LAST = "best.safetensors", "last.safetensors"
_SAVE_EVERY_S = 120.0
_NEW_TERMS = ("precision", "pretrained", "order of training cases")
"""What runs of earlier versions do not tell, so that it cannot be compared."""


@dataclass(frozen=True)
class Job:
    """What to train and how; workers prepare batches ahead. terms: what must stay the same beside settings,
    loss and number of batches when the training goes on."""

    network: nn.Module
    source: Source
    loss: Loss
    settings: TrainingSettings
    folder: Path
    validation: Source | None = None
    terms: dict[str, Any] = field(default_factory=dict)
    workers: int = 0
    stop_after_s: float | None = None
    tensorboard: bool = False


@dataclass(frozen=True)
class TrainingResult:
    """best: the file of the best weights. score: theirs in validation, None without validation.

    loss: mean over the last whole epoch of this run, None if it ended none. steps: optimiser steps done
    of `total`. stopped: "all epochs" or "early stopping"; empty if the time was over before the end.
    waiting: share of this run's time, 0 to 1, in which the network waited for its next batch, preparing it
    included where no thread does that ahead; of the first process, if there are several.
    """

    best: Path
    score: float | None
    best_epoch: int
    loss: float | None
    steps: int
    total: int
    seconds: float
    stopped: str
    waiting: float = field(default=0.0, compare=False)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return bool(self.stopped)


class Process:
    """One process's part of a training; `run` trains to the end, or until the time is over."""

    def __init__(self, fabric: Fabric, job: Job, progress: Progress = silent) -> None:
        self.fabric, self.job, self.settings = fabric, job, job.settings
        self.progress = progress if fabric.is_global_zero else silent
        self.share = self.settings.share(fabric.world_size)
        batches = len(job.source)
        self.epoch_steps = self.settings.steps_per_epoch or max(
            batches // self.settings.accumulate, 1
        )
        self.total = self.epoch_steps * self.settings.epochs
        self.plain = job.network.train()
        self.network, self.optimiser = fabric.setup(
            job.network, optimiser(self.settings.optimiser, job.network)
        )
        decay = self.settings.average
        self.average = None if decay is None else average_of(self.plain, decay)
        self.validation = (
            None
            if job.validation is None
            else Validation(fabric, job.validation, job.loss, self.settings.score, job.workers)
        )
        self.started = time.monotonic()
        self.position = self._stand()
        self._require_together()
        self.begun, self.seconds_before = self.position.step, self.position.seconds
        self.last_loss: float | None = None
        self.waited_s = 0.0

    def run(self) -> TrainingResult:
        settings, position = self.settings, self.position
        batches = self._batches()
        log = (
            RunLog(self.job.folder, position.step, self.job.tensorboard)
            if self.fabric.is_global_zero
            else None
        )
        pending: list[Tensor] = []
        saved, over = time.monotonic(), False
        try:
            if self.validation is not None and not position.step:
                self.validation.require_scorable(self.plain)
            while not position.stopped and not over:
                pending.append(self._step(batches))
                self.progress("training", position.step, self.total)
                ends = position.step % self.epoch_steps == 0
                if position.step % settings.log_every and not ends:
                    continue
                self._note(pending, log)
                pending.clear()
                if ends:
                    self._end_epoch(log)
                over = self._time_is_over()
                if ends or over or time.monotonic() > saved + _SAVE_EVERY_S:
                    self._save()
                    saved = time.monotonic()
        finally:
            if log is not None:
                log.close()
        self.fabric.barrier()
        return TrainingResult(
            best=self.job.folder / BEST,
            score=position.best,
            best_epoch=position.best_epoch,
            loss=self.last_loss,
            steps=position.step,
            total=self.total,
            seconds=position.seconds,
            stopped=position.stopped,
            waiting=self.waited_s / max(time.monotonic() - self.started, 1e-9),
        )

    def _step(self, batches: Iterator[Batch]) -> Tensor:
        """One optimiser step; gives the loss of this process's share, which stays on the device."""
        settings, step, fabric = self.settings, self.position.step, self.fabric
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate(step)
        total = torch.zeros((), device=fabric.device)
        with stream(fabric.device, settings.seed, step, fabric.global_rank):
            for turn in range(self.share):
                begun = time.monotonic()
                batch = next(batches)
                self.waited_s += time.monotonic() - begun
                waits = turn + 1 < self.share
                with fabric.no_backward_sync(self.network, enabled=waits):
                    logits = self.network(batch.inputs)
                    loss = self.job.loss(logits, batch.targets, batch.weights) / self.share
                    fabric.backward(loss)
                total += loss.detach()
        if settings.clip_norm is not None:
            fabric.clip_gradients(
                self.network, self.optimiser, max_norm=settings.clip_norm, error_if_nonfinite=False
            )
        self.optimiser.step()
        self.optimiser.zero_grad()
        if self.average is not None:
            self.average.update_parameters(self.plain)
        self.position.step += 1
        return total

    def _note(self, pending: list[Tensor], log: RunLog | None) -> None:
        """Look at the losses of the last steps, all at once so that the device need not wait for each."""
        position, losses = self.position, torch.stack(pending)
        if self.fabric.world_size > 1:
            losses = self.fabric.all_reduce(losses, reduce_op="mean")
        values = losses.tolist()
        for number, value in enumerate(values):
            if not math.isfinite(value):
                self._give_up(position.step - len(values) + number, value)
            position.losses += value
        position.seconds = self.seconds_before + time.monotonic() - self.started
        if log is not None:
            rate = self._learning_rate(position.step - 1)
            log.steps(position.step, rate, sum(values) / len(values), position.seconds)

    def _end_epoch(self, log: RunLog | None) -> None:
        """Validate, keep the weights if they are the best, and decide whether it is enough."""
        position, settings = self.position, self.settings
        epoch = position.step // self.epoch_steps
        self.last_loss, position.losses = position.losses / self.epoch_steps, 0.0
        network = self.plain if self.average is None else self.average.module
        verdict = Verdict()
        if self.validation is not None and (
            epoch % settings.validate_every == 0 or epoch == settings.epochs
        ):
            verdict = self.validation.of(network)
            self._require_score(verdict, epoch)
            if verdict.beats(position.best):
                position.best, position.best_epoch, position.stale = verdict.score, epoch, 0
                self._keep(network)
            else:
                position.stale += 1
        if epoch == settings.epochs:
            position.stopped = "all epochs"
        elif settings.patience is not None and position.stale >= settings.patience:
            position.stopped = "early stopping"
        if position.stopped and self.validation is None:
            self._keep(network)
        if log is not None:
            pace = (time.monotonic() - self.started) / (position.step - self.begun)
            log.epoch(
                EpochReport(
                    step=position.step,
                    epoch=epoch,
                    epochs=settings.epochs,
                    loss=self.last_loss,
                    validation_loss=verdict.loss,
                    score=verdict.score,
                    parts=verdict.parts,
                    seconds=position.seconds,
                    left_s=pace * (self.total - position.step),
                )
            )

    def _give_up(self, step: int, value: float) -> None:
        first = step * self.settings.accumulate
        numbers = range(first, first + self.settings.accumulate)
        cases = [case for number in numbers for case in self.job.source.batch(number).cases]
        raise TrainingError(
            f"the loss became {value} at step {step + 1} (epoch {step // self.epoch_steps + 1}, learning "
            f"rate {self._learning_rate(step):g}, cases: {', '.join(cases) or 'not named'}); try a lower "
            "learning rate, clip_norm = 1 or precision 32-true, and look at these cases"
        )

    def _require_score(self, verdict: Verdict, epoch: int) -> None:
        """TrainingError if there is nothing yet by which an epoch could be chosen."""
        if math.isnan(verdict.score) and self.position.best is None:
            raise TrainingError(
                f"{self.settings.score} of the validation is not a number at epoch {epoch}, so no epoch can "
                "be chosen by it; validate on cases that show what is looked for, or set training.score=loss"
            )

    def _stand(self) -> Position:
        """Where the training stands: at the start, or where the folder says."""
        path = self.job.folder / LAST
        if not path.exists():
            return Position()
        now = json.loads(json.dumps(self._terms()))
        untold = {name: now[name] for name in _NEW_TERMS if name in now}
        wrong = differences(untold | load_terms(path), now)
        if wrong:
            raise SettingsError(
                f"{self.job.folder} was begun otherwise ({'; '.join(wrong)}); go on as it was begun, or choose "
                "another folder"
            )
        position = load_state(path, self.plain, self.average, self.optimiser.optimizer)
        self.fabric.strategy.precision.load_state_dict(position.precision)
        return position

    def _require_together(self) -> None:
        """TrainingError if not all processes stand where the first does, as on machines that do not see the
        folder of the run."""
        step = self.position.step
        first: int = self.fabric.broadcast(step)
        apart = torch.tensor(float(abs(step - first)), device=self.fabric.device)
        if float(self.fabric.all_reduce(apart, reduce_op="sum")):
            raise TrainingError(
                f"the first process stands at step {first} of the run in {self.job.folder}, and not all others "
                "do; give a folder that all machines see under the same path"
            )

    def _save(self) -> None:
        self.position.precision = dict(self.fabric.strategy.precision.state_dict())
        if self.fabric.is_global_zero:
            save_state(
                self.job.folder / LAST, self.position, self._terms(),
                self.plain, self.average, self.optimiser.optimizer,
            )  # fmt: skip

    def _keep(self, network: nn.Module) -> None:
        if self.fabric.is_global_zero:
            save_weights(network, self.job.folder / BEST)

    def _terms(self) -> dict[str, Any]:
        """What must not change between the runs of a training."""
        loss: Any = self.job.loss
        name = type(loss).__name__
        return {
            "settings": to_dict(self.settings),
            "loss": {"name": name, **to_dict(loss)} if is_dataclass(loss) else {"name": name},
            "batches": len(self.job.source),
            "precision": self.fabric.strategy.precision.precision,
            **self.job.terms,
        }

    def _batches(self) -> Iterator[Batch]:
        """This process's batches from here to the end."""
        first, end = (one * self.settings.accumulate for one in (self.position.step, self.total))
        turns = range(first + self.fabric.global_rank, end, self.fabric.world_size)
        device = self.fabric.device

        def batches(step: int) -> Batch:
            return self.job.source.batch(step).to(device)

        return iter(Feed(batches, turns, device, self.job.workers))

    def _learning_rate(self, step: int) -> float:
        rate = self.settings.optimiser.learning_rate
        return rate * factor(self.settings.schedule, step, self.total)

    def _time_is_over(self) -> bool:
        if self.job.stop_after_s is None:
            return False
        over: bool = self.fabric.broadcast(time.monotonic() - self.started > self.job.stop_after_s)
        return over
