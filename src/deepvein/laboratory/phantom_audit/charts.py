"""The charts of an audit: phantoms in blue, published values in vermilion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepvein.anatomy.veins import VeinSegment
from deepvein.drawing.journal import INK, QUIET, figure, style
from deepvein.evaluation.statistics import Estimate
from deepvein.laboratory.phantom_audit import blind, dark_reader, published
from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.calibres import Calibre
from deepvein.laboratory.phantom_audit.figures import PHANTOM, PUBLISHED, SECOND, save
from deepvein.laboratory.phantom_audit.published import Range
from deepvein.laboratory.phantom_audit.tissues import Structure
from deepvein.phantoms.centres import NAMES
from deepvein.studies.study import Modality

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PUBLISHED_CT = {
    Structure.VEIN: published.VEIN_HU[120],
    Structure.THROMBUS_ACUTE: published.THROMBUS_HU,
    Structure.ARTEFACT: published.ARTEFACT_HU,
    Structure.MUSCLE: published.MUSCLE_HU,
    Structure.FAT: published.FAT_HU,
}
_PUBLISHED_MR = {
    Structure.VEIN: published.VEIN_TO_MUSCLE,
    Structure.THROMBUS_ACUTE: published.ACUTE_TO_MUSCLE,
    Structure.THROMBUS_CHRONIC: published.CHRONIC_TO_MUSCLE,
}


def published_shades(modality: Modality) -> dict[Structure, Range]:
    """Published attenuation (HU) or signal (over muscle's) by structure."""
    return _PUBLISHED_CT if modality is Modality.CT else _PUBLISHED_MR


def tissue_chart(made: Audit, folder: Path) -> Path:
    """Histograms by structure, one row each, with the published middle and range below."""
    shades = [s for s in made.tissues.shades if s.kvp == 0 and s.structure is not Structure.BONE]
    known = published_shades(made.settings.modality)
    edges = made.tissues.bins.edges
    with style():
        fig = figure(120, 12 + 14 * len(shades))
        rows = fig.subplots(len(shades), 1, sharex=True, squeeze=False)[:, 0]
        for axes, shade in zip(rows, shades, strict=True):
            share = np.array(shade.counts) / max(1, sum(shade.counts))
            axes.stairs(share, edges, fill=True, color=PHANTOM, alpha=0.35)
            axes.stairs(share, edges, color=PHANTOM, linewidth=0.8)
            top = float(share.max()) or 1.0
            axes.plot(shade.pixels.median, 0.5 * top, "o", color=PHANTOM, markersize=4)
            if shade.structure in known:
                _range(axes, known[shade.structure], -0.16 * top)
            axes.set_ylim(-0.32 * top, 1.1 * top)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.set_ylabel(shade.structure.value, rotation=0, ha="right", va="center")
        rows[-1].set_xlabel(
            "attenuation, HU" if made.settings.modality is Modality.CT else "signal / muscle"
        )
        _legend(rows[0])
        return save(fig, folder, f"{made.settings.name}-tissues")


def calibre_chart(made: Audit, folder: Path) -> Path:
    """Diameters by segment, median and 5th to 95th percentile, above the published ones."""
    with style():
        fig = figure(170, 95)
        left, right = fig.subplots(1, 2, sharex=True)
        _calibres(left, made.calibres.healthy, published.DIAMETER_MM)
        left.set_title("Healthy veins")
        _calibres(right, made.calibres.thrombosed, published.THROMBUS_MM)
        right.set_title("Acute thrombi, front to back")
        for axes in (left, right):
            axes.set_xlim(0, 26)
            axes.set_xlabel("diameter, mm")
        _legend(left, "lower right")
        return save(fig, folder, f"{made.settings.name}-diameters")


def _calibres(axes: Axes, found: Sequence[Calibre], known: Mapping[VeinSegment, Range]) -> None:
    for row, one in enumerate(found):
        axes.plot((one.p5, one.p95), (row - 0.14,) * 2, color=PHANTOM, linewidth=1.6)
        axes.plot(one.median, row - 0.14, "o", color=PHANTOM, markersize=4)
        if one.segment in known:
            _range(axes, known[one.segment], row + 0.2)
    axes.set_yticks(range(len(found)), [one.segment.term.abbreviation for one in found])
    axes.invert_yaxis()
    axes.grid(axis="x", color="#e5e7eb", linewidth=0.6)


def extent_chart(made: Audit, folder: Path) -> Path:
    """Length, volume, segments, and shares by place."""
    e = made.extents
    with style():
        fig = figure(170, 90)
        (a, b), (c, d) = fig.subplots(2, 2)
        whole = [one for one in e.thrombi if one.proximal]
        _histogram(a, [t.length_cm for t in whole], np.arange(0, 75, 5), published.LENGTH_CM)
        a.set_xlabel("length of proximal thrombi, cm")
        _histogram(
            b, [t.volume_ml for t in e.thrombi], np.arange(0, 62, 4), published.VOLUME_ML, True
        )
        b.set_xlabel("volume, ml (mean)")
        _histogram(c, [t.segments for t in whole], np.arange(0.5, 6), published.SEGMENTS)
        c.set_xlabel("levels with thrombus, of five (proximal)")
        c.set_xticks(range(1, 6))
        shares = (
            ("left", e.left_share, published.LEFT_SHARE),
            ("both sides", e.bilateral_share, published.BILATERAL_SHARE),
            ("calf alone", e.calf_share, published.CALF_SHARE),
            ("iliofemoral", e.iliofemoral_share, published.ILIOFEMORAL_SHARE),
        )
        for row, (_, value, known) in enumerate(shares):
            d.plot(100 * value, row - 0.12, "o", color=PHANTOM, markersize=4)
            _range(d, Range(100 * known.middle, 100 * known.low, 100 * known.high, ""), row + 0.16)
        d.set_yticks(range(len(shares)), [name for name, _, _ in shares])
        d.set_xlim(0, 100)
        d.set_xlabel("people with DVT, %")
        d.invert_yaxis()
        _legend(d, "lower right")
        return save(fig, folder, f"{made.settings.name}-extents")


def _histogram(
    axes: Axes, values: Sequence[float], edges: object, known: Range, mean: bool = False
) -> None:
    edge = np.asarray(edges, dtype=np.float64)
    counts, _ = np.histogram(np.clip(values, edge[0], edge[-1]), edge)
    axes.stairs(counts, edge, fill=True, color=PHANTOM, alpha=0.35)
    axes.stairs(counts, edge, color=PHANTOM, linewidth=0.8)
    top = max(1.0, float(counts.max()))
    if len(values):
        middle = float(np.mean(values) if mean else np.median(values))
        axes.plot(middle, 0.5 * top, "o", color=PHANTOM, markersize=4)
    _range(axes, known, -0.08 * top)
    axes.set_ylim(-0.18 * top, 1.1 * top)
    axes.set_ylabel("thrombi")


def dark_chart(made: Audit, folder: Path) -> Path:
    """The lowest smoothed value in the vein: thrombi against mixing artefacts."""
    d = made.dark_reader
    values = np.array(d.thrombus_values + d.artefact_values)
    with style():
        fig = figure(85, 60)
        axes = fig.subplots()
        if len(values):
            low, high = np.percentile(values, (0.5, 99.5)).tolist()
            edges = np.linspace(low, max(high, low + 1e-3), 31)
            for own, colour, name in (
                (d.thrombus_values, PHANTOM, "thrombus"),
                (d.artefact_values, PUBLISHED, "mixing artefact"),
            ):
                counts, _ = np.histogram(own, edges)
                share = counts / max(1, len(own))
                axes.stairs(share, edges, fill=True, color=colour, alpha=0.3)
                axes.stairs(share, edges, color=colour, linewidth=1, label=name)
        ct = made.settings.modality is Modality.CT
        unit = "attenuation, HU" if ct else "signal / muscle"
        axes.set_xlabel(f"lowest smoothed {unit} in the vein")
        axes.set_ylabel("share of sections")
        axes.set_title(f"AUROC {d.auroc:.2f}")
        axes.legend()
        return save(fig, folder, f"{made.settings.name}-darkest")


def position_chart(made: Audit, folder: Path) -> Path:
    """How often sections show thrombus along the body, in studies half of which have DVT."""
    p = made.position_reader
    with style():
        fig = figure(85, 60)
        axes = fig.subplots()
        axes.plot(p.frequency_t, 100 * np.array(p.frequency), color=PHANTOM)
        axes.set_xticks((0, 1, 2, 3), ("ankle", "knee", "femoral head", "iliac crest"))
        axes.set_ylim(0)
        axes.set_ylabel("sections with thrombus, %")
        axes.set_title(f"Position alone: AUROC {p.by_landmark.value:.2f}")
        return save(fig, folder, f"{made.settings.name}-positions")


def centre_chart(made: Audit, folder: Path) -> Path:
    """AUROC by the centre of training (rows) and of the test (columns)."""
    table = {(t.trained, t.tested): t.auroc for t in made.centres.transfers}
    values = np.array([[table[row, column].value for column in NAMES] for row in NAMES])
    with style():
        fig = figure(80, 68)
        axes = fig.subplots()
        axes.imshow(values, cmap="cividis", vmin=0.5, vmax=1.0)
        for i, row in enumerate(NAMES):
            for j, column in enumerate(NAMES):
                one = table[row, column]
                text = f"{one:.2f}".replace(" ", "\n")
                colour = "white" if one.value < 0.78 else "black"
                axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=7)
        axes.set_xticks(range(len(NAMES)), NAMES)
        axes.set_yticks(range(len(NAMES)), NAMES)
        axes.set_xlabel("tested at centre")
        axes.set_ylabel("trained at centre")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return save(fig, folder, f"{made.settings.name}-centres")


def reader_chart(made: Sequence[Audit], folder: Path) -> Path:
    """All readers' AUROC with 95 % intervals, one row for each audit; dashed: the limit."""
    panels: tuple[tuple[str, float | None, list[tuple[Estimate, str]]], ...] = (
        ("(a) darkest vein", dark_reader.LIMIT, [(m.dark_reader.auroc, PHANTOM) for m in made]),
        ("(b) position", None, [(m.position_reader.by_landmark, PHANTOM) for m in made]),
        ("(c) no veins", blind.LIMIT, [(m.blind.auroc, PHANTOM) for m in made]),
        ("(d) 1 section", None, [(m.neighbours.one, PHANTOM) for m in made]),
        ("(d) 11 sections", None, [(m.neighbours.eleven, SECOND) for m in made]),
    )
    with style():
        fig = figure(170, 24 + 8 * len(made))
        for axes, (title, limit, rows) in zip(
            fig.subplots(1, len(panels), sharey=True), panels, strict=True
        ):
            for row, (one, colour) in enumerate(rows):
                axes.plot((one.low, one.high), (row, row), color=colour, linewidth=1.6)
                axes.plot(one.value, row, "o", color=colour, markersize=4)
            axes.axvline(0.5, color=QUIET, linewidth=0.6)
            if limit is not None:
                axes.axvline(limit, color=PUBLISHED, linewidth=0.9, linestyle="--")
            axes.set_title(title, fontsize=8)
            axes.set_xlim(0.3, 1.02)
            axes.set_xlabel("AUROC")
            axes.set_ylim(len(made) - 0.5, -0.5)
            axes.set_yticks(
                range(len(made)),
                [f"{m.settings.modality.value} {m.settings.difficulty}" for m in made],
            )
        return save(fig, folder, "readers")


def _range(axes: Axes, known: Range, height: float) -> None:
    axes.plot((known.low, known.high), (height, height), color=PUBLISHED, linewidth=1.6)
    axes.plot(known.middle, height, "D", color=PUBLISHED, markersize=3.5)


def _legend(axes: Axes, place: str = "upper right") -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=PHANTOM, marker="o", markersize=4, label="phantoms"),
        Line2D([], [], color=PUBLISHED, marker="D", markersize=3.5, label="published"),
    ]
    axes.legend(handles=handles, loc=place, labelcolor=INK)
