"""The thrombi of a case's mask, one number each, and what the names of its labels say of them: acute or
chronic, occlusive or partial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.thrombus_kinds import ThrombusKind, kind_named
from deepvein.cohorts.opening import OpenCase
from deepvein.core.errors import CohortError
from deepvein.evaluation.lesions import instances
from deepvein.laboratory.trials.planted import Planted, read_planted
from deepvein.reports.manifest import MANIFEST, read_manifest

_WHOLE = 0.9
"""Share of a thrombus from which on it is of one kind; the rest is where labels of two kinds meet."""

Kinds = Mapping[int, ThrombusKind | None]


def drawn_thrombi(opened: OpenCase) -> tuple[NDArray[np.integer], tuple[Planted, ...]]:
    """The instance map of a case's thrombi, and what is known of each beyond the map.

    Numbers are those of the mask in synthetic cases, in results that a reader signed, and where there are
    several that are not called after kinds; else what touches is one thrombus (`evaluation.lesions.instances`).
    CohortError where it is not known whether there are any.
    """
    truth = opened.known_thrombi
    if truth is None:
        raise CohortError(f"case {opened.case.case!r} has no thrombi to compare with")
    drawn = np.asarray(truth.array)
    planted = read_planted(opened.files.image)
    if planted or _is_signed(opened.files.thrombi):
        return drawn, planted
    kinds = kinds_of(opened.thrombus_labels or (), opened.thrombus_names)
    numbered = instances(drawn, numbered=not are_classes(kinds))
    return numbered, drawn_kinds(numbered, drawn, kinds)


def _is_signed(thrombi: Path | None) -> bool:
    """Whether a mask is that of a reader's signed result, in which 1 alone is one thrombus."""
    return thrombi is not None and read_manifest(thrombi.parent / MANIFEST) is not None


def kinds_of(labels: Sequence[int], names: Sequence[str]) -> Kinds:
    """The kind that each label's name tells, None for none; labels without names have none."""
    return {
        label: kind_named(name)
        for label, name in zip(labels, names or [""] * len(labels), strict=True)
    }


def are_classes(kinds: Kinds) -> bool:
    """Whether labels stand for kinds of thrombus and not for a thrombus each."""
    return bool(kinds) and all(kind is not None and kind.alone for kind in kinds.values())


def drawn_kinds(
    numbered: NDArray[np.integer], drawn: NDArray[np.integer], kinds: Kinds
) -> tuple[Planted, ...]:
    """What is known of each thrombus of an instance map, by the labels with which its voxels were drawn.

    numbered, drawn: of one shape, marked at the same voxels. A thrombus of several kinds is acute, or
    occlusive, where that holds for nine tenths of it. () where no label tells a kind.
    """
    if not any(kinds.values()):
        return ()
    counts: dict[tuple[int, int], int] = {}
    for numbers, labels in zip(numbered, drawn, strict=True):
        marked = numbers > 0
        pairs = np.stack([numbers[marked], labels[marked]])
        every, times = np.unique(pairs, axis=1, return_counts=True)
        for (number, label), count in zip(every.T.tolist(), times.tolist(), strict=True):
            counts[number, label] = counts.get((number, label), 0) + count
    found = []
    for number in sorted({number for number, _ in counts}):
        own = [(kinds.get(label), n) for (one, label), n in counts.items() if one == number]
        occlusive = _agreed([(kind.occlusive if kind else None, n) for kind, n in own])
        acute = _agreed([(kind.acute if kind else None, n) for kind, n in own])
        found.append(Planted(number, occlusive, acute))
    return tuple(found)


def _agreed(told: Sequence[tuple[bool | None, int]]) -> bool | None:
    """What holds for nearly all voxels; None for nothing."""
    everything = sum(count for _, count in told)
    for value in (True, False):
        if sum(count for one, count in told if one is value) >= _WHOLE * everything:
            return value
    return None
