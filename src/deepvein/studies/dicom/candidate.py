"""One series, or stations that belong together, as it stands in the choice of what is screened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

from deepvein.core.errors import GeometryError
from deepvein.studies.dicom.description import Trait, traits
from deepvein.studies.dicom.frame import Frame
from deepvein.studies.dicom.passes import by_number, first_taken, number
from deepvein.studies.dicom.series import Series
from deepvein.studies.study import Modality
from deepvein.volumes.stations import require_stacked

_FEW, _SMALL_SHARE = 5, 0.1
"""Slices in another plane that a series may hold beside its stack, as scouts: the larger of both."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One series, or MR stations or CT blocks, that might be screened together; `more`: traits beside those of
    its header, which only show beside the other candidates."""

    series: tuple[Series, ...]
    more: tuple[Trait, ...] = ()

    @property
    def modality(self) -> Modality:
        return Modality(self.series[0].header.modality)

    @property
    def is_ct(self) -> bool:
        return self.modality is Modality.CT

    @cached_property
    def coverage_mm(self) -> float:
        """Length of the body that it shows (LPS z), 0 where positions are not known."""
        low, high = self.span_mm
        return high - low

    @cached_property
    def span_mm(self) -> tuple[float, float]:
        """Lowest and highest LPS z that it shows, (0, 0) where positions are not known."""
        spans = [span for series in self.series if (span := span_mm(series))]
        if not spans:
            return 0.0, 0.0
        return min(low for low, _ in spans), max(high for _, high in spans)

    @cached_property
    def width_mm(self) -> int:
        """How much it shows from side to side (LPS x), 0 where positions are not known."""
        if self.problem:
            return 0
        across = [corner for series in self.series for corner in series.stack.grid.corners_mm[:, 0]]
        return round(float(max(across) - min(across)))

    @cached_property
    def traits(self) -> tuple[Trait, ...]:
        own = [traits(series) for series in self.series[: None if self.is_ct else 1]]
        return (*max(own, key=lambda some: prod(trait.factor for trait in some)), *self.more)

    @cached_property
    def score(self) -> float:
        """Coverage weighed by all traits, at least that of one millimetre; rounded, so that equal series
        are equal."""
        weighed = max(1.0, self.coverage_mm) * prod(trait.factor for trait in self.traits)
        return float(f"{weighed:.6g}")

    @cached_property
    def order(self) -> tuple[object, ...]:
        """The best candidates sort first; of equal ones the latest, and never by a UID."""
        first = self.series[0]
        when = first_taken(self.series)
        return (
            -self.score,
            -when.timestamp() if when else 0.0,
            -self.width_mm,
            -number(first),
            first.text("SeriesDescription"),
            by_number(first.part),
            str(first.path),
        )

    @cached_property
    def problem(self) -> str:
        """Why it does not make one regular grid, empty if it does."""
        for series in self.series:
            if series.problem:
                return series.problem
            own, total = len(series.frames), len(series.frames) + series.others
            if series.others > max(_FEW, _SMALL_SHARE * total):
                return (
                    f"only {own} of its {total} slices share one orientation and size; export each "
                    "stack as its own series"
                )
        try:
            require_stacked([series.stack.grid for series in self.series], beside=self.is_ct)
        except GeometryError as error:
            return str(error)
        return ""

    @property
    def reason(self) -> str:
        parts = [f"covers {self.coverage_mm:.0f} mm of the body"]
        parts += [trait.text for trait in self.traits]
        if len(self.series) > 1:
            what = "parts of one scan" if self.is_ct else "stations"
            parts.insert(0, f"one of {len(self.series)} {what}")
        return ", ".join(parts)


def span_mm(series: Series) -> tuple[float, float] | None:
    """Lowest and highest LPS z that the voxels of a series reach, or None where not known."""
    if series.problem:
        heights = [height for frame in series.frames for height in _heights(frame)]
        return (min(heights), max(heights)) if heights else None
    corners = series.stack.grid.corners_mm[:, 2]
    return float(corners.min()), float(corners.max())


def _heights(frame: Frame) -> tuple[float, ...]:
    """LPS z of the corners of a slice, of its first pixel where the header says no more; none without that."""
    if not frame.position:
        return ()
    z = frame.position[2]
    if frame.fault or not (frame.orientation and frame.spacing):
        return (z,)
    down = frame.orientation[5] * frame.spacing[0] * (frame.layout.rows - 1)
    across = frame.orientation[2] * frame.spacing[1] * (frame.layout.columns - 1)
    return z, z + down, z + across, z + down + across


def taken_at(one: Candidate) -> str:
    """The time of its first slice in brackets, empty where it is not known."""
    when = first_taken(one.series)
    return f" ({when:%H:%M:%S})" if when else ""


def short_name(series: Series) -> str:
    """Number and description of a series."""
    told, description = series.text("SeriesNumber"), series.text("SeriesDescription")
    return f"series {told}".strip() + (f" ({description})" if description else "")


def called(series: Series) -> str:
    """The same with the folder or archive that holds it."""
    return f"{short_name(series)} in {series.path.parent.name}"
