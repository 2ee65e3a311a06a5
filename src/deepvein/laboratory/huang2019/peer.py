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


def label(trainings: list[PeerTraining]) -> str:
    """What a table calls the peer: with its budget, for it is no trained nnU-Net without one."""
    if not trainings:
        return "nnU-Net v2, of unknown training"
    seconds = _range([one.seconds for one in trainings])
    steps = _range([one.steps for one in trainings])
    return f"nnU-Net {trainings[0].version} after {seconds} s and {steps} steps a fold"


def budget(trainings: list[PeerTraining]) -> str:
    """Seconds a fold of the proposed network's training, such as "152 to 174"; empty without trainings."""
    return _range([one.budget_s for one in trainings]) if trainings else ""


def _range(values: list[float] | list[int]) -> str:
    low, high = round(min(values)), round(max(values))
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
