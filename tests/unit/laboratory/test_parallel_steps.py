from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from deepvein.core.errors import UsageError
from deepvein.core.kept import Terms
from deepvein.core.progress import Progress
from deepvein.laboratory.parallel_steps import run_together
from deepvein.laboratory.steps import Step, standing
from unit.pickling import Pickling


@dataclass(frozen=True)
class Work:
    fails: bool = False

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        if self.fails:
            raise UsageError("cannot be done")
        (folder / "made").write_text("yes")
        return True


def steps(*works: Work) -> list[Step]:
    return [Step(f"step-{k}", Terms.of({}, k), work) for k, work in enumerate(works)]


def test_one_at_a_time(tmp_path: Path) -> None:
    assert run_together(steps(Work(), Work()), tmp_path, 1).complete


def test_nothing_begins_when_the_time_is_over(tmp_path: Path) -> None:
    assert run_together(steps(Work(), Work()), tmp_path, 1, stop_after_s=0.0).finished == 0


def test_two_at_a_time(tmp_path: Path) -> None:
    heard: list[int] = []
    made = steps(Work(), Work(), Work())
    done = run_together(made, tmp_path, 2, progress=lambda _, done, __: heard.append(done))
    assert done.complete
    assert heard == [0, 1, 2, 3]
    with pytest.raises(UsageError, match="cannot be done"):
        run_together(steps(Work(True), Work(True)), tmp_path / "other", 2)
    assert standing(made, tmp_path).finished == 3


def test_a_cluster_does_what_is_missing_even_if_it_is_one_step(tmp_path: Path) -> None:
    made = steps(Work(), Work(), Work())
    assert run_together(made[:2], tmp_path, 1).complete
    cluster = Pickling()
    assert run_together(made, tmp_path, cluster).complete
    assert run_together(made, tmp_path, cluster).complete
    assert cluster.sent == 1
