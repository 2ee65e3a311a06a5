"""The studies of an audit: who is examined."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deepvein.core.seeds import derive
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.phantoms.difficulty import Difficulty, settings_at
from deepvein.phantoms.phantom import PhantomSettings, Scenario, sample
from deepvein.studies.study import Modality

_SEEDS = 2**31
MR_ROW_MM = 10.0
"""Sections of MR studies are painted this far apart: every row of a study would cost a minute."""


@dataclass(frozen=True)
class Order:
    """One study to look at. centre: its scanner, "" for the one that the seed draws."""

    name: str
    seed: int
    modality: Modality
    difficulty: Difficulty
    dvt: bool
    centre: str = ""

    @property
    def settings(self) -> PhantomSettings:
        settings = replace(settings_at(self.difficulty), centre=self.centre)
        return replace(settings, mr=replace(settings.mr, row_mm=MR_ROW_MM))

    def scenario(self) -> Scenario:
        return sample(self.seed, self.modality, self.dvt, self.settings)

    def at(self, centre: str) -> Order:
        """The same person with the same disease, examined at another centre."""
        return replace(self, centre=centre)


def orders(
    settings: AuditSettings, dvt: bool | None = None, n: int | None = None
) -> tuple[Order, ...]:
    """The studies of an audit; every second one has DVT, or all (`dvt` True) or none (False).

    n: how many, instead of the settings' number. Their seeds come from a stream of their own, so
    that no cohort trains on them.
    """
    return tuple(
        Order(
            name=f"{k:04d}",
            seed=derive(settings.seed, "audit", k) % _SEEDS,
            modality=settings.modality,
            difficulty=settings.difficulty,
            dvt=k % 2 == 1 if dvt is None else dvt,
        )
        for k in range(settings.n if n is None else n)
    )
