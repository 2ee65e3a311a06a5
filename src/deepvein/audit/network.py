"""The small network of the audit's readers, and how it is trained: always alike, in seconds.

Some five thousand parameters: enough to read a local sign of thrombosis, too few to learn studies by
heart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deepvein.core.seeds import derive, generator

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Schedule:
    """Adam with a learning rate that falls as half a cosine wave; pictures are mirrored and shifted."""

    epochs: int = 30
    batch: int = 64
    learning_rate: float = 4e-3
    weight_decay: float = 1e-3
    shift: int = 2


class SmallNetwork(nn.Module):
    """(batch, channel, row, column) -> (batch,) logits: three convolutions, then mean and maximum."""

    def __init__(self, channels: int, widths: tuple[int, ...] = (10, 16, 24)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for into, out in pairwise((channels, *widths)):
            layers += [nn.Conv2d(into, out, 3, padding=1), nn.GroupNorm(2, out), nn.ReLU()]
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers[:-1])
        self.head = nn.Linear(2 * widths[-1], 1)

    def forward(self, pictures: Tensor) -> Tensor:
        features = self.features(pictures)
        pooled = torch.cat([features.mean(dim=(2, 3)), features.amax(dim=(2, 3))], dim=1)
        logits: Tensor = self.head(pooled)[:, 0]
        return logits


def train(
    pictures: Float32, truth: NDArray[np.bool_], seed: int, schedule: Schedule = Schedule()
) -> SmallNetwork:
    """The network trained on (n, channel, row, column) pictures; both outcomes weigh the same."""
    with _alone(seed):
        network = SmallNetwork(pictures.shape[1])
    rng = generator(seed, "audit", "training")
    x, y = torch.from_numpy(pictures), torch.from_numpy(truth.astype(np.float32))
    positives = max(1.0, float(truth.sum()))
    weight = torch.tensor((len(truth) - positives) / positives).clamp(0.05, 20)
    loss_of = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimiser = torch.optim.Adam(
        network.parameters(), schedule.learning_rate, weight_decay=schedule.weight_decay
    )
    steps = schedule.epochs * -(-len(x) // schedule.batch)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(schedule.epochs):
        for rows in np.array_split(rng.permutation(len(x)), -(-len(x) // schedule.batch)):
            batch = _moved(x[torch.from_numpy(rows)], rng, schedule.shift)
            optimiser.zero_grad()
            loss_of(network(batch), y[torch.from_numpy(rows)]).backward()
            optimiser.step()
            falling.step()
    return network.eval()


def read(network: SmallNetwork, pictures: Float32) -> NDArray[np.float64]:
    """(n,) logits of (n, channel, row, column) pictures."""
    if not len(pictures):
        return np.zeros(0)
    with torch.no_grad():
        logits = [network(part) for part in torch.split(torch.from_numpy(pictures), 512)]
    return torch.cat(logits).numpy().astype(np.float64)


def cross_validate(
    pictures: Float32,
    truth: NDArray[np.bool_],
    fold: NDArray[np.int64],
    seed: int,
    schedule: Schedule = Schedule(),
) -> NDArray[np.float64]:
    """(n,) logits, each by a network that was trained on the other folds."""
    out = np.zeros(len(pictures))
    for k in np.unique(fold).tolist():
        rest = fold != k
        network = train(pictures[rest], truth[rest], derive(seed, "fold", k), schedule)
        out[~rest] = read(network, pictures[~rest])
    return out


def _moved(batch: Tensor, rng: np.random.Generator, shift: int) -> Tensor:
    """The batch mirrored left to right, picture by picture, and moved by up to `shift` pixels."""
    mirrored = torch.from_numpy(rng.random(len(batch)) < 0.5)[:, None, None, None]
    batch = torch.where(mirrored, batch.flip(3), batch)
    rows, columns = rng.integers(-shift, shift + 1, 2).tolist() if shift else (0, 0)
    return torch.roll(batch, (rows, columns), (2, 3))


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """torch's random stream set to `seed` for a moment, and put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed % 2**63)
        yield
