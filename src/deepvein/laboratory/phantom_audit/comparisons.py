"""Each published figure beside the phantoms' own, and which of them the phantoms miss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from deepvein.evaluation.statistics import summary
from deepvein.laboratory.phantom_audit import published
from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.charts import published_shades
from deepvein.laboratory.phantom_audit.published import DIAMETER_MM, THROMBUS_MM, Range
from deepvein.laboratory.phantom_audit.tissues import Shade, Structure
from deepvein.studies.study import Modality

TOLERANCE = 0.1
"""A source that gives no spread is missed by more than this share of its figure."""


@dataclass(frozen=True)
class Comparison:
    """value: the phantoms' median, mean or share in the unit that the name tells; NaN if none was seen."""

    name: str
    value: float
    known: Range

    @property
    def missed(self) -> bool:
        """True if the value lies outside the published range, or was not seen at all."""
        low, high = self.known.low, self.known.high
        if low == high:
            reach = TOLERANCE * abs(self.known.middle)
            low, high = low - reach, high + reach
        return not low <= self.value <= high


def comparisons(made: Audit) -> tuple[Comparison, ...]:
    """All figures of an audit that a publication gives too, in the order of the page's tables."""
    return (*_shades(made), *contrasts(made), *_diameters(made), *_extents(made))


def _shades(made: Audit) -> Iterator[Comparison]:
    known = published_shades(made.settings.modality)
    for shade in made.tissues.shades:
        range_ = published.VEIN_HU.get(shade.kvp) if shade.kvp else known.get(shade.structure)
        if range_ is not None:
            tube = f", {shade.kvp} kVp" if shade.kvp else ""
            name = f"{shade.structure.value}{tube}, {made.tissues.unit}"
            yield Comparison(name, shade.pixels.median, range_)


def contrasts(made: Audit) -> Iterator[Comparison]:
    """Noise in CT, ratios of median signals in MR."""
    tissues = made.tissues
    if made.settings.modality is Modality.CT:
        muscle = tissues.of(Structure.MUSCLE)
        noise = muscle.noise if muscle else float("nan")
        yield Comparison("noise, SD in muscle in one section, HU", noise, published.NOISE_HU)
        return
    vein, muscle_signal = _middle(tissues.of(Structure.VEIN)), _middle(tissues.of(Structure.MUSCLE))
    acute = _middle(tissues.of(Structure.THROMBUS_ACUTE))
    chronic = _middle(tissues.of(Structure.THROMBUS_CHRONIC))
    yield Comparison("vein / muscle", vein / muscle_signal, published.VEIN_TO_MUSCLE)
    yield Comparison("acute thrombus / muscle", acute / muscle_signal, published.ACUTE_TO_MUSCLE)
    yield Comparison(
        "chronic thrombus / muscle", chronic / muscle_signal, published.CHRONIC_TO_MUSCLE
    )
    yield Comparison("vein / acute thrombus", vein / acute, published.VEIN_TO_CLOT)


def _middle(shade: Shade | None) -> float:
    return shade.pixels.median if shade is not None else float("nan")


def _diameters(made: Audit) -> Iterator[Comparison]:
    for what, found, known in (
        ("diameter", made.calibres.healthy, DIAMETER_MM),
        ("diameter of acute thrombi", made.calibres.thrombosed, THROMBUS_MM),
    ):
        for one in found:
            range_ = known.get(one.segment)
            if range_ is not None and isfinite(one.median):
                yield Comparison(f"{one.segment.term.name}: {what}, mm", one.median, range_)


def _extents(made: Audit) -> Iterator[Comparison]:
    e = made.extents
    proximal = [one for one in e.thrombi if one.proximal]
    lengths = summary([one.length_cm for one in proximal])
    segments = summary([float(one.segments) for one in proximal])
    volumes = summary([one.volume_ml for one in e.thrombi])
    yield Comparison("left, share of unilateral", e.left_share, published.LEFT_SHARE)
    yield Comparison("both sides, share", e.bilateral_share, published.BILATERAL_SHARE)
    yield Comparison("calf alone, share", e.calf_share, published.CALF_SHARE)
    yield Comparison("iliofemoral, share", e.iliofemoral_share, published.ILIOFEMORAL_SHARE)
    yield Comparison("volume, ml, mean", volumes.mean, published.VOLUME_ML)
    yield Comparison("length of proximal thrombi, cm, median", lengths.median, published.LENGTH_CM)
    yield Comparison("levels with thrombus of five, median", segments.median, published.SEGMENTS)
