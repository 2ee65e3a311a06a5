"""One section against eleven: what neighbouring sections add to the small network's reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.audit.folds import folds
from deepvein.audit.network import cross_validate
from deepvein.audit.patches import Patches, cut, joined, places
from deepvein.audit.sections import Sections
from deepvein.audit.settings import AuditSettings
from deepvein.audit.studies import Order
from deepvein.evaluation.curves import auroc
from deepvein.evaluation.statistics import Estimate, bootstrap
from deepvein.phantoms.phantom import Scenario

DEPTH = 11
_WINDOWS = 5
_HEIGHTS = 4


@dataclass(frozen=True)
class Neighbours:
    """AUROC for "the middle section shows thrombus here", out of fold; gain: eleven minus one."""

    one: Estimate
    eleven: Estimate
    gain: Estimate
    patches: int
    with_thrombus: int


def judge(settings: AuditSettings, found: Sequence[Patches]) -> Neighbours:
    """Train and read twice: on stacks of eleven sections, and on their middle sections."""
    pictures, truth, studies = joined(found)
    middle = truth[:, _WINDOWS // 2]
    fold = folds(studies, middle.tolist())
    eleven = cross_validate(pictures, truth, fold, settings.seed)
    alone = np.ascontiguousarray(pictures[:, DEPTH // 2 : DEPTH // 2 + _WINDOWS])
    one = cross_validate(alone, truth, fold, settings.seed)

    def area(score: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        return auroc(score[rows], middle[rows])

    return Neighbours(
        one=bootstrap(lambda rows: area(one, rows), studies),
        eleven=bootstrap(lambda rows: area(eleven, rows), studies),
        gain=bootstrap(lambda rows: area(eleven, rows) - area(one, rows), studies),
        patches=len(middle),
        with_thrombus=int(middle.sum()),
    )


def stacks(order: Order, scenario: Scenario, sections: Sections) -> Patches:
    """The patches of one study."""
    return cut(order, sections, places(order, scenario, _HEIGHTS), DEPTH, _WINDOWS)
