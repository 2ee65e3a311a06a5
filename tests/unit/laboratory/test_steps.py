from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from deepvein.core.errors import UsageError
from deepvein.core.kept import Terms
from deepvein.core.progress import Progress
from deepvein.laboratory.steps import DONE, Step, run_steps, standing


@dataclass(frozen=True)
class Settings:
    epochs: int = 3


NONE = Terms({}, {})


@dataclass
class Work:
    """Needs `turns` calls; notes how often it was called."""

    turns: int = 1
    calls: int = 0

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        self.calls += 1
        (folder / "kept").write_text(str(self.calls))
        return self.calls >= self.turns


def steps(*works: Work, settings: Settings = Settings()) -> list[Step]:
    return [
        Step(f"training/fold-{k}", Terms.of({"code": 1}, settings, k), work)
        for k, work in enumerate(works)
    ]


def test_finished_steps_are_never_repeated(tmp_path: Path) -> None:
    works = Work(), Work()
    assert run_steps(steps(*works), tmp_path).complete
    assert run_steps(steps(*works), tmp_path).complete
    assert [work.calls for work in works] == [1, 1]


def test_an_unfinished_step_is_taken_up_again(tmp_path: Path) -> None:
    first, second = Work(turns=2), Work()
    now = run_steps(steps(first, second), tmp_path)
    assert (now.finished, now.steps, second.calls) == (0, 2, 0)
    assert run_steps(steps(first, second), tmp_path).complete
    assert (first.calls, second.calls) == (2, 1)


def test_nothing_begins_once_the_time_is_over(tmp_path: Path) -> None:
    work = Work()
    assert not run_steps(steps(work), tmp_path, stop_after_s=0.0).complete
    assert work.calls == 0


def test_other_settings_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    run_steps(steps(Work()), tmp_path)
    late = Work()
    with pytest.raises(
        UsageError, match="fold-0 was made with other settings .settings.0.epochs was 3, is 4"
    ):
        run_steps(steps(Work(), late, settings=Settings(epochs=4)), tmp_path)
    assert late.calls == 0


def test_another_generation_and_records_of_older_versions_are_refused(tmp_path: Path) -> None:
    (step,) = steps(Work())
    run_steps([step], tmp_path)
    later = Step(step.name, Terms.of({"code": 2}, Settings(), 0), Work())
    with pytest.raises(UsageError, match="generations.code was 1, is 2"):
        run_steps([later], tmp_path)
    (tmp_path / step.name / DONE).write_text('{"digest": "0123", "seconds": 1}')
    with pytest.raises(UsageError, match="generations was None"):
        run_steps([step], tmp_path)


def test_settings_of_an_unfinished_step_are_held_too(tmp_path: Path) -> None:
    run_steps(steps(Work(turns=2)), tmp_path)
    with pytest.raises(UsageError, match="other settings"):
        run_steps(steps(Work(), settings=Settings(epochs=4)), tmp_path)


def test_an_error_leaves_the_step_undone(tmp_path: Path) -> None:
    def fail(folder: Path, left_s: float | None, progress: Progress) -> bool:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_steps([Step("one", NONE, fail)], tmp_path)
    assert not standing([Step("one", NONE, fail)], tmp_path).complete


def test_the_record_says_what_made_it(tmp_path: Path) -> None:
    (step,) = steps(Work())
    run_steps([step], tmp_path)
    record = json.loads((tmp_path / step.name / DONE).read_text())
    assert record["terms"] == step.terms.record
    assert record["seconds"] >= 0
    assert record["provenance"]["deepvein"]


def test_two_steps_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names of their own"):
        run_steps([Step("one", NONE, Work()), Step("one", NONE, Work())], tmp_path)
