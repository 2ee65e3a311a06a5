"""From a recipe and a cohort to a model on disk."""

from __future__ import annotations

import hashlib
import warnings
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.labelling import has_dvt
from deepvein.cohorts.moments import Moments, training_moments
from deepvein.cohorts.splits import chance_split
from deepvein.cohorts.voxels import voxel_digest
from deepvein.core import settings
from deepvein.core.errors import CohortError, ModelError, UsageError
from deepvein.core.progress import Progress, silent
from deepvein.core.provenance import provenance
from deepvein.core.sole_use import sole_use
from deepvein.examples.settings import ExampleSettings
from deepvein.examples.sources import open_source
from deepvein.networks import NETWORKS, NetworkSpec
from deepvein.networks.pretrained import Pretrained, load_pretrained, weights_digest
from deepvein.training.checkpoints import (
    CohortSummary,
    LoadedModel,
    ModelDescription,
    Reached,
    load_model,
    read_description,
    save_model,
)
from deepvein.training.loop import train
from deepvein.training.machine import Machine
from deepvein.training.process import LAST, TrainingResult
from deepvein.training.recipe import Recipe
from deepvein.training.requirements import BlindScoreWarning, require_trainable, thrombi_unseen
from deepvein.training.seen import image_digests
from deepvein.training.state import load_weights

if TYPE_CHECKING:
    from torch import nn

    from deepvein.examples.batch import Batch, ExampleSource

PRETRAINED = "pretrained.json"


@dataclass(frozen=True)
class CohortSource:
    """An example source that is opened where it is used, so that it can be sent to another process."""

    cohort: Cohort
    settings: ExampleSettings
    seed: int
    batch_size: int
    training: bool
    moments: Moments | None = None
    device: str = "cpu"

    @cached_property
    def opened(self) -> ExampleSource:
        return open_source(
            self.cohort,
            self.settings,
            self.seed,
            self.batch_size,
            training=self.training,
            moments=self.moments,
            device=self.device,
        )

    def batch(self, step: int) -> Batch:
        return self.opened.batch(step)

    def __len__(self) -> int:
        return len(self.opened)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "opened"}


@dataclass(frozen=True)
class RecipeResult:
    """training: how far it came. model: what was saved, None if the time was over before the end, and in all
    but the first of several processes that were started from outside."""

    training: TrainingResult
    model: LoadedModel | None


def divide(cohort: Cohort, fold: int | None = None, seed: int = 0) -> tuple[Cohort, Cohort]:
    """The cases to train on and those to validate on.

    With `fold`, the other folds and that fold, without the split `test`; else the splits `train` and
    `validation` where the table names any; else four fifths and one fifth of the patients at random, with DVT
    in both where two patients have it.
    CohortError if there is no such fold or split, or nothing is left to train on.
    """
    if fold is not None:
        learned = cohort.select(lambda case: case.split != "test")
        training, validation = (learned.of_fold(fold, held_out=held) for held in (False, True))
        if not training.cases:
            raise CohortError(f"all cases are in fold {fold}; there is none left to train on")
        return training, validation
    if not any(case.split for case in cohort):
        cohort = chance_split(cohort, seed)
    return cohort.of_split("train"), cohort.of_split("validation")


def train_recipe(  # noqa: PLR0913  (each is a choice of the caller, by name)
    recipe: Recipe,
    cohort: Cohort,
    out: Path,
    *,
    validation: Cohort | None = None,
    machine: Machine | None = None,
    initial: Path | None = None,
    pretrained: str | None = None,
    resume: bool = True,
    stop_after_s: float | None = None,
    tensorboard: bool = False,
    progress: Progress = silent,
) -> RecipeResult:
    """Train a recipe on the cases of its modality; `out` becomes a run's folder and a model's folder.

    cohort: all of it is trained on; `divide` takes cases aside for `validation`. Called again on the
    same `out` it goes on where it was; once finished, it only loads the model. initial: a run's or
    model's folder whose weights, all of them, it starts from. pretrained: the first weights otherwise,
    in place of the recipe's choice. A score that cannot see thrombi is told by a BlindScoreWarning, before the
    first step, and by its name in `model.json`. Raises CohortError if there is no case of the modality and what
    `require_trainable`, `load_pretrained` and `loop.train` raise.
    """
    if initial is not None and pretrained not in (None, "none"):
        raise UsageError(f"the first weights are those of {initial} or {pretrained}, not of both")
    machine = machine or Machine()
    training = _of_modality(cohort, recipe)
    if validation is not None:
        validation = _of_modality(validation, recipe)
    require_trainable(recipe, training, validation, progress)
    blind = None if validation is None else thrombi_unseen(recipe, validation)
    if blind:
        warnings.warn(blind, BlindScoreWarning, stacklevel=2)
    source = _source(recipe, training, machine, progress)
    checked = None
    if validation is not None:
        checked = replace(source, cohort=validation, training=False)
    spec = NETWORKS.get(recipe.network)
    network = spec.build(recipe.network_settings, recipe.training.seed)
    # Of several processes that were started from outside only the first writes.
    with sole_use(out) if machine.is_first else nullcontext():
        origin = None
        if initial is None:
            origin = _pretrain(network, spec, pretrained or recipe.pretrained, out)
        else:
            _start_from(network, initial, recipe)
        result = train(
            network,
            source,
            recipe.loss,
            recipe.training,
            out,
            validation=checked,
            terms=terms_of(recipe, training, validation, source.moments)
            | _first_weights(spec, initial, pretrained or recipe.pretrained, out),
            machine=machine,
            resume=resume,
            stop_after_s=stop_after_s,
            tensorboard=tensorboard,
            progress=progress,
        )
        if not result.finished or not machine.is_first:
            return RecipeResult(result, None)
        load_weights(network, result.best)
        description = describe(recipe, training, validation, source.moments, result)
        if initial is not None:
            description = _with_seen(description, read_description(initial))
        save_model(network, replace(description, pretrained=origin), out)
        return RecipeResult(result, load_model(out))


def _pretrain(network: nn.Module, spec: NetworkSpec, choice: str, out: Path) -> Pretrained | None:
    """Give a new run its first weights; a run that goes on remembers where its own came from."""
    if (out / LAST).exists():
        return _remembered(out)
    origin = load_pretrained(network, spec, choice)
    if origin is not None:
        out.mkdir(parents=True, exist_ok=True)
        settings.save(origin, out / PRETRAINED)
    return origin


def _remembered(out: Path) -> Pretrained | None:
    record = out / PRETRAINED
    return settings.load(Pretrained, record) if (out / LAST).exists() and record.exists() else None


def _first_weights(
    spec: NetworkSpec, initial: Path | None, choice: str, out: Path
) -> dict[str, str]:
    """What the training began with, as a term; a file that is gone since is known by its name."""
    if initial is not None:
        return {"first weights": load_model(initial).sha256[:12]}
    begun = _remembered(out)
    if begun is not None and not Path(choice).exists() and Path(choice).name == begun.file:
        return {"pretrained": begun.sha256[:12]}
    return {"pretrained": weights_digest(spec, choice)[:12]}


def _start_from(network: nn.Module, folder: Path, recipe: Recipe) -> None:
    model = load_model(folder)
    if model.description.network != recipe.network_part:
        raise ModelError(
            f"{folder} holds another network than {recipe.name} trains: {model.description.network.name} "
            "with other settings; start from a model of the same recipe"
        )
    network.load_state_dict(model.network.state_dict())


def describe(
    recipe: Recipe,
    training: Cohort,
    validation: Cohort | None,
    moments: Moments | None,
    result: TrainingResult,
) -> ModelDescription:
    """What `model.json` says of a model that was trained by a recipe."""
    blind = validation is not None and thrombi_unseen(recipe, validation)
    score = f"{recipe.training.score} of veins alone" if blind else recipe.training.score
    figures = {"best epoch": result.best_epoch, score: result.score}
    return ModelDescription(
        recipe=recipe.name,
        task=recipe.task.value,
        modality=recipe.modality,
        network=recipe.network_part,
        examples=recipe.examples,
        labels=recipe.labels,
        moments=moments,
        loss=recipe.loss_part,
        training=recipe.training,
        cohort=summarise(training),
        validation=None if validation is None else summarise(validation),
        reached=tuple(
            Reached(f"validation {name}", float(value))
            for name, value in figures.items()
            if value is not None and result.score is not None
        ),
        provenance=provenance(),
    )


def _with_seen(description: ModelDescription, first: ModelDescription) -> ModelDescription:
    """With the images that the model had seen from whose weights the training began."""
    if description.cohort is None:
        return description
    known = [one.images for one in (first.cohort, first.validation) if one is not None]
    images = {*description.cohort.images, *(image for one in known for image in one)}
    return replace(description, cohort=replace(description.cohort, images=tuple(sorted(images))))


def summarise(cohort: Cohort) -> CohortSummary:
    """How many cases and patients, without a name."""
    names = "\n".join(sorted(case.case for case in cohort))
    return CohortSummary(
        cases=len(cohort),
        patients=len(cohort.patients),
        with_dvt=sum(has_dvt(case, cohort.cache) is True for case in cohort),
        digest=hashlib.sha256(names.encode()).hexdigest(),
        images=tuple(sorted(image_digests(cohort).values())),
    )


def _source(recipe: Recipe, training: Cohort, machine: Machine, progress: Progress) -> CohortSource:
    normalisation = recipe.examples.normalisation
    moments = None
    if normalisation.kind == "standardise":
        moments = training_moments(training, normalisation.clip, progress)
    return CohortSource(
        cohort=training,
        settings=recipe.examples,
        seed=recipe.training.seed,
        batch_size=recipe.training.batch,
        training=True,
        moments=moments,
        device=machine.preparing_device,
    )


def terms_of(
    recipe: Recipe, training: Cohort, validation: Cohort | None, moments: Moments | None
) -> dict[str, Any]:
    """What must not change between the runs of a training, beside its settings and loss."""
    return {
        "training cases": _digest(training),
        # Examples are drawn by the places of cases in the table.
        "order of training cases": _short("\n".join(case.case for case in training)),
        "validation cases": "none" if validation is None else _digest(validation),
        "training voxels": voxel_digest(training),
        "validation voxels": "none" if validation is None else voxel_digest(validation),
        "network": settings.to_dict(recipe.network_part),
        "examples": settings.to_dict(recipe.examples),
        "normalisation": None if moments is None else settings.to_dict(moments),
    }


def _digest(cohort: Cohort) -> str:
    """Which cases of which patients, without a name."""
    names = "\n".join(sorted(f"{case.case}\t{case.patient}" for case in cohort))
    return f"{len(cohort)} of {len(cohort.patients)} patients ({_short(names)})"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _of_modality(cohort: Cohort, recipe: Recipe) -> Cohort:
    chosen = cohort.of_modality(recipe.modality)
    if not chosen.cases:
        raise CohortError(
            f"the cohort in {cohort.root} has no {recipe.modality.value} case, which {recipe.name} needs"
        )
    return chosen
