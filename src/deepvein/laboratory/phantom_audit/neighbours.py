"""One section against eleven: what neighbouring sections add when thrombus and unmixed blood look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from deepvein.core.progress import Progress
from deepvein.core.seeds import derive
from deepvein.core.workers import spread
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import Estimate, bootstrap
from deepvein.laboratory.phantom_audit.folds import folds
from deepvein.laboratory.phantom_audit.network import Schedule, read, train
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.straightened import Strips, joined, strips
from deepvein.laboratory.phantom_audit.studies import orders

DEPTH = 11
_FIRST = Schedule(epochs=24, batch=32)
_THEN = Schedule(epochs=12, batch=32, learning_rate=4e-3)

Score = NDArray[np.float64]


@dataclass(frozen=True)
class Neighbours:
    """AUROC for "thrombus, not mixing artefact" in the middle section, out of fold; gain: eleven minus one.

    people: all with DVT. patches: thrombi and artefacts, with_thrombus of them thrombi.
    """

    one: Estimate
    eleven: Estimate
    gain: Estimate
    people: int
    patches: int
    with_thrombus: int


def measure(settings: AuditSettings, progress: Progress) -> Neighbours:
    """Paint the strips of the audit's people, all of whom have DVT, and read them."""
    todo = orders(settings, dvt=True, n=settings.people)
    return judge(
        settings,
        list(
            spread(
                partial(strips, depth=DEPTH),
                todo,
                settings.workers,
                stage="strips",
                progress=progress,
            )
        ),
    )


def judge(settings: AuditSettings, found: Sequence[Strips]) -> Neighbours:
    """Train and read by folds of people.

    In each fold a network learns on middle sections alone. From there it goes on twice by the same
    schedule: with the middle sections, and with all eleven.
    """
    pictures, truth, people = joined(found)
    fold = folds(people, truth.tolist())
    one, eleven = np.zeros(len(truth)), np.zeros(len(truth))
    alone = np.ascontiguousarray(pictures[:, DEPTH // 2 : DEPTH // 2 + 1])
    for k in np.unique(fold).tolist():
        rest, seed = fold != k, derive(settings.seed, "neighbours", k)
        start = train(alone[rest], truth[rest], seed, _FIRST)
        for score, seen in ((one, alone), (eleven, pictures)):
            network = train(seen[rest], truth[rest], seed, _THEN, start)
            score[~rest] = read(network, seen[~rest])

    def area(score: Score, rows: NDArray[np.int64]) -> float:
        return auroc(score[rows], truth[rows])

    return Neighbours(
        one=bootstrap(lambda rows: area(one, rows), people),
        eleven=bootstrap(lambda rows: area(eleven, rows), people),
        gain=bootstrap(lambda rows: area(eleven, rows) - area(one, rows), people),
        people=len(set(people)),
        patches=len(truth),
        with_thrombus=int(truth.sum()),
    )
