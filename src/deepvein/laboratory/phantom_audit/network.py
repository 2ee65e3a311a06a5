"""The small network of the audit's readers, and how it is trained: always alike, in a minute or two.

Some four thousand parameters: enough to read a local sign of thrombosis, too few to learn studies by
heart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deepvein.core.seeds import derive, generator

Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Schedule:
    """Adam with a learning rate that falls as half a cosine wave; pictures are mirrored and shifted."""

    epochs: int = 24
    batch: int = 32
    learning_rate: float = 6e-3
    weight_decay: float = 1e-3
    shift: int = 2


class SmallNetwork(nn.Module):
    """(batch, section, channel, row, column) -> (batch,) logits.

    Three convolutions read every section alike and one goes along the sections; the head sees the features
    of the middle section, and the mean and the largest of what was found along them. One section is read
    as if it lay above and below itself: it and eleven take the same parameters.
    """

    def __init__(
        self, channels: int, widths: tuple[int, ...] = (8, 12, 16), along: int = 12
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for into, out in pairwise((channels, *widths)):
            layers += [nn.Conv2d(into, out, 3, padding=1), nn.GroupNorm(2, out), nn.ReLU()]
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers[:-1])
        pooled = 2 * widths[-1]
        self.along = nn.Conv1d(pooled, along, 3, padding=1, padding_mode="replicate")
        self.head = nn.Linear(pooled + 2 * along, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        batch, sections = pictures.shape[:2]
        features = self.features(pictures.flatten(0, 1))
        pooled = torch.cat([features.mean(dim=(2, 3)), features.amax(dim=(2, 3))], dim=1)
        pooled = pooled.view(batch, sections, -1)
        course = torch.relu(self.along(pooled.transpose(1, 2)))
        seen = [pooled[:, sections // 2], course.mean(dim=2), course.amax(dim=2)]
        logits: Tensor = self.head(torch.cat(seen, dim=1))[:, 0]
        return logits


def train(
    pictures: Float32,
    truth: Bool,
    seed: int,
    schedule: Schedule = Schedule(),
    start: SmallNetwork | None = None,
) -> SmallNetwork:
    """The network trained on (n, section, channel, row, column) pictures and the (n,) truth of their middle
    sections, from `start` (which stays as it is) or from chance. Both outcomes weigh the same."""
    if start is None:
        with _alone(seed):
            network = SmallNetwork(pictures.shape[2])
    else:
        network = deepcopy(start).train()
    rng = generator(seed, "audit", "training")
    x, y = torch.from_numpy(pictures), torch.from_numpy(truth.astype(np.float32))
    positives = max(1.0, float(truth.sum()))
    weight = torch.tensor((truth.size - positives) / positives).clamp(0.05, 20)
    loss_of = nn.BCEWithLogitsLoss(pos_weight=weight)
    optimiser = torch.optim.Adam(
        network.parameters(), schedule.learning_rate, weight_decay=schedule.weight_decay
    )
    batches = -(-len(x) // schedule.batch)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, schedule.epochs * batches)
    for _ in range(schedule.epochs):
        for rows in np.array_split(rng.permutation(len(x)), batches):
            own = torch.from_numpy(rows)
            optimiser.zero_grad()
            loss_of(network(_moved(x[own], rng, schedule.shift)), y[own]).backward()
            optimiser.step()
            falling.step()
    return network.eval()


def read(network: SmallNetwork, pictures: Float32) -> NDArray[np.float64]:
    """(n,) logits of (n, section, channel, row, column) pictures."""
    if not len(pictures):
        return np.zeros(0)
    with torch.no_grad():
        logits = [network(part) for part in torch.split(torch.from_numpy(pictures), 128)]
    return torch.cat(logits).numpy().astype(np.float64)


def cross_validate(
    pictures: Float32,
    truth: Bool,
    fold: NDArray[np.int64],
    seed: int,
    schedule: Schedule = Schedule(),
) -> NDArray[np.float64]:
    """(n,) logits of each stack by a network that was trained on the other folds."""
    out = np.zeros(len(pictures))
    for k in np.unique(fold).tolist():
        rest = fold != k
        network = train(pictures[rest], truth[rest], derive(seed, "fold", k), schedule)
        out[~rest] = read(network, pictures[~rest])
    return out


def _moved(batch: Tensor, rng: np.random.Generator, shift: int) -> Tensor:
    """The stacks mirrored left to right, one by one, and moved by up to `shift` pixels."""
    mirrored = torch.from_numpy(rng.random(len(batch)) < 0.5)[:, None, None, None, None]
    batch = torch.where(mirrored, batch.flip(4), batch)
    rows, columns = rng.integers(-shift, shift + 1, 2).tolist() if shift else (0, 0)
    return torch.roll(batch, (rows, columns), (3, 4))


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """torch's random stream set to `seed` for a moment, and put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed % 2**63)
        yield
