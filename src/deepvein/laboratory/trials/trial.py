"""A bundle against a labelled cohort: what it found in each case beside what is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask, segment_labels
from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.labelling import require_agreement, require_labelled
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError, SettingsError
from deepvein.core.progress import Progress, silent
from deepvein.core.workers import Workers, spread
from deepvein.evaluation.centrelines import centreline_overlap
from deepvein.evaluation.lesions import Matching, match
from deepvein.evaluation.metrics import overlap
from deepvein.evaluation.segments import segment_outcomes
from deepvein.evaluation.thrombi import TrueThrombus, true_thrombi
from deepvein.findings.detection import find
from deepvein.findings.features import features_of, lesion_feature_names
from deepvein.findings.finding import Finding
from deepvein.findings.screening import Screening
from deepvein.inference.prediction import SCALE, Prediction, Profile
from deepvein.laboratory.cards.failure_images import false_snapshots, missed_snapshots
from deepvein.laboratory.trials.drawn_kinds import drawn_thrombi
from deepvein.laboratory.trials.kept_outcomes import kept_outcome
from deepvein.laboratory.trials.outcome import Outcome, ThrombusOutcome
from deepvein.laboratory.trials.planted import Planted, with_planted
from deepvein.screening.bundle import Bundle, BundleFolder
from deepvein.screening.screen import screen
from deepvein.studies.reading import read_study
from deepvein.veins.tree import vein_tree
from deepvein.volumes.grid import Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.resample import cover, nearest_values
from deepvein.volumes.volume import Volume

HALF = SCALE // 2


def run_trial(
    models: BundleFolder,
    cohort: Cohort,
    device: str = "auto",
    progress: Progress = silent,
    *,
    workers: Workers = 1,
    keep: Path | None = None,
) -> Iterator[Outcome]:
    """Screen every case of a cohort that has vein segments and thrombi; one outcome at a time, in order.

    workers: processes, each computing on one thread; on a processor several of them are faster than one
    process with as many threads. Or a cluster, whose machines see all folders under the same absolute paths.
    keep: folder in which outcomes of finished cases are kept; a trial that is run again takes them from
    there, unless models, calibration or case have changed.
    """
    if isinstance(workers, int) and workers < 1:
        raise SettingsError(f"a trial needs 1 worker or more, got {workers}")
    require_labelled(cohort, segments=True, thrombi=True, what="the evaluation")
    require_agreement(cohort, "the evaluation")
    task = partial(_kept_or_tried, models, device=device, keep=keep)
    alone = [replace(cohort, cases=(case,)) for case in cohort.cases]
    yield from spread(task, alone, workers, stage="screening cases", progress=progress)


def _kept_or_tried(
    models: BundleFolder, cohort: Cohort, *, device: str, keep: Path | None
) -> Outcome:
    (case,) = cohort.cases

    def make() -> Outcome:
        outcome = try_case(models, case, cohort, device)
        # A case's files may be removed once it is done; nothing of it is needed again.
        open_case.cache_clear()
        return outcome

    return make() if keep is None else kept_outcome(models, case, cohort, keep).get(make)


def try_case(models: BundleFolder, case: Case, cohort: Cohort, device: str = "auto") -> Outcome:
    """Screen one labelled case, as `screen` would, and hold the result against its labels."""
    begun = perf_counter()
    opened = open_case(case, cohort.cache)
    truth = opened.known_thrombi
    if opened.segments is None or truth is None:
        raise CohortError(f"case {case.case!r} needs vein segments and thrombi to be evaluated")
    study = read_study(opened.files.image, case.modality)
    numbered, planted = drawn_thrombi(opened)
    screening = screen(study, device=device, models=models)
    screening = replace(screening, seconds=perf_counter() - begun)
    thrombi = Volume(numbered, truth.grid)
    segments = opened.segments
    named = opened.names_veins
    return held_against(case, screening, segments, thrombi, planted, models.bundle, named=named)


def held_against(
    case: Case,
    screening: Screening,
    segments: Volume,
    thrombi: Volume,
    planted: Sequence[Planted],
    bundle: Bundle,
    *,
    named: bool = True,
) -> Outcome:
    """What a bundle's screening of a case found beside what is true.

    segments: encoded, or without names of veins (not `named`), so that nothing is told by vein; thrombi: an
    instance map; on the study's grid, in any orientation.
    """
    study, least = screening.study, bundle.detection.least_probability
    prediction = screening.prediction or _nothing(study.volume.grid)
    # The improbable findings, which are not reported, are the right end of the FROC curve.
    everything = replace(bundle.detection, least_probability=0.0)
    tree = screening.tree or vein_tree(prediction, study)
    findings = find(prediction, study, tree, everything, bundle.calibration)
    directions = study.volume.grid.directions
    named_veins = np.asarray(orient(segments, directions).array)
    numbered = np.asarray(orient(thrombi, directions).array)
    veins = deep_mask(named_veins)
    if not named:
        named_veins = np.zeros_like(named_veins)
    matching = match(findings, numbered)
    truths = with_planted(true_thrombi(numbered, named_veins, prediction.grid), planted)
    lesions = _lesions(truths, findings, matching, numbered, prediction, least)
    missed = [
        (one.truth.number, one.truth.volume_ml, one.text)
        for one in lesions
        if one.probability is None or one.probability < least
    ]
    false = [
        finding
        for finding, candidate in zip(findings, matching.candidates, strict=True)
        if finding.probability >= least and not candidate.hits
    ]
    found = prediction.vein_probability > HALF
    right, nameable = _named(prediction, named_veins, veins & (named_veins > 0))
    feature_names = lesion_feature_names(prediction)
    features = [features_of(finding, prediction) for finding in findings]
    return Outcome(
        case=case,
        has_dvt=bool(numbered.any()),
        verdict=screening.verdict,
        probability=screening.probability,
        least_probability=least,
        findings=tuple(replace(finding, indices=finding.indices[:0]) for finding in findings),
        features=np.array(features, dtype=np.float64).reshape(-1, len(feature_names)),
        feature_names=feature_names,
        in_vein=tuple(float(veins[tuple(f.indices.T)].mean()) for f in findings),
        matching=matching,
        thrombi=lesions,
        segments=segment_outcomes(screening.findings, named_veins, numbered, prediction.grid),
        veins=overlap(found, veins),
        centreline=centreline_overlap(found, veins),
        thrombus=overlap(prediction.thrombus_probability > HALF, numbered > 0),
        profile=prediction.profile,
        slice_truth=slice_truth(numbered, prediction.grid),
        named=right,
        nameable=nameable,
        voxel_ml=prediction.grid.voxel_volume_ml,
        snapshots=(
            *missed_snapshots(missed, study, prediction, veins, numbered),
            *false_snapshots(false, study, prediction, veins, numbered),
        ),
        seconds=screening.seconds,
    )


def _nothing(grid: Grid) -> Prediction:
    """Stands for a study that cannot be assessed: all that is in it is missed."""
    coarse, positions = cover(grid, 50.0), np.sort(grid.body_positions_mm())
    blank = np.zeros(grid.shape, np.uint8)
    return Prediction(
        grid=grid,
        vein_probability=blank,
        thrombus_probability=blank,
        territories=Volume(np.zeros(coarse.shape, np.uint8), coarse),
        profile=Profile(positions, np.zeros(len(positions), np.float32)),
        models=(),
        device="",
        seconds=0.0,
    )


def slice_truth(thrombi: NDArray[np.integer], grid: Grid) -> NDArray[np.bool_]:
    """Whether each section across the body shows thrombus, from feet to head as in a Profile."""
    others = tuple(axis for axis in range(3) if axis != grid.body_axis)
    shown = np.asarray((thrombi > 0).any(axis=others), dtype=np.bool_)
    positions = grid.body_positions_mm()
    return shown if positions[0] <= positions[-1] else shown[::-1]


def _lesions(
    truths: Iterable[TrueThrombus],
    findings: tuple[Finding, ...],
    matching: Matching,
    thrombi: NDArray[np.integer],
    prediction: Prediction,
    least: float,
) -> tuple[ThrombusOutcome, ...]:
    probabilities = {lesion.number: lesion.probability for lesion in matching.lesions}
    out = []
    for truth in truths:
        inside = predicted = 0
        for finding, candidate in zip(findings, matching.candidates, strict=True):
            if truth.number not in candidate.hits or finding.probability < least:
                continue
            voxels = tuple(finding.indices.T)
            values = thrombi[voxels][prediction.thrombus_probability[voxels] > HALF]
            inside += int((values == truth.number).sum())
            predicted += int(((values == truth.number) | (values == 0)).sum())
        true = round(truth.volume_ml / prediction.grid.voxel_volume_ml)
        dice = 2 * inside / (predicted + true)
        out.append(ThrombusOutcome(truth, probabilities[truth.number], dice))
    return tuple(out)


def _named(
    prediction: Prediction, segments: NDArray[np.uint8], veins: NDArray[np.bool_]
) -> tuple[int, int]:
    voxels = np.argwhere(veins)
    voxels = voxels[:: max(1, len(voxels) // 200_000)]
    truth = segment_labels(segments[tuple(voxels.T)])
    said = nearest_values(prediction.territories, prediction.grid.to_world(voxels))
    return int((said == truth).sum()), len(truth)
