"""What a screening answers to the node, and how studies are screened unless a test does it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol, runtime_checkable

OUTCOME = "outcome.json"
"""Beside the reports of a result; where it lies, the result is whole."""


@dataclass(frozen=True)
class Outcome:
    """A result in short.

    verdict: a value of `findings.screening.Verdict`. places: of the findings, in words. extent_mm: of the
    longest one. models: their names, versions and hashes. image: what the study's images are like
    (`screening.image_statistics`). reason: what could not be written, empty if all was.
    """

    verdict: str
    probability: float | None
    findings: int
    places: str = ""
    extent_mm: float | None = None
    models: tuple[dict[str, Any], ...] = ()
    image: dict[str, float | None] | None = None
    seconds: float = 0.0
    reason: str = ""

    @property
    def urgency(self) -> float:
        """What lists are sorted by, [0, 1]: the probability; of a study that could not be assessed, in which
        nobody has looked for a thrombus yet, one half."""
        return 0.5 if self.probability is None else self.probability


class Screen(Protocol):
    """Screens the study in a folder and writes its reports into another one, which is empty."""

    def __call__(self, study: Path, out: Path, device: str) -> Outcome: ...


@runtime_checkable
class Tried(Protocol):
    """A `Screen` that can be tried without a study.

    What `try_out` gives stands against screening studies of a modality, whatever it raises against all.
    """

    def try_out(self, device: str) -> Mapping[str, Exception]: ...


@dataclass(frozen=True)
class StudyScreen:
    """Screens with the models that serve in the node's `folder` when a study begins; writes all reports."""

    folder: Path

    def try_out(self, device: str) -> Mapping[str, Exception]:
        """Load what a screening needs: packages, and the networks that serve."""
        import deepvein.reports
        import deepvein.screening.image_statistics  # noqa: F401
        from deepvein.node.service import Service
        from deepvein.screening.screen import load
        from deepvein.studies.study import Modality

        service = Service(self.folder)
        troubles: dict[str, Exception] = {}
        for modality in Modality:
            try:
                load(service.serving(modality), device)
            except Exception as error:  # noqa: BLE001  (a damaged bundle raises anything)
                troubles[modality.value] = error
        if len(troubles) == len(Modality):
            raise next(iter(troubles.values()))
        return troubles

    def __call__(self, study: Path, out: Path, device: str) -> Outcome:
        """Screen one study; the errors are those of `screen`."""
        from deepvein.core.errors import ReportError
        from deepvein.core.settings import to_dict
        from deepvein.node.reviews.prepared import KEPT, VIEW, let_go
        from deepvein.node.reviews.view import prepare
        from deepvein.node.service import Service
        from deepvein.reports import ReportContext, write
        from deepvein.screening.image_statistics import image_statistics
        from deepvein.screening.screen import screen
        from deepvein.studies.reading import read_study

        begun = perf_counter()
        read = read_study(study)
        models = Service(self.folder).serving(read.modality)
        result = screen(read, device=device, models=models)
        result = replace(result, seconds=perf_counter() - begun)
        reason = ""
        try:
            write(result, out, context=ReportContext((models.folder,), models.bundle))
        except ReportError as error:
            reason = str(error)  # the others are written
        # While the study is at hand: readers see it without waiting. Old ones go, also where nobody looks.
        let_go(self.folder, KEPT - 1)
        prepare(result, out / VIEW)
        return Outcome(
            verdict=result.verdict.value,
            probability=result.probability,
            findings=len(result.findings),
            places="; ".join(finding.place for finding in result.findings),
            extent_mm=max((finding.extent_mm for finding in result.findings), default=None),
            models=()
            if result.prediction is None
            else tuple(to_dict(model) for model in result.prediction.models),
            image=asdict(image_statistics(result)),
            seconds=result.seconds,
            reason=reason,
        )
