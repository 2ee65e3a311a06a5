"""What the steps of the study do; each is picklable, so that trainings can run side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import monotonic

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.splits import k_fold, part_of
from deepvein.core import settings as stored
from deepvein.core.devices import resolve_device
from deepvein.core.errors import CohortError
from deepvein.core.files import write_text
from deepvein.core.progress import Progress
from deepvein.core.spreadsheet import write_csv
from deepvein.core.workers import cores
from deepvein.inference import models
from deepvein.laboratory import symmetry
from deepvein.laboratory.kozemzak2019 import pretext
from deepvein.laboratory.kozemzak2019.cohort import make_synthetic, reduce_cohort
from deepvein.laboratory.kozemzak2019.downsampling import write_reduced
from deepvein.laboratory.kozemzak2019.inference import HALF, read_masks
from deepvein.laboratory.kozemzak2019.models import NONE, PHANTOMS, Model, with_rate
from deepvein.laboratory.kozemzak2019.predictions import (
    MODELS,
    best_segmenter,
    read_pixels,
    read_slices,
)
from deepvein.laboratory.kozemzak2019.profiles import Profile
from deepvein.laboratory.reproduced_model import write_model_card, write_screening_bundle
from deepvein.studies.study import Modality
from deepvein.training import search
from deepvein.training.checkpoints import DESCRIPTION, read_description
from deepvein.training.machine import Machine
from deepvein.volumes.volume import Volume

COHORT, SPLIT, COMPLETED, PRETEXT, MASKS, PREDICTED, TUNING, BUNDLE = (
    "cohort",
    "split",
    "completed",
    "pretext",
    "predicted-masks",
    "with-predicted-masks",
    "tuning",
    "bundle",
)
"""Folders of the steps."""

_SPATIAL = ("kozemzak-unet-3d", "i3d")
"""Networks of 3D convolutions."""


@dataclass(frozen=True)
class Study:
    """Where the study lies and how it is run. cohort: a hospital's own folder, None for the synthetic
    one. workers: processes that make studies."""

    profile: Profile
    out: Path
    cohort: Path | None = None
    machine: Machine = field(default_factory=Machine)
    workers: int = 1

    @cached_property
    def has_veins(self) -> bool:
        """Whether vein segments are known, of all CT cases of a hospital's cohort."""
        if self.cohort is None:
            return True
        return all(case.segments for case in Cohort.load(self.cohort).of_modality(Modality.CT))

    def runs_on(self, network: str) -> Machine:
        """The machine for a network; on the CPU the profile says at which precision."""
        machine = self.machine
        if machine.precision == "auto" and resolve_device(machine.device).type == "cpu":
            machine = replace(machine, precision=self.profile.precision)
        return machine.sound_for(network in _SPATIAL)

    def split(self, name: str) -> Cohort:
        """The cases with their splits; for a fold, that fold of the training's cases validates."""
        if not name.startswith("fold-"):
            return Cohort.load(self.out / SPLIT / f"{name}.csv")
        whole = self.split("random")
        learned = whole.select(lambda case: case.split != "test")
        dealt = k_fold(learned, self.profile.folds, self.profile.seed)
        held = int(name.removeprefix("fold-"))
        split_of = {
            case.case: "validation" if case.fold == held else "train" for case in dealt.cases
        }
        cases = tuple(replace(c, split=split_of.get(c.case, "test")) for c in whole.cases)
        return replace(whole, cases=cases)

    def model(self, name: str) -> models.Model | None:
        """A trained model, None if it is not there yet; it computes in the precision of its training."""
        folder = self.out / MODELS / name
        if not (folder / DESCRIPTION).exists():
            return None
        runs_on = self.runs_on(read_description(folder).network.name)
        device = runs_on.device
        half = runs_on.precision == "bf16-mixed" or resolve_device(device).type == "cuda"
        return models.open_model(folder, device, half=half)


@dataclass(frozen=True)
class MakeCohort:
    """The studies at the networks' size; `own`: those of the pre-training."""

    study: Study
    own: bool = False

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        study, workers = self.study, self.study.workers or cores()
        if study.cohort is not None and not self.own:
            found = reduce_cohort(
                Cohort.load(study.cohort),
                study.profile.size,
                folder,
                workers=workers,
                stop_after_s=left_s,
                progress=progress,
            )
        else:
            found = make_synthetic(
                study.profile,
                folder,
                pretext=self.own,
                workers=workers,
                stop_after_s=left_s,
                progress=progress,
            )
        return found is not None


@dataclass(frozen=True)
class Complete:
    """The vein masks of the training's studies, completed by symmetry."""

    study: Study

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        begun = monotonic()
        cohort = self.study.split("random").of_split("train")
        counts = []
        for done, case in enumerate(cohort):
            progress("symmetry", done, len(cohort))
            if left_s is not None and monotonic() - begun > left_s:
                return False
            opened = open_case(case, cohort.cache)
            if opened.segments is None:
                raise CohortError(f"case {case.case!r} has no segments to complete")
            found = symmetry.complete(opened.image, opened.segments)
            target = folder / case.case / "segments.nii"
            write_reduced(found.segments, target)
            counts.append((case.case, found.added, found.refused))
        write_csv(folder / "added.csv", ("case", "added", "refused"), counts)
        return True


@dataclass(frozen=True)
class Pretrain:
    """The pretext task for one kind of encoder."""

    study: Study
    kind: str

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        cohort = Cohort.load(self.study.out / PRETEXT / COHORT)
        return pretext.learn(
            self.kind,
            cohort,
            self.study.profile,
            folder,
            machine=self.study.runs_on("i3d" if self.kind == "i3d" else "resnet18"),
            stop_after_s=left_s,
            progress=progress,
        )


@dataclass(frozen=True)
class Search:
    """Learning rate and weight decay of one classifier."""

    study: Study
    model: Model
    settings: search.SearchSettings

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        cohort = self.study.split("random")
        found = search.tune(
            self.model.recipe,
            cohort.of_split("train"),
            cohort.of_split("validation"),
            folder,
            self.settings,
            machine=self.study.runs_on(self.model.recipe.network),
            pretrained=first_weights(self.study, self.model),
            stop_after_s=left_s,
            progress=progress,
        )
        return found.complete


@dataclass(frozen=True)
class Train:
    """One model: its training, then its answers for the studies of all splits."""

    study: Study
    model: Model

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        from deepvein.training.run import train_recipe

        begun = monotonic()
        model = self._searched()
        cohort = self.study.split(model.split)
        training = part_of(cohort.of_split("train"), model.share, self.study.profile.seed)
        if model.masks == "completed":
            training = _with_segments(training, self.study.out / COMPLETED)
        result = train_recipe(
            model.recipe,
            training,
            folder,
            validation=cohort.of_split("validation"),
            machine=self.study.runs_on(model.recipe.network),
            pretrained=first_weights(self.study, model),
            stop_after_s=left_s,
            progress=progress,
        )
        trained = self.study.model(self.model.name)
        if result.model is None or trained is None:
            return False
        left = None if left_s is None else left_s - (monotonic() - begun)
        if model.segments:
            finished = read_pixels(trained, cohort, folder, left, progress)
        else:
            judged = cohort.select(lambda case: case.split != "train")
            finished = read_slices(trained, judged, folder, left, progress)
        if finished:
            self._write_card(folder)
            for name in ("last.safetensors", "best.safetensors"):
                (folder / name).unlink(missing_ok=True)
        return finished

    def _write_card(self, folder: Path) -> None:
        from deepvein.laboratory.kozemzak2019.handing_over import told_of

        write_model_card(told_of(self.study, self.model, folder), folder)

    def _searched(self) -> Model:
        best = self.study.out / TUNING / search.BEST
        if not self.model.name.endswith("-tuned"):
            return self.model
        found = {one.key: one.value for one in stored.load(search.Search, best).settings}
        return with_rate(
            self.model,
            found["training.optimiser.learning_rate"],
            found["training.optimiser.weight_decay"],
        )


@dataclass(frozen=True)
class PredictMasks:
    """Deep-vein masks by the segmenter that was best in validation, for the classifiers that take them."""

    study: Study

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        name = best_segmenter(self.study.out)
        model = None if name is None else self.study.model(name)
        if model is None:
            raise CohortError("no segmenter has been trained; predicted masks need one")
        cohort = self.study.split("random").select(lambda case: case.split != "train")
        label = np.uint8(encode(VeinSegment.FEMORAL, Side.RIGHT))
        for case, levels in read_masks(model, cohort, progress):
            grid = open_case(case, cohort.cache).image.grid
            mask = np.where(levels >= HALF, label, np.uint8(0))
            write_reduced(Volume(mask, grid), folder / case.case / "segments.nii")
        write_text(folder / "segmenter.txt", f"{name}\n")
        return True


@dataclass(frozen=True)
class ReadWithPredicted:
    """A classifier that takes masks, given predicted ones."""

    study: Study
    name: str

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        model = self.study.model(self.name)
        if model is None:
            raise CohortError(f"{self.name} has not been trained yet")
        cohort = self.study.split("random").select(lambda case: case.split != "train")
        cohort = _with_segments(cohort, self.study.out / MASKS)
        return read_slices(model, cohort, folder, left_s, progress)


@dataclass(frozen=True)
class Bundle:
    """The best segmenter's deep veins in a bundle that `deepvein screen --models` takes."""

    study: Study
    models: tuple[Model, ...]

    def __call__(self, folder: Path, left_s: float | None, progress: Progress) -> bool:
        from deepvein.laboratory.kozemzak2019.handing_over import told_of

        best = best_segmenter(self.study.out)
        model = next((one for one in self.models if one.name == best), None)
        if model is None:
            raise CohortError("no segmenter has been trained; a bundle needs one")
        place = self.study.out / MODELS / model.name
        told = told_of(self.study, model, place)
        write_screening_bundle(told, Modality.CT, place, "veins", folder)
        return True


def first_weights(study: Study, model: Model) -> str:
    """What `train_recipe` takes for a model's first weights."""
    if model.pretrained != PHANTOMS:
        return model.pretrained
    kind = pretext.KINDS.get(model.recipe.network)
    return NONE if kind is None else str(study.out / PRETEXT / kind / pretext.WEIGHTS)


def _with_segments(cohort: Cohort, folder: Path) -> Cohort:
    """The cohort with the vein masks that lie in `folder`."""
    root = folder.resolve()
    cases = tuple(replace(c, segments=root / c.case / "segments.nii") for c in cohort.cases)
    return replace(cohort, cases=cases)
