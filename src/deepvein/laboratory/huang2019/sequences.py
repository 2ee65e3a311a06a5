"""A second MR sequence as another input channel; importing this registers the kind of examples.

It lies beside the image as `t2.nii`, on the image's grid, and is normalised and changed as the image is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.opening import OpenCase, open_case
from deepvein.cohorts.promised import is_available
from deepvein.core.errors import CohortError
from deepvein.examples.sources import SOURCES

SECOND = "t2.nii"


def second_of(case: Case) -> Path:
    """Where the second sequence of a case lies."""
    return case.image.with_name(SECOND)


def has_second(case: Case) -> bool:
    """Whether the second sequence of a case is there, or can be made."""
    return is_available(second_of(case))


def open_second(case: Case, cache: Path) -> OpenCase:
    """The case with its second sequence as the image; CohortError if it has none on the same grid."""
    if not has_second(case):
        raise CohortError(
            f"case {case.case!r} has no second sequence, {second_of(case)} is missing"
        )
    first = open_case(case, cache)
    second = open_case(replace(case, image=second_of(case), segments=None, thrombi=None), cache)
    if not first.image.grid.matches(second.image.grid, tolerance_mm=0.1):
        raise CohortError(f"the second sequence of case {case.case!r} lies on another grid")
    return second


SOURCES.expect("sequences", "deepvein.laboratory.huang2019.sequence_source")
