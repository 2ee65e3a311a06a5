"""Labels as a reader draws them: the exact truth of a phantom, or contours with what readers leave out.

Kozemzak 2019 name missing veins and veins that are not traced through the volume as a cause of failure
(Section 6, Figure 6); slices without annotation count as negative there.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import VeinSegment, decode
from deepvein.core.errors import MaskError, SettingsError
from deepvein.core.registry import Registry
from deepvein.core.seeds import generator
from deepvein.phantoms.annotation.contouring import redrawn
from deepvein.phantoms.shapes import draw
from deepvein.volumes.volume import Volume

Labels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_END_MM = 10.0
"""How far inside its end a thrombus is looked at to see how wide it would go on (M)."""


@dataclass(frozen=True)
class Annotation:
    """How a reader draws; with every value 0 the labels stay exact.

    proximal_left_out, distal_left_out: chance that a named vein of one side is not drawn at all, from
    the popliteal vein upwards and below it (superficial veins count as distal). A vein in which a
    thrombus was drawn is never left out as a whole.
    traced_gaps: share of a vein's slices in which it is not drawn, in runs of about `gap_mm`.
    slices_skipped: share of slices without any annotation, in runs of about `skip_mm`.
    healthy_left_out: chance that nothing is drawn in a study without thrombi.
    small_missed: chance to miss a thrombus, which falls from this value at length 0 to none at `small_mm`
    (along the body). The longest thrombus is always seen: a reader errs on extent before the diagnosis.
    end_shift_mm: SD by which either end of a thrombus is set too high or too low along the body.
    wobble_mm: SD of the drawn boundary about the true one, correlated over about `wobble_length_mm` along
    the contour and independent between slices. margin_mm: how far outside the boundary is drawn.
    """

    proximal_left_out: float = 0.0
    distal_left_out: float = 0.0
    traced_gaps: float = 0.0
    gap_mm: float = 40.0
    slices_skipped: float = 0.0
    skip_mm: float = 12.0
    healthy_left_out: float = 0.0
    small_missed: float = 0.0
    small_mm: float = 40.0
    end_shift_mm: float = 0.0
    wobble_mm: float = 0.0
    wobble_length_mm: float = 4.0
    margin_mm: float = 0.0

    def __post_init__(self) -> None:
        for name in (
            "proximal_left_out",
            "distal_left_out",
            "traced_gaps",
            "slices_skipped",
            "healthy_left_out",
            "small_missed",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")
        for field in fields(self):
            if field.name.endswith("_mm") and getattr(self, field.name) < 0:
                raise SettingsError(f"{field.name} is 0 or larger, got {getattr(self, field.name)}")
        for name in ("gap_mm", "skip_mm", "small_mm", "wobble_length_mm"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} is larger than 0, got {getattr(self, name)}")


EXACT = Annotation()

RADIOLOGIST = Annotation(
    proximal_left_out=0.06,
    distal_left_out=0.30,
    traced_gaps=0.08,
    slices_skipped=0.10,
    small_missed=0.7,
    end_shift_mm=8.0,
    wobble_mm=0.5,
    margin_mm=0.1,
)
"""A careful reader (M): contours agree with the truth as readers agree with one another (Dice 0.8 to 0.9
of what both drew), some calf veins and slices are missing."""

ANNOTATIONS: Registry[Annotation] = Registry("annotation")
ANNOTATIONS.add("exact", EXACT)
ANNOTATIONS.add("radiologist", RADIOLOGIST)
ANNOTATIONS.add(
    "kozemzak2019",
    Annotation(
        proximal_left_out=0.25,
        distal_left_out=0.75,
        traced_gaps=0.25,
        gap_mm=60.0,
        slices_skipped=0.25,
        skip_mm=40.0,
        healthy_left_out=0.1,
        small_missed=0.7,
        end_shift_mm=15.0,
        wobble_mm=0.9,
        margin_mm=0.3,
    ),
)
"""By name: "exact"; "radiologist"; "kozemzak2019", one reader who contours deep veins for hours and leaves
out veins, stretches of slices and whole studies (their Figures 2 and 6: 0 to 1,031 of 29 to 1,519 slices a
study are annotated; the amounts are M)."""


def annotate(
    segments: Volume, thrombi: Volume, settings: Annotation, seed: int
) -> tuple[Volume, Volume]:
    """The vein segments and thrombi as a reader draws them on the slices of the grid's first axis.

    segments: encoded vein segments; thrombi: instance numbers, both uint8 on one grid (axial for CT,
    coronal for MR). Voxels of a drawn thrombus bear a vein's label. A study with thrombi keeps at least one.
    The inputs are not changed; the same seed draws the same labels. MaskError for two grids.
    """
    if not segments.grid.matches(thrombi.grid):
        raise MaskError(
            f"segments ({segments.grid.shape}) and thrombi ({thrombi.grid.shape}) lie on two grids"
        )
    if settings == EXACT:
        return segments, thrombi
    seen = _seen_thrombi(segments, thrombi, settings, seed)
    left_out = draw.chance(generator(seed, "annotation", "study"), settings.healthy_left_out)
    if left_out and not seen.any():
        return Volume(np.zeros_like(segments.array), segments.grid), Volume(seen, thrombi.grid)
    veins = _seen_veins(segments.array, seen, segments.grid.spacing_mm[0], settings, seed)
    count, step = segments.grid.shape[0], segments.grid.spacing_mm[0]
    rng = generator(seed, "annotation", "slices")
    skipped = _runs(rng, count, settings.slices_skipped, settings.skip_mm / step)
    drawn = np.zeros_like(veins)
    clots = np.zeros_like(seen)
    largest = int(np.count_nonzero(seen, axis=(1, 2)).argmax())
    for index in range(count):
        # The slice that shows most of the disease is never skipped: the diagnosis stays.
        if skipped[index] and not (index == largest and seen[index].any()):
            continue
        clots[index] = _drawn(seen[index], segments, settings, seed, "thrombus", index)
        drawn[index] = _drawn(veins[index], segments, settings, seed, "vein", index)
        _name(drawn[index], clots[index], segments.array[index], seen[index])
    return Volume(drawn, segments.grid), Volume(clots, thrombi.grid)


def _drawn(
    plane: Labels, like: Volume, settings: Annotation, seed: int, what: str, index: int
) -> Labels:
    if not plane.any():
        return plane
    rng = generator(seed, "annotation", what, index)
    _, down, across = like.grid.spacing_mm
    return redrawn(
        plane,
        (down, across),
        rng,
        wobble_mm=settings.wobble_mm,
        length_mm=settings.wobble_length_mm,
        margin_mm=settings.margin_mm,
    )


def _name(drawn: Labels, clots: Labels, exact: Labels, seen: Labels) -> None:
    """Give the voxels of drawn thrombi their vein's label where no vein was drawn."""
    bare = (clots > 0) & (drawn == 0)
    if not bare.any():
        return
    drawn[bare] = exact[bare]
    for number in np.unique(clots[bare & (drawn == 0)]).tolist():
        labels = exact[(seen == number) & (exact > 0)]
        if len(labels):
            usual = np.bincount(labels).argmax()
            drawn[bare & (drawn == 0) & (clots == number)] = usual


def _seen_veins(
    segments: Labels, seen: Labels, step_mm: float, settings: Annotation, seed: int
) -> Labels:
    """The segments without the veins and stretches that the reader leaves out."""
    out = segments.copy()
    diseased = set(np.unique(segments[seen > 0]).tolist())
    for label in np.unique(segments).tolist():
        if label == 0:
            continue
        rng = generator(seed, "annotation", "vein", label)
        named = decode(label)
        proximal = named is not None and named[0] <= VeinSegment.POPLITEAL
        share = settings.proximal_left_out if proximal else settings.distal_left_out
        left_out = draw.chance(rng, share)
        gaps = _runs(rng, len(segments), settings.traced_gaps, settings.gap_mm / step_mm)
        if left_out and label not in diseased:
            out[out == label] = 0
            continue
        for index in np.flatnonzero(gaps).tolist():
            plane = out[index]
            plane[plane == label] = 0
    return out


def _runs(rng: np.random.Generator, count: int, share: float, length: float) -> Mask:
    """Which of `count` slices fall out: about `share` of them, in runs of about `length` slices."""
    out = np.zeros(count, dtype=np.bool_)
    if share <= 0:
        return out
    if share >= 1:
        return ~out
    length = max(1.0, length)
    # A chain of two states whose shares and mean run length are those wanted.
    end, begin = 1 / length, min(1.0, share / (1 - share) / length)
    inside = False
    for index, point in enumerate(rng.random(count).tolist()):
        inside = point < share if index == 0 else (point >= end if inside else point < begin)
        out[index] = inside
    return out


def _seen_thrombi(segments: Volume, thrombi: Volume, settings: Annotation, seed: int) -> Labels:
    """The thrombi that the reader sees, ends shifted."""
    out = thrombi.array.copy()
    axis, step = thrombi.grid.body_axis, thrombi.grid.spacing_mm[thrombi.grid.body_axis]
    upright = np.moveaxis(out, axis, 0)
    veins = np.moveaxis(segments.array, axis, 0) > 0
    spans: dict[int, tuple[int, int]] = {}
    for number in np.unique(out).tolist():
        if number:
            levels = np.flatnonzero((upright == number).any(axis=(1, 2)))
            spans[number] = (int(levels[0]), int(levels[-1]))
    longest = max(spans, key=lambda number: spans[number][1] - spans[number][0], default=0)
    for number, (low, high) in spans.items():
        rng = generator(seed, "annotation", "clot", number)
        length = (high - low + 1) * step
        missed = settings.small_missed * max(0.0, 1 - length / settings.small_mm)
        if draw.chance(rng, missed) and number != longest:
            upright[upright == number] = 0
            continue
        for end, inwards in ((low, 1), (high, -1)):
            shift = round(draw.normal(rng, 0, settings.end_shift_mm) / step)
            # At least a third of it stays.
            shift = min(shift, (high - low + 1) // 3)
            if shift > 0:
                cut = slice(end, end + shift) if inwards > 0 else slice(end - shift + 1, end + 1)
                part = upright[cut]
                part[part == number] = 0
            elif shift < 0:
                _extend(upright, veins, number, end, -inwards, -shift, round(_END_MM / step))
    return out


def _extend(
    upright: Labels, veins: Mask, number: int, end: int, way: int, levels: int, inside: int
) -> None:
    """Carry the widest section near an end on along the vein, within its lumen."""
    near = [end - way * k for k in range(inside + 1)]
    sections = [upright[k] == number for k in near if 0 <= k < len(upright)]
    footprint = max(sections, key=np.count_nonzero)
    for k in range(1, levels + 1):
        level = end + way * k
        if not 0 <= level < len(upright):
            return
        footprint = footprint & veins[level] & (upright[level] == 0)
        if not footprint.any():
            return
        upright[level][footprint] = number
