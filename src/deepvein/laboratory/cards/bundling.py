"""Making a bundle: trained models, calibrated on validation cases and measured once on test cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.outcomes import listed
from deepvein.cohorts.promised import is_synthetic
from deepvein.core import settings
from deepvein.core.errors import CohortError
from deepvein.core.progress import Progress, silent
from deepvein.findings.assessment import DEFAULT_OPERATING_POINT
from deepvein.findings.calibration import Calibration
from deepvein.laboratory.cards.card import write_card
from deepvein.laboratory.trials.calibrating import calibrate
from deepvein.laboratory.trials.measurement import measure
from deepvein.laboratory.trials.outcome import Outcome
from deepvein.laboratory.trials.trial import run_trial
from deepvein.screening.bundle import BUNDLE_FILE, Bundle, BundleFolder
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import ModelDescription, read_description
from deepvein.training.seen import image_digests, learned_from


@dataclass(frozen=True)
class BundleSettings:
    """What a bundle says of itself."""

    name: str
    version: str
    modality: Modality
    summary: str
    training_data: str
    command: str


def store_half(model: Path, folder: Path) -> None:
    """Write a model into `folder` with its weights in half precision, half as large; it loads in single.

    A model that is stored so already keeps its bytes. Raises ModelError for weights beyond the range of
    half precision, and for a folder that holds no sound model.
    """
    from deepvein.training.checkpoints import load_model, save_model

    loaded = load_model(model)
    save_model(loaded.network, loaded.description, folder, precision="float16")


def make_bundle(  # noqa: PLR0913  (each is a choice of the caller, by name)
    wanted: BundleSettings,
    localiser: Path,
    segmenter: Path,
    validation: Cohort,
    test: Cohort,
    out: Path,
    *,
    reader: Path | None = None,
    device: str = "auto",
    workers: int = 1,
    keep: Path | None = None,
    progress: Progress = silent,
    on_outcome: Callable[[Outcome], None] | None = None,
) -> BundleFolder:
    """Write the bundle into `out`: models in half precision, bundle.json, CARD.md and its pictures.

    localiser, segmenter, reader: model folders, the last one of the second reader, if there is one.
    Probabilities and the operating point are fitted on `validation` alone; `test` is only measured on,
    once. workers, keep: as in `run_trial`; a call that was interrupted goes on with the outcomes kept in
    `keep`. Raises CohortError if both cohorts share a patient or an image, or hold a case from which a model
    learned.
    """
    shared = {case.patient for case in validation.cases} & {case.patient for case in test.cases}
    if shared:
        raise CohortError(
            f"validation and test share {len(shared)} patients, {sorted(shared)[0]!r} among them: "
            "measure on patients that were never used"
        )
    models = {"localiser": localiser, "segmenter": segmenter}
    if reader is not None:
        models["reader"] = reader
    _require_new([read_description(source) for source in models.values()], validation, test)
    for name, source in models.items():
        store_half(source, out / name)
    bundle = Bundle(
        name=wanted.name,
        version=wanted.version,
        modality=wanted.modality,
        summary=wanted.summary,
        training_data=wanted.training_data,
        calibration=Calibration(),
        operating_point=DEFAULT_OPERATING_POINT,
        reader="" if reader is None else "reader",
    )

    def outcomes(bundle: Bundle, cohort: Cohort) -> list[Outcome]:
        found = []
        for outcome in run_trial(
            BundleFolder(bundle, out), cohort, device, progress, workers=workers, keep=keep
        ):
            found.append(outcome)
            if on_outcome is not None:
                on_outcome(outcome)
        return found

    described = f"{_studies(validation)} for validation"
    made = calibrate(outcomes(bundle, validation), described)
    bundle = replace(
        bundle,
        calibration=made.calibration,
        operating_point=made.point,
        detection=replace(bundle.detection, least_probability=made.least_probability),
    )
    tested = outcomes(bundle, test)
    measured = measure(tested, f"{_studies(test)} never trained on", made.point)
    bundle = replace(bundle, measured=(measured,))
    settings.save(bundle, out / BUNDLE_FILE)
    write_card(bundle, tested, wanted.command, out)
    return BundleFolder(bundle, out)


def _require_new(models: Sequence[ModelDescription], validation: Cohort, test: Cohort) -> None:
    """CohortError if a model learned from a case, or both cohorts have one image under two names."""
    for name, cohort in (("validation", validation), ("test", test)):
        known = learned_from(models, cohort)
        if known:
            raise CohortError(
                f"{name} holds {len(known)} cases from which the models learned ({listed(known)}): what is "
                "measured on these says nothing of others"
            )
    images = set(image_digests(validation).values())
    twice = [name for name, digest in image_digests(test).items() if digest in images]
    if twice:
        raise CohortError(
            f"{listed(twice)} of the test are images of the validation under other names: measure on patients "
            "that were never used"
        )


def _studies(cohort: Cohort) -> str:
    kind = "synthetic studies" if is_synthetic(cohort) else "studies"
    return f"{len(cohort)} {kind}"
