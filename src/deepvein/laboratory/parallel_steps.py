"""Several steps of a study at a time, each in a process of its own, here or on a cluster."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from deepvein.core.progress import Progress, silent
from deepvein.core.workers import Workers, spread
from deepvein.laboratory.steps import DONE, Standing, Step, check, run_steps, standing


def run_together(
    steps: Sequence[Step],
    folder: Path,
    processes: Workers,
    *,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> Standing:
    """`run_steps` with up to `processes` of the steps at a time, which must not depend on one another.

    Their work must be picklable. Each process computes on one thread of the CPU: two processes of one
    thread train two networks faster than one of two threads. In place of a number of processes, a cluster
    whose machines see `folder` under the same absolute path; a step whose machine is lost goes on elsewhere
    from what it has left in its folder.
    """
    missing = [step for step in steps if not (folder / step.name / DONE).exists()]
    if processes == 1 or not missing or (len(missing) < 2 and isinstance(processes, int)):
        return run_steps(steps, folder, stop_after_s=stop_after_s, progress=progress)
    check(steps, folder)
    end = None if stop_after_s is None else time.time() + stop_after_s
    done = len(steps) - len(missing)
    work = partial(_run, folder=folder, end=end)
    for _ in spread(work, missing, processes, stage="trainings", progress=progress, before=done):
        pass
    return standing(steps, folder)


def _run(step: Step, folder: Path, end: float | None) -> None:
    left = None if end is None else end - time.time()
    run_steps([step], folder, stop_after_s=left)
