"""One section against eleven: what neighbouring sections add to the small network's reading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.audit.folds import folds
from deepvein.audit.network import cross_validate
from deepvein.audit.patches import Patches, cut, joined, places
from deepvein.audit.sections import sections_of
from deepvein.audit.settings import AuditSettings
from deepvein.audit.studies import Order, look, orders
from deepvein.core.progress import Progress
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import Estimate, bootstrap

DEPTH = 11
_HEIGHTS = 4


@dataclass(frozen=True)
class Neighbours:
    """AUROC for "the middle section shows thrombus here", out of fold; gain: eleven minus one.

    one: the same network on the middle section, given eleven times.
    """

    one: Estimate
    eleven: Estimate
    gain: Estimate
    patches: int
    with_thrombus: int


def measure(settings: AuditSettings, progress: Progress) -> Neighbours:
    """Paint stacks of eleven sections, train and read twice."""
    found = look(stacks, orders(settings), settings.workers, "neighbours", progress)
    pictures, truth, studies = joined(found)
    fold = folds(studies, truth.tolist())
    eleven = cross_validate(pictures, truth, fold, settings.seed)
    alone = np.repeat(pictures[:, DEPTH // 2, None], DEPTH, axis=1)
    one = cross_validate(np.ascontiguousarray(alone), truth, fold, settings.seed)

    def area(score: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        return auroc(score[rows], truth[rows])

    return Neighbours(
        one=bootstrap(lambda rows: area(one, rows), studies),
        eleven=bootstrap(lambda rows: area(eleven, rows), studies),
        gain=bootstrap(lambda rows: area(eleven, rows) - area(one, rows), studies),
        patches=len(truth),
        with_thrombus=int(truth.sum()),
    )


def stacks(order: Order) -> Patches:
    """The patches of one study."""
    scenario = order.scenario()
    return cut(order, sections_of(scenario), places(order, scenario, _HEIGHTS), DEPTH)
