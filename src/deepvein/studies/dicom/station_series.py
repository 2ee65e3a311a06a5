"""MR series that belong together: stations of one examination, pass by pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepvein.studies.dicom.series import Series

_STATION_WORDS = re.compile(
    r"\b((station|stat|stn|st|level|upper|middle|mid|lower|pelvis|abd\w*|thighs?|legs?|calf|calves|knees?|"
    r"feet|foot|becken|oberschenkel|unterschenkel|hips?)\d*|[ivx]+|\d+)\b"
)


@dataclass(frozen=True)
class SetSettings:
    """spacing_share: stations may differ by so much in voxel size; repeat_share: two series that share
    more of the shorter one's extent are repeats of one place, not neighbours; most: stations in a set."""

    spacing_share: float = 0.03
    repeat_share: float = 0.6
    most: int = 8


def station_sets(
    series: Sequence[Series], settings: SetSettings | None = None
) -> tuple[tuple[tuple[Series, ...], int], ...]:
    """(stations from head to feet, number of earlier passes) for every set that `series` hold.

    Series join if plane, spacing, image type, contrast agent and description (without numbers and names
    of levels) agree; those that show the same place again make the next pass. A series with an
    irregular grid stays alone.
    """
    limits = settings or SetSettings()
    ordered = sorted(series, key=_time)
    families: list[list[Series]] = []
    alone = [one for one in ordered if one.problem]
    for one in ordered:
        if one.problem:
            continue
        for family in families:
            if _same_family(family[0], one, limits):
                family.append(one)
                break
        else:
            families.append([one])
    out: list[tuple[tuple[Series, ...], int]] = [((one,), 0) for one in alone]
    for family in families:
        for index, members in enumerate(_passes(family, limits)):
            heads = sorted(members, key=lambda one: -_span(one)[1])
            out.append((tuple(heads), index))
    return tuple(out)


def _passes(family: Sequence[Series], limits: SetSettings) -> list[list[Series]]:
    passes: list[list[Series]] = []
    for one in family:
        for members in passes:
            fresh = all(_shared(one, other) <= limits.repeat_share for other in members)
            if fresh and len(members) < limits.most:
                members.append(one)
                break
        else:
            passes.append([one])
    return passes


def _same_family(one: Series, other: Series, limits: SetSettings) -> bool:
    a, b = one.stack.grid, other.stack.grid
    if a.plane is not b.plane or np.abs(a.directions - b.directions).max() > 0.02:
        return False
    if not np.allclose(a.spacing_mm, b.spacing_mm, rtol=limits.spacing_share):
        return False
    return _signature(one) == _signature(other)


def _signature(series: Series) -> tuple[object, ...]:
    description = re.sub(r"[\W_]+", " ", series.text("SeriesDescription").lower())
    stem = tuple(_STATION_WORDS.sub(" ", description).split())
    return (
        stem,
        series.part,
        bool(series.text("ContrastBolusAgent")),
        frozenset(series.frames[0].image_type[2:4]),
    )


def _span(series: Series) -> tuple[float, float]:
    heights = series.stack.grid.corners_mm[:, 2]
    return float(heights.min()), float(heights.max())


def _shared(one: Series, other: Series) -> float:
    """Shared extent along the body as a share of the shorter one."""
    (a, b), (c, d) = _span(one), _span(other)
    return max(0.0, min(b, d) - max(a, c)) / max(1e-6, min(b - a, d - c))


def _time(series: Series) -> tuple[str, int, str]:
    number = series.text("SeriesNumber")
    when = series.text("AcquisitionDateTime")[:14] or (
        series.text("SeriesDate") + (series.text("AcquisitionTime") or series.text("SeriesTime"))
    )
    return when, int(number) if number.isdigit() else 0, series.uid
