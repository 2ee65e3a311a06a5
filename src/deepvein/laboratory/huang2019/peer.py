"""A network of another project on the same folds: where its results lie, and how it was trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepvein.core import settings

PEER = "peers/nnunet"
_TRAINING = "training.json"


@dataclass(frozen=True)
class PeerTraining:
    """version: of the peer. configuration: its own name for what was trained. batch: examples of a step.
    steps: of the optimiser. seconds: of training; for budget_s the proposed network was trained.
    """

    version: str
    configuration: str
    batch: int
    steps: int
    seconds: float
    budget_s: float

    def save(self, fold: Path) -> None:
        """Kept as training.json in the fold's folder."""
        fold.mkdir(parents=True, exist_ok=True)
        settings.save(self, fold / _TRAINING)


def peer_trainings(out: Path) -> list[PeerTraining]:
    """Those of all folds in the study's folder; empty if the peer has not been run."""
    return [
        settings.load(PeerTraining, path) for path in sorted((out / PEER).glob(f"*/{_TRAINING}"))
    ]


def statement(trainings: list[PeerTraining]) -> str:
    """One sentence on how the peer was trained; empty without trainings."""
    if not trainings:
        return ""
    first = trainings[0]
    return (
        f"nnU-Net {first.version} ({first.configuration}, batches of {first.batch}) trained for "
        f"{_range([one.seconds for one in trainings])} s a fold, {_range([one.steps for one in trainings])} "
        f"steps; the proposed network took {_range([one.budget_s for one in trainings])} s."
    )


def _range(values: list[float] | list[int]) -> str:
    low, high = round(min(values)), round(max(values))
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
