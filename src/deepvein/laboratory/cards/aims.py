"""What the bundled models are to reach on phantoms that they never saw."""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.laboratory.trials.measurement import rate_name
from deepvein.screening.bundle import Metric
from deepvein.studies.study import Modality


@dataclass(frozen=True)
class Aim:
    """The figure called `metric` is to be `least` or more; in one modality, or in both if that is None."""

    metric: str
    least: float
    modality: Modality | None = None

    def is_reached(self, metric: Metric) -> bool:
        """By the value itself, not by the lower end of its interval."""
        return metric.value >= self.least


AIMS = (
    Aim("deep-vein Dice", 0.85),
    Aim("thrombus Dice", 0.75, Modality.CT),
    Aim("thrombus Dice", 0.85, Modality.MR),
    Aim(rate_name(0.5), 0.90),
    Aim("study AUROC", 0.97),
)


def aim_of(metric: str, modality: Modality) -> Aim | None:
    """The aim for a figure, None if there is none."""
    for aim in AIMS:
        if aim.metric == metric and aim.modality in (None, modality):
            return aim
    return None
