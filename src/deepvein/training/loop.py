"""The training loop: a page that knows nothing of veins.

A run's folder holds `last.safetensors` (where the training stands), `best.safetensors` (the weights of
the best validation, or the last ones without validation), `steps.csv`, `epochs.csv` and, if asked for,
`tensorboard/`. Batches are functions of their number, the learning rate one of the step, and random
layers draw from a stream of each step, so a training that was killed goes on from its last state and
ends, on a CPU, with the same bits as one that was not.

Step s takes the batches s * accumulate to (s + 1) * accumulate - 1. Processes share these, so that the
result does not depend on their number beyond the order of sums.
"""

from __future__ import annotations

import copy
import gc
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from deepvein.core.devices import sound_precision
from deepvein.core.errors import DeepveinError, UsageError
from deepvein.core.progress import Progress, silent
from deepvein.core.settings import from_dict, to_dict
from deepvein.training.logs import TensorBoardLog
from deepvein.training.losses import Loss
from deepvein.training.machine import Machine, started_outside
from deepvein.training.process import LAST, Job, Process, TrainingResult
from deepvein.training.settings import TrainingSettings
from deepvein.training.source import Source

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def train(  # noqa: PLR0913  (each is a choice of the caller, by name)
    network: nn.Module,
    source: Source,
    loss: Loss,
    settings: TrainingSettings,
    folder: Path,
    *,
    validation: Source | None = None,
    terms: Mapping[str, Any] | None = None,
    machine: Machine | None = None,
    resume: bool = True,
    stop_after_s: float | None = None,
    tensorboard: bool = False,
    progress: Progress = silent,
) -> TrainingResult:
    """Train `network` and keep the run in `folder`.

    The weights to use are those of the result's `best`; `network` itself ends with those of the last
    step if there is one process, and as it was if there are several.
    resume: go on where the run in `folder` stands; a finished run returns at once. Without it, a folder
    that holds a run is refused. terms: plain values that must be the same whenever the run goes on, such as
    a digest of its patients. stop_after_s: save and return after about so many seconds, to be resumed.
    Several processes are started anew, so that network, source and loss must be picklable and the script
    guarded by `if __name__ == "__main__"`.

    Raises TrainingError if the loss is no longer finite or the first validation has no score, SettingsError
    if the run was begun with other settings or terms, ModelError if its state does not fit, UsageError for
    a device that is not there or machines that have not found each other.
    """
    machine = machine or Machine()
    if not resume and (folder / LAST).exists():
        raise UsageError(f"{folder} already holds a training; resume it or choose another folder")
    if tensorboard:
        TensorBoardLog.require()
    job = Job(
        network=network,
        source=source,
        loss=loss,
        settings=settings,
        folder=folder,
        validation=validation,
        terms=dict(terms or {}),
        workers=machine.preparing_threads,
        stop_after_s=stop_after_s,
        tensorboard=tensorboard,
    )
    processes, nodes = machine.group
    settings.share(processes * nodes)
    if nodes > 1 and not started_outside():
        raise UsageError(
            f"{nodes} machines are wanted, and this process stands alone: start it on each of them by torchrun "
            "or srun (docs/cluster.md)"
        )
    fabric = machine.fabric()
    _require_sound(fabric, network)
    if processes > 1 and not started_outside():
        return _in_processes(fabric, job, progress)
    fabric.launch()
    return Process(fabric, job, progress).run()


def is_spatial(network: nn.Module) -> bool:
    """Whether a network has 3D convolutions (see `core.devices.sound_precision`)."""
    return any(isinstance(module, nn.Conv3d) for module in network.modules())


def _require_sound(fabric: Fabric, network: nn.Module) -> None:
    precision: Any = fabric.strategy.precision.precision
    sound = sound_precision(precision, fabric.device, is_spatial(network))
    if sound != precision:
        raise UsageError(
            f"3D networks cannot be trained in {precision} on a CPU, whose gradients come out wrong there; "
            f"use precision {sound}"
        )


def _in_processes(fabric: Fabric, job: Job, progress: Progress) -> TrainingResult:
    """Start the processes; the first one's progress and result come back here."""
    channel = torch.multiprocessing.get_context("spawn").SimpleQueue()

    def relay() -> None:
        while (report := channel.get()) is not None:
            progress(*report)

    listener = threading.Thread(target=relay, daemon=True)
    listener.start()
    try:
        outcome = fabric.launch(partial(_in_process, job=job, channel=channel))
    finally:
        channel.put(None)
        listener.join()
    if isinstance(outcome, DeepveinError):
        raise outcome
    return from_dict(TrainingResult, outcome)


def _in_process(fabric: Fabric, job: Job, channel: Any) -> dict[str, Any] | DeepveinError:
    """What each process does; errors of ours come back as values, so that they keep their type."""

    def report(stage: str, done: int, total: int) -> None:
        channel.put((stage, done, total))

    # Weights arrive in memory that all processes share; each trains a copy of its own.
    job = replace(job, network=copy.deepcopy(job.network))
    try:
        return to_dict(Process(fabric, job, report).run())
    except DeepveinError as error:
        # Its traceback would keep network and group alive until the interpreter ends, where the group's
        # threads can abort the process.
        return error.with_traceback(None)
    finally:
        gc.collect()  # cycles would keep the network, and with it the group
        torch.distributed.destroy_process_group()
