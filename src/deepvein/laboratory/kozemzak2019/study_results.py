"""All results that a study's folder holds, whatever is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deepvein.core import settings as stored
from deepvein.laboratory.kozemzak2019 import step_actions
from deepvein.laboratory.kozemzak2019.models import Model
from deepvein.laboratory.kozemzak2019.patient_split import REPORT, STATISTICS, Balance, Measured
from deepvein.laboratory.kozemzak2019.predictions import MODELS, best_segmenter
from deepvein.laboratory.kozemzak2019.results import SegmentationResults, SliceResults
from deepvein.training import search
from deepvein.training.checkpoints import read_description


@dataclass(frozen=True)
class Gathered:
    """study: its folder and profile. models: those that were wanted, in order."""

    study: step_actions.Study
    models: tuple[Model, ...]

    def segmentation(self, name: str) -> SegmentationResults | None:
        return SegmentationResults.load(self._folder(name)) if self._done(name) else None

    def slices(self, name: str) -> SliceResults | None:
        return SliceResults.load(self._folder(name)) if self._done(name) else None

    def predicted(self, name: str) -> SliceResults | None:
        """A classifier that takes masks, given predicted ones."""
        return SliceResults.load(self.study.out / step_actions.PREDICTED / name)

    def origin(self, name: str) -> str:
        """Where a model's first weights came from, for people."""
        if not self._done(name):
            return ""
        first = read_description(self._folder(name)).pretrained
        if first is None:
            return "random"
        if first.choice == "file":
            own = str(self.study.out / step_actions.PRETEXT)
            model = next((one for one in self.models if one.name == name), None)
            ours = model is not None and (
                model.pretrained == "phantoms" or model.pretrained.startswith(own)
            )
            return "own phantoms" if ours else first.file
        return {"imagenet": "ImageNet", "kinetics": "Kinetics"}.get(first.choice, first.choice)

    @cached_property
    def folds(self) -> list[SliceResults]:
        """The classifiers of the ensemble over folds that are there."""
        found = [self.slices(model.name) for model in self.models if model.fold is not None]
        return [one for one in found if one is not None]

    @cached_property
    def best_segmenter(self) -> str | None:
        return best_segmenter(self.study.out)

    @cached_property
    def balance(self) -> Balance | None:
        path = self.study.out / step_actions.SPLIT / REPORT
        return stored.load(Balance, path) if path.exists() else None

    @cached_property
    def statistics(self) -> Measured | None:
        path = self.study.out / step_actions.SPLIT / STATISTICS
        return stored.load(Measured, path) if path.exists() else None

    @cached_property
    def search(self) -> search.Search | None:
        path = self.study.out / step_actions.TUNING / search.BEST
        return stored.load(search.Search, path) if path.exists() else None

    @cached_property
    def completed(self) -> tuple[int, int] | None:
        """Veins (slice by slice) that symmetry added, and that it refused."""
        path = self.study.out / step_actions.COMPLETED / "added.csv"
        if not path.exists():
            return None
        rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
        return sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows)

    def _folder(self, name: str) -> Path:
        return self.study.out / MODELS / name

    def _done(self, name: str) -> bool:
        return (self._folder(name) / "done.json").exists()
