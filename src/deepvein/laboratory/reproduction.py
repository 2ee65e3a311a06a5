"""Redrawing a published study: what both papers have in common."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from deepvein.core.executor import Executor
from deepvein.core.progress import Progress, silent
from deepvein.laboratory.costs import Queued
from deepvein.laboratory.parallel_steps import run_together
from deepvein.laboratory.steps import Standing, Step, run_steps, standing


class Reproduction(Protocol):
    """A paper's study: its steps in stages, and the page that is drawn from what they left.

    out: the study's folder. processes: how many steps of a stage are done side by side.
    """

    @property
    def out(self) -> Path: ...

    @property
    def processes(self) -> int: ...

    def stages(self) -> Iterable[Sequence[Step]]:
        """Stages in order; steps of one do not depend on one another.

        A stage that cannot be told before an earlier one is done, such as trainings on patients that are
        yet to be made, ends the stages until it is.
        """
        ...

    def queue(self) -> Sequence[Queued]:
        """All steps in order, also those that cannot be told in detail yet."""
        ...

    def draw(self, reached: Standing, progress: Progress) -> None:
        """Draw tables, figures and page from whatever is there."""
        ...


def reproduce(
    study: Reproduction,
    *,
    cluster: Executor | None = None,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> Standing:
    """Do what is missing of the study, draw its page, and tell how far it is.

    A second call goes on where the first was interrupted or out of time; every step counts against
    `stop_after_s`. cluster: does the steps of a stage that has several, such as the trainings of all folds;
    its machines must see the study's folder under the same absolute path. Raises UsageError for a folder
    that holds steps of other settings.
    """
    end = None if stop_after_s is None else time.monotonic() + stop_after_s
    every: list[Step] = []
    in_time = True
    for stage in study.stages():
        every += stage
        left = None if end is None else end - time.monotonic()
        in_time = in_time and (left is None or left > 0)
        if in_time:
            in_time = _run(stage, study, cluster, left, progress).complete
    reached = standing(every, study.out)
    study.draw(reached, progress)
    return reached


def _run(
    stage: Sequence[Step],
    study: Reproduction,
    cluster: Executor | None,
    left_s: float | None,
    progress: Progress,
) -> Standing:
    """A stage of one step has this machine to itself, and spreads its work over processes of its own."""
    processes = study.processes if cluster is None else cluster
    if len(stage) > 1 and processes != 1:
        return run_together(stage, study.out, processes, stop_after_s=left_s, progress=progress)
    return run_steps(stage, study.out, stop_after_s=left_s, progress=progress)
