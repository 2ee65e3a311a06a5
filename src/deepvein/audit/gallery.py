"""Pictures of phantoms: axial sections, coronal planes and straightened veins, and real legs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.audit.figures import figure, picture, save, style
from deepvein.audit.sections import Section, nearest, sections_of
from deepvein.audit.settings import AuditSettings
from deepvein.audit.studies import Order, orders
from deepvein.core.progress import Progress
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.tube import Pixels32
from deepvein.phantoms.vessels import Vessel
from deepvein.studies.study import Modality

LEVELS = (("calf", 0.65), ("knee", 1.03), ("thigh", 1.55), ("groin", 2.02), ("pelvis", 2.6))
_CANDIDATES = 60
_PIXEL_MM = 1.25
_STEP_MM = 4.0
_THROMBUS = "#ffd23f"
_VEIN = "#58c4dd"


@dataclass(frozen=True, eq=False)
class Example:
    """One study that shows something, and the side on which it does."""

    title: str
    order: Order
    scenario: Scenario
    side: Side


def examples(settings: AuditSettings) -> list[Example]:
    """A long acute and a chronic or partial thrombosis of the deep axis, and an artefact without DVT."""
    found: dict[str, Example] = {}
    for order in _many(settings):
        if len(found) == 3:
            break
        scenario = order.scenario()
        low, high = scenario.scan.covered_mm
        t = scenario.frame.t([low, high])
        if t[0] > 1.2 or t[1] < 2.3:
            continue
        for thrombus in scenario.thrombi:
            seen = [
                clot.high_mm - clot.low_mm
                for clot in thrombus.clots
                if scenario.vessels.by_name[clot.vessel] in scenario.vessels.axis(thrombus.side)
                and clot.low_mm > low
                and clot.high_mm < high
            ]
            whole = thrombus.acute and thrombus.occlusive
            title = "acute occlusive thrombus" if whole else "chronic or partial thrombus"
            if sum(seen) > 80 and title not in found:
                found[title] = Example(title, order, scenario, thrombus.side)
        for artefact in scenario.contrast.artefacts:
            vessel = scenario.painter.vessels.by_name.get(artefact.vessel)
            on_axis = vessel is not None and vessel.side in (Side.LEFT, Side.RIGHT)
            title = "mixing artefact, no thrombus"
            if on_axis and vessel and not scenario.thrombi and artefact.depth > 0.5:
                found.setdefault(title, Example(title, order, scenario, vessel.side))
    return sorted(found.values(), key=lambda example: example.title)


def _many(settings: AuditSettings) -> Sequence[Order]:
    """More studies than a small audit has, so that each kind of example is found."""
    most = max(settings.n, _CANDIDATES)
    return orders(AuditSettings(settings.modality, settings.difficulty, most, settings.seed))


def axial_gallery(
    settings: AuditSettings, shown: Sequence[Example], folder: Path, progress: Progress
) -> Path:
    """Five levels (columns) of each example (rows); thrombi are outlined."""
    with style():
        fig = figure(180, 4 + 27 * max(1, len(shown)))
        grid = fig.subplots(max(1, len(shown)), len(LEVELS), squeeze=False)
        for row, example in enumerate(shown):
            sections = sections_of(example.scenario)
            for axes, (name, t) in zip(grid[row], LEVELS, strict=True):
                z = float(example.scenario.frame.z(t))
                section = sections.section(nearest(sections.heights_mm, z))
                size = (192, 288)
                image = section.crop(section.picture, 0.0, 20.0, size, _PIXEL_MM)
                picture(axes, image, *shown_values(section))
                if row == 0:
                    axes.set_title(name)
                if abs(section.z_mm - z) > 20:
                    axes.cla()
                    axes.set_axis_off()
                elif section.thrombi.any():
                    part = (section.thrombi > 0).astype(np.float32)
                    outline = section.crop(part, 0.0, 20.0, size, _PIXEL_MM)
                    axes.contour(outline, [0.5], colors=[_THROMBUS], linewidths=0.6)
            grid[row, 0].set_ylabel(_broken(example.title))
            progress("gallery", row + 1, 2 * len(shown))
        return save(fig, folder, f"{settings.name}-axial", vector=False)


def straightened_gallery(
    settings: AuditSettings, shown: Sequence[Example], folder: Path, progress: Progress
) -> Path:
    """Of each example the coronal plane through the femoral vein and the deep axis straightened."""
    with style():
        fig = figure(180, 95)
        grid = fig.subplots(
            1, 3 * max(1, len(shown)), squeeze=False, width_ratios=[3.2, 1, 1] * max(1, len(shown))
        )[0]
        for k, example in enumerate(shown):
            coronal, across, depth, thrombus = _reformat(example)
            low, high = _window_of(settings.modality, coronal)
            aspect = _STEP_MM / _PIXEL_MM
            for axes, image in zip(grid[3 * k :], (coronal, across, depth), strict=False):
                picture(axes, image, low, high, aspect)
            if thrombus.any():
                grid[3 * k + 1].contour(thrombus, [0.5], colors=[_THROMBUS], linewidths=0.6)
            grid[3 * k].set_title(_broken(example.title), fontsize=8)
            grid[3 * k].set_xlabel("coronal")
            grid[3 * k + 1].set_xlabel("side to side", fontsize=6.5)
            grid[3 * k + 2].set_xlabel("front to back", fontsize=6.5)
            progress("gallery", len(shown) + k + 1, 2 * len(shown))
        return save(fig, folder, f"{settings.name}-straightened", vector=False)


def _reformat(example: Example) -> tuple[Pixels32, Pixels32, Pixels32, Pixels32]:
    """Head first, one row every 4 mm: coronal plane, the straightened vein along x and along y, and the
    thrombus along x."""
    sections = sections_of(example.scenario)
    axis = example.scenario.vessels.axis(example.side)
    low = max(sections.heights_mm[0], axis[0].tube.low_mm)
    high = min(sections.heights_mm[-1], axis[-1].tube.high_mm)
    middle = float(_centre(axis, 0.5 * (low + high))[1])
    rows = []
    for z in np.arange(high, low, -_STEP_MM).tolist():
        section = sections.section(nearest(sections.heights_mm, z))
        x, y = _centre(axis, section.z_mm)
        part = (section.thrombi > 0).astype(np.float32)
        rows.append(
            (
                section.crop(section.picture, 0.0, middle, (1, 320), _PIXEL_MM)[0],
                section.crop(section.picture, x, y, (1, 64), _PIXEL_MM)[0],
                section.crop(section.picture, x, y, (64, 1), _PIXEL_MM)[:, 0],
                section.crop(part, x, y, (1, 64), _PIXEL_MM)[0],
            )
        )
    a, b, c, d = (np.stack(planes) for planes in zip(*rows, strict=True))
    return a, b, c, d


def _centre(axis: tuple[Vessel, ...], z: float) -> tuple[float, float]:
    vessel = next((v for v in axis if z <= v.tube.high_mm), axis[-1])
    x, y = vessel.tube.centre([z])[0].tolist()
    return x, y


def shown_values(section: Section) -> tuple[float, float]:
    """The values that are black and white."""
    return _window_of(section.modality, section.picture)


def _window_of(modality: Modality, image: Pixels32) -> tuple[float, float]:
    """Window 360, level 60 HU; in MR from 0 to nearly the brightest signal."""
    if modality is Modality.CT:
        return -120.0, 240.0
    return 0.0, float(np.percentile(image, 99.6))


def _broken(title: str) -> str:
    """The title in lines of two words."""
    words = title.split()
    return "\n".join(" ".join(words[k : k + 2]) for k in range(0, len(words), 2))
