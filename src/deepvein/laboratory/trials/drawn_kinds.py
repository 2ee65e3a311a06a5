"""What the names of a mask's labels say of its thrombi: acute or chronic, occlusive or partial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.thrombus_kinds import ThrombusKind, kind_named
from deepvein.laboratory.trials.planted import Planted

_WHOLE = 0.9
"""Share of a thrombus from which on it is of one kind; the rest is where labels of two kinds meet."""

Kinds = Mapping[int, ThrombusKind | None]


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
