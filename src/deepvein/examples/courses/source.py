"""Batches of courses for training a reader that follows the vein."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments
from deepvein.core.errors import CohortError
from deepvein.core.seeds import generator
from deepvein.examples.batch import Batch
from deepvein.examples.courses.frame import SIZE
from deepvein.examples.courses.look import AIR, drawn_look
from deepvein.examples.courses.scene import Scene, load_pair, paint_pair, save_pair
from deepvein.examples.courses.shown import ShownCourse, cropped, part_of, show
from deepvein.examples.settings import CourseSettings, ExampleSettings, SamplingSettings, Target
from deepvein.examples.sources import SourceSpec, register
from deepvein.phantoms.plan import PLAN, load_plan
from deepvein.studies.study import Modality

Float32 = NDArray[np.float32]

_PIXELS, _THROMBUS, _ARTEFACT = 15.0, 3.0, 0.9
"""Weights of the three answers: thrombus pixels are few, artefacts only help to tell thrombi."""
_KEPT = 64
"""Scenes kept in memory: about 4 MB each."""


@dataclass(frozen=True)
class CourseExamples(ExampleSettings):
    """Sections along the veins of planned phantoms, both legs side by side."""

    kind: str = "courses"
    targets: tuple[Target, ...] = ("thrombus",)
    course: CourseSettings = field(default_factory=CourseSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.course.sections, SIZE, SIZE)

    @property
    def channels(self) -> int:
        """Picture and vein of each leg."""
        return 4


class CourseSource:
    """The veins of planned phantoms, painted once and shown anew in every batch.

    inputs: (B, 4, L, SIZE, SIZE) picture and vein of the right leg, then of the left; a leg that is not
    shown, and what lies beyond a course, is air. targets, weights: (B, 6, L, SIZE, SIZE), for each leg its
    thrombus, and whether the section shows a thrombus and a mixing artefact, spread over its pixels;
    weight 0 where nothing counts. Raises CohortError for cases that no plan of phantoms made.
    """

    def __init__(
        self,
        cohort: Cohort,
        settings: CourseExamples,
        seed: int,
        batch_size: int,
        *,
        training: bool,
        moments: Moments | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self._settings, self._seed, self._batch = settings, seed, batch_size
        self._cases, self._cache = tuple(cohort), cohort.cache
        if not self._cases:
            raise CohortError(f"the cohort in {cohort.root} has no cases")
        self._training = training
        self._load = lru_cache(maxsize=_KEPT)(scenes_of)

    @property
    def settings(self) -> CourseExamples:
        return self._settings

    @property
    def moments(self) -> Moments | None:
        return None

    def __len__(self) -> int:
        sampling = self._settings.sampling
        count = sampling.epoch if self._training else sampling.validation
        return max(1, count // self._batch)

    def batch(self, step: int) -> Batch:
        kind = "training" if self._training else "validation"
        rng = generator(self._seed, "courses", kind, step)
        rows = [self._example(rng) for _ in range(self._batch)]
        inputs, targets, weights = (
            torch.from_numpy(np.stack([row[k] for row in rows])) for k in range(3)
        )
        return Batch(inputs, targets, weights, tuple(row[3] for row in rows))

    def _example(self, rng: np.random.Generator) -> tuple[Float32, Float32, Float32, str]:
        case = self._cases[int(rng.integers(len(self._cases)))]
        pair = self._load(case, self._cache)
        n, look = self._settings.course.sections, drawn_look(rng, case.modality)
        inputs = blank(n, case.modality)
        targets = np.zeros((2, 3, n, SIZE, SIZE), np.float32)
        weights = np.zeros_like(targets)
        # Both legs are covered alike, unless the field of view shows one of them only.
        where = cropped(rng, min(pair, key=lambda scene: len(scene.z_mm)), n)
        legs: tuple[int, ...] = (0, 1)
        if rng.random() < self._settings.course.one_leg:
            legs = (int(rng.integers(2)),)
        for leg in legs:
            course = show(rng, part_of(pair[leg], where), look)
            _enter(course, inputs[leg], targets[leg], weights[leg])
        if rng.random() < 0.5:
            inputs, targets, weights = (a[::-1].copy() for a in (inputs, targets, weights))
        return (
            inputs.reshape(-1, *inputs.shape[2:]),
            targets.reshape(-1, *targets.shape[2:]),
            weights.reshape(-1, *targets.shape[2:]),
            case.case,
        )


register(
    SourceSpec(
        "courses",
        "sections along the veins of planned phantoms, both legs",
        CourseExamples,
        CourseSource,
    )
)


def blank(n: int, modality: Modality) -> Float32:
    """(2, 2, n, SIZE, SIZE): both legs' pictures and veins where there is nothing but air."""
    inputs = np.zeros((2, 2, n, SIZE, SIZE), np.float32)
    inputs[:, 0] = AIR[modality]
    return inputs


def scenes_of(case: Case, cache: Path) -> tuple[Scene, Scene]:
    """The scenes of a planned phantom's person, painted the first time (two seconds) and kept in `cache`."""
    plan_path = case.image.parents[1] / PLAN
    if not plan_path.is_file():
        raise CohortError(
            f"case {case.case!r} is no planned phantom: courses are painted from the plan of a cohort "
            "that `deepvein phantom cohort` makes"
        )
    plan = load_plan(plan_path)
    order = plan.order(case.case)
    path = cache / "courses" / f"{plan.key(order)}.npz"
    if not path.exists():
        person = order.seed if order.person_seed is None else order.person_seed
        save_pair(path, paint_pair(person, plan.settings_of(order)))
    return load_pair(path)


def _enter(course: ShownCourse, inputs: Float32, targets: Float32, weights: Float32) -> None:
    n = len(course.picture)
    inputs[0, :n], inputs[1, :n] = course.picture, course.vein
    counted = ~np.isnan(course.thrombus)
    targets[0, :n] = course.clot
    targets[1, :n] = np.nan_to_num(course.thrombus)[:, None, None]
    targets[2, :n] = course.artefact[:, None, None]
    weights[0, :n], weights[2, :n] = _PIXELS, _ARTEFACT
    weights[1, :n] = _THROMBUS * counted[:, None, None]
