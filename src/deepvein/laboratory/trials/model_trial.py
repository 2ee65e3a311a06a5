"""One trained model, by itself, against labelled cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask, segment_labels
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.labelling import require_agreement, require_labelled
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError, ModelError
from deepvein.core.progress import Progress, silent
from deepvein.evaluation.metrics import Overlap, overlap
from deepvein.inference.prediction import SCALE
from deepvein.volumes.resample import Interpolation, resample
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from deepvein.inference.models import Model

ALL_SEGMENTS = "all segments"

_BLOCK = 4
"""Whole slices that are segmented at a time."""


@dataclass(frozen=True)
class TargetOutcome:
    """Voxel counts of one target in one case: `veins`, `thrombus`, a vein segment's territory, or
    ALL_SEGMENTS: those of all segments together, whose recall is the share that is named rightly."""

    case: Case
    target: str
    overlap: Overlap


def run_model_trial(
    folder: Path, cohort: Cohort, device: str = "auto", progress: Progress = silent
) -> Iterable[TargetOutcome]:
    """Every case of the model's modality, with one outcome for each target of the model.

    Segmentation models see whole slices; localisers are held against the segments of deep-vein voxels.
    Raises ModelError for a model that neither segments nor localises.
    """
    from deepvein.inference.models import open_model

    model = open_model(folder, device)
    tries = {"segmentation": _try_segmenter, "localisation": _try_localiser}
    if model.description.task not in tries:
        raise ModelError(f"models for {model.description.task} cannot be evaluated on masks")
    cases = cohort.of_modality(model.description.modality).cases
    if not cases:
        raise CohortError(f"{cohort.root} has no {model.description.modality.value} case")
    _require_truth(model, cohort)
    for done, case in enumerate(cases):
        progress("evaluating cases", done, len(cases))
        yield from tries[model.description.task](model, case, cohort)
    progress("evaluating cases", len(cases), len(cases))


def _require_truth(model: Model, cohort: Cohort) -> None:
    """CohortError that lists all cases without the masks that the model is held against."""
    description = model.description
    localises = description.task == "localisation"
    targets = description.examples.targets
    require_labelled(
        cohort.of_modality(description.modality),
        segments=localises or "veins" in targets,
        thrombi=not localises and "thrombus" in targets,
        what="the evaluation",
    )
    require_agreement(cohort.of_modality(description.modality), "the evaluation")


def _try_segmenter(model: Model, case: Case, cohort: Cohort) -> Iterable[TargetOutcome]:
    from deepvein.inference.regions import whole_slices
    from deepvein.inference.segmenter import segment

    opened = open_case(case, cohort.cache)
    shape = opened.image.grid.shape
    outputs = {str(t): np.zeros(shape, np.uint8) for t in model.description.examples.targets}
    # Cases are stored along the axes that the models are trained on.
    segment(model, opened.image, whole_slices(opened.image.grid, _BLOCK), outputs)
    truth = _truth(opened.segments, opened.known_thrombi)
    for target, probability in outputs.items():
        yield TargetOutcome(case, target, overlap(probability > SCALE // 2, truth[target]))


def _truth(segments: Volume | None, thrombi: Volume | None) -> Mapping[str, NDArray[np.bool_]]:
    masks = {}
    if segments is not None:
        masks["veins"] = deep_mask(np.asarray(segments.array))
    if thrombi is not None:
        masks["thrombus"] = np.asarray(thrombi.array) > 0
    return masks


def _try_localiser(model: Model, case: Case, cohort: Cohort) -> Iterable[TargetOutcome]:
    from deepvein.inference.localiser import localise

    opened = open_case(case, cohort.cache)
    if opened.segments is None:  # excluded by _require_truth; this tells the type checker
        raise CohortError(f"case {case.case!r} has no vein segments")
    territories = localise(model, opened.image, case.modality)
    said = resample(territories, opened.image.grid, Interpolation.NEAREST).array
    segments = np.asarray(opened.segments.array)
    voxels = deep_mask(segments)
    named, true = said[voxels], segment_labels(segments[voxels])
    each = {
        name: overlap(named == value, true == value)
        for value, name in enumerate(model.description.labels)
        if value and (true == value).any()
    }
    if each:
        yield TargetOutcome(case, ALL_SEGMENTS, sum(each.values(), Overlap(0, 0, 0, 0)))
    for name, counts in each.items():
        yield TargetOutcome(case, name, counts)
