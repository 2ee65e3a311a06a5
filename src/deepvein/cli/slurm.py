"""A command in SLURM's queue, by submitit (extra `[slurm]`): `deepvein train … --cluster slurm`."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.core.errors import MissingExtraError, UsageError, WorkerError

if TYPE_CHECKING:
    from submitit import Job
    from submitit.helpers import DelayedSubmission

_TIMES = 1000
"""How often a job whose hours are over is queued again; submitit wants a number."""


@dataclass(frozen=True)
class Resources:
    """What a job asks for: so many processes, and as many graphics processors, on each of `nodes` machines of
    a partition, for so many hours at a time."""

    nodes: int = 1
    processes: int = 1
    gpus: int = 0
    hours: float = 24.0
    partition: str | None = None


@dataclass(frozen=True)
class Command:
    """The arguments of a `deepvein` command that goes on where it stands whenever it is begun again."""

    arguments: tuple[str, ...]

    def __call__(self) -> None:
        """Run it in this process, which SLURM's signals reach. WorkerError if it does not end well."""
        from deepvein.cli.main import app

        sys.argv = ["deepvein", *self.arguments]  # results tell by which command they were made
        code = app(list(self.arguments), standalone_mode=False)
        if code:
            raise WorkerError(f"deepvein {self.arguments[0]} ended with exit code {code}")

    def checkpoint(self) -> DelayedSubmission:
        """What is queued when SLURM is about to end the job: the same once more."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def partition_of(cluster: str) -> str | None:
    """The partition in `slurm:PARTITION`, None for `slurm` alone; UsageError for anything else."""
    found = re.fullmatch(r"slurm(?::([\w.,-]+))?", cluster)
    if found is None:
        raise UsageError(f"--cluster {cluster!r} is not known here; give slurm or slurm:PARTITION")
    return found[1]


def without(arguments: Sequence[str], *options: str) -> tuple[str, ...]:
    """The arguments without some options, which have a value each: `--option value` or `--option=value`."""
    kept: list[str] = []
    rest = iter(arguments)
    for one in rest:
        if one in options:
            next(rest, None)
        elif one.partition("=")[0] not in options:
            kept.append(one)
    return tuple(kept)


def submit(
    command: Command, folder: Path, resources: Resources, *, queue: str = "slurm"
) -> Job[None]:
    """Queue a command; its log and what submitit needs lie in `folder`.

    When its time is over or something more urgent takes its machines, the command is queued again under the
    same number. queue: another one that submitit knows, such as `local`.

    Raises
    ------
    MissingExtraError
        submitit is not installed.
    UsageError
        This machine is no part of a SLURM cluster.
    WorkerError
        SLURM refused the job.
    """
    try:
        from submitit import AutoExecutor
        from submitit.core.utils import FailedJobError
    except ImportError as error:
        raise MissingExtraError("--cluster slurm", "slurm") from error
    if queue == "slurm" and not (shutil.which("sbatch") and shutil.which("srun")):
        raise UsageError(
            "--cluster slurm: this machine has no sbatch and srun; give the command on a machine of the "
            "SLURM cluster"
        )
    executor = AutoExecutor(folder, cluster=queue, slurm_max_num_timeout=_TIMES)
    wanted: dict[str, Any] = {
        "name": "deepvein",
        "nodes": resources.nodes,
        "tasks_per_node": resources.processes,
        "timeout_min": max(1, round(resources.hours * 60)),
        "stderr_to_stdout": True,
    }
    if resources.gpus:
        wanted["gpus_per_node"] = resources.gpus
    if resources.partition is not None:
        wanted["slurm_partition"] = resources.partition
    executor.update_parameters(**wanted)
    try:
        return executor.submit(command)
    except FailedJobError as error:
        raise WorkerError(f"SLURM refused the job: {error}") from error
