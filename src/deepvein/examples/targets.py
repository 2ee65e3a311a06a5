"""What a network should answer, read from a case's masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.labelling import require_labelled
from deepvein.cohorts.opening import OpenCase
from deepvein.core.errors import CohortError
from deepvein.examples.preprocessing import read_planes
from deepvein.examples.settings import ExampleSettings


def require_masks(cohort: Cohort, settings: ExampleSettings) -> None:
    """CohortError if the cohort is empty, or with all cases that lack a mask that these examples need.

    Thrombi may be missing where a case is known to be free of DVT.
    """
    if not cohort.cases:
        raise CohortError("examples need at least one case; the cohort is empty")
    require_labelled(
        cohort,
        segments=settings.needs_veins,
        thrombi=settings.needs_thrombi,
        what=f"training for {' and '.join(settings.targets)}",
    )


def read_masks(
    case: OpenCase,
    indices: Sequence[int],
    settings: ExampleSettings,
    window: tuple[int, int, int, int] | None = None,
) -> NDArray[np.uint8]:
    """Masks of 0 and 1, (target, len(indices), rows, columns), in the order of `settings.targets`.

    "dvt" gives the thrombus mask, from which the label follows. Empty where the slice is EMPTY.
    """
    masks = [
        read_veins(case, indices, window)
        if target == "veins"
        else read_thrombus(case, indices, window)
        for target in settings.targets
    ]
    return np.stack(masks)


def read_veins(
    case: OpenCase, indices: Sequence[int], window: tuple[int, int, int, int] | None = None
) -> NDArray[np.uint8]:
    """Deep-vein mask (len(indices), rows, columns) of 0 and 1."""
    if case.segments is None:
        raise CohortError(f"case {case.case.case!r} has no segments")
    planes = read_planes(case.segments.array, indices, 0, window).astype(np.uint8, copy=False)
    return deep_mask(planes).view(np.uint8)


def read_thrombus(
    case: OpenCase, indices: Sequence[int], window: tuple[int, int, int, int] | None = None
) -> NDArray[np.uint8]:
    """Thrombus mask (len(indices), rows, columns) of 0 and 1; zeros for a case without thrombi."""
    if case.thrombi is None:
        rows, columns = window[2:] if window is not None else case.image.grid.shape[1:]
        return np.zeros((len(indices), rows, columns), dtype=np.uint8)
    planes = read_planes(case.thrombi.array, indices, 0, window)
    return (planes > 0).view(np.uint8)
