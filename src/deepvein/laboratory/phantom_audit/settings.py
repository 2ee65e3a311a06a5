"""What an audit looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deepvein.core.errors import SettingsError
from deepvein.phantoms.difficulty import NAMES, Difficulty
from deepvein.studies.study import Modality

LEAST = 6
"""Fewer studies than this cannot be split into folds that hold both outcomes."""


@dataclass(frozen=True)
class AuditSettings:
    """One audit: a modality at a level of difficulty, `n` studies, half of them with DVT.

    workers: processes that paint; they change nothing in the result.
    """

    modality: Modality
    difficulty: Difficulty = "clinical"
    n: int = 200
    seed: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        if self.n < LEAST:
            raise SettingsError(f"n must be {LEAST} or larger, got {self.n}")
        if self.workers < 1:
            raise SettingsError(f"workers must be 1 or larger, got {self.workers}")
        if self.difficulty not in NAMES:
            known = ", ".join(NAMES)
            raise SettingsError(f"unknown difficulty {self.difficulty!r} (known: {known})")

    @property
    def people(self) -> int:
        """How many people with DVT the readers of neighbouring sections see: they learn from many."""
        return 3 * self.n // 2

    @property
    def on_one_worker(self) -> AuditSettings:
        """What the results depend on."""
        return replace(self, workers=1)

    @property
    def name(self) -> str:
        """Such as "ct-clinical", for files."""
        return f"{self.modality.value.lower()}-{self.difficulty}"
