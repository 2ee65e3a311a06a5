"""What a network that was trained at one centre loses at another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.core.progress import Progress
from deepvein.core.seeds import derive
from deepvein.core.workers import spread
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import Estimate, bootstrap
from deepvein.laboratory.phantom_audit.folds import folds
from deepvein.laboratory.phantom_audit.network import read, train
from deepvein.laboratory.phantom_audit.patches import Patches, cut, joined, places
from deepvein.laboratory.phantom_audit.sections import sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.phantoms.centres import NAMES

_HEIGHTS = 6

Score = NDArray[np.float64]


@dataclass(frozen=True)
class Transfer:
    """A network trained at one centre and tested at another, on studies of people it has not seen.

    loss: AUROC at its own centre minus that at the other, of the same people.
    """

    trained: str
    tested: str
    auroc: Estimate
    loss: Estimate


@dataclass(frozen=True)
class Centres:
    """Every pair of centres; the same people lie in the scanners of all.

    mean_loss: over all pairs of different centres.
    """

    transfers: tuple[Transfer, ...]
    mean_loss: Estimate


def measure(settings: AuditSettings, progress: Progress) -> Centres:
    """Paint single sections at each centre, train at each, test at all, by folds of people."""
    pictures, truth, studies = {}, {}, {}
    for name in NAMES:
        todo = [order.at(name) for order in orders(settings)]
        found = list(
            spread(patches, todo, settings.workers, stage=f"centre {name}", progress=progress)
        )
        pictures[name], truth[name], studies[name] = joined(found)
    people = sorted({study for name in NAMES for study in studies[name]})
    ill = [any(truth[n][np.array(studies[n]) == p].any() for n in NAMES) for p in people]
    number = dict(zip(people, folds(people, ill).tolist(), strict=True))
    fold = {name: np.array([number[study] for study in studies[name]]) for name in NAMES}
    transfers = []
    blocks: list[_Block] = []
    for trained in NAMES:
        scores: dict[str, Score] = {name: np.zeros(len(truth[name])) for name in NAMES}
        for k in sorted(set(number.values())):
            rest = fold[trained] != k
            network = train(
                pictures[trained][rest],
                truth[trained][rest],
                derive(settings.seed, "centres", trained, k),
            )
            for tested in NAMES:
                own = fold[tested] == k
                scores[tested][own] = read(network, pictures[tested][own])
        transfers += [_transfer(trained, tested, scores, truth, studies) for tested in NAMES]
        blocks += [_Block(trained, name, scores[name], truth[name]) for name in NAMES]
    return Centres(tuple(transfers), _mean_loss(blocks, studies))


def patches(order: Order) -> Patches:
    """The patches of one study at the order's centre."""
    scenario = order.scenario()
    return cut(order, sections_of(scenario), places(order, scenario, _HEIGHTS))


@dataclass(frozen=True, eq=False)
class _Block:
    """The scores of one network on the patches of one centre."""

    trained: str
    tested: str
    score: Score
    truth: NDArray[np.bool_]


def _mean_loss(blocks: list[_Block], studies: dict[str, list[str]]) -> Estimate:
    """All blocks' rows stand below one another, so that people are drawn with all their examinations."""
    people = [person for block in blocks for person in studies[block.tested]]
    ends = np.cumsum([0, *(len(block.truth) for block in blocks)])

    def lost(rows: NDArray[np.int64]) -> float:
        area = {}
        for block, first, last in zip(blocks, ends[:-1], ends[1:], strict=True):
            own = rows[(rows >= first) & (rows < last)] - first
            area[block.trained, block.tested] = auroc(block.score[own], block.truth[own])
        away = [area[a, a] - area[a, b] for a in NAMES for b in NAMES if a != b]
        return float(np.mean(away))

    return bootstrap(lost, people, draws=500)


def _transfer(
    trained: str,
    tested: str,
    scores: dict[str, Score],
    truths: dict[str, NDArray[np.bool_]],
    studies: dict[str, list[str]],
) -> Transfer:
    """Both centres' rows stand below one another, so that a person is drawn with both examinations."""
    names = (trained, tested)
    score = np.concatenate([scores[name] for name in names])
    truth = np.concatenate([truths[name] for name in names])
    first = len(truths[trained])
    people = [*studies[trained], *studies[tested]]

    def there(rows: NDArray[np.int64]) -> float:
        rows = rows[rows >= first]
        return auroc(score[rows], truth[rows])

    def lost(rows: NDArray[np.int64]) -> float:
        home = rows[rows < first]
        return auroc(score[home], truth[home]) - there(rows)

    return Transfer(trained, tested, bootstrap(there, people), bootstrap(lost, people))
