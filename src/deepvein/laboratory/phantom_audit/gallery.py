"""Pictures of phantoms: axial sections, coronal planes and straightened veins, and real legs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.core.progress import Progress
from deepvein.drawing.journal import figure, style
from deepvein.laboratory.phantom_audit.figures import picture, save_gallery
from deepvein.laboratory.phantom_audit.sections import Section, nearest, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.laboratory.phantom_audit.thrombus_extents import stretches
from deepvein.phantoms.phantom import Scenario
from deepvein.phantoms.shapes.tube import Pixels32
from deepvein.phantoms.vessels.vascular_tree import Vessel
from deepvein.studies.study import Modality

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = (("calf", 0.65), ("knee", 1.03), ("thigh", 1.55), ("groin", 2.02), ("pelvis", 2.6))
_TITLES = (
    "acute occlusive thrombus",
    "chronic or partial thrombus",
    "mixing artefact, no thrombus",
)
_CANDIDATES = 60
_LOW_T, _HIGH_T = 1.2, 2.3
_LONG_MM = 80.0
_DEEP = 0.5
_ROWS, _COLUMNS = 192, 288
_PIXEL_MM = 1.25
_STEP_MM = 4.0
_THROMBUS = "#ffd23f"


@dataclass(frozen=True, eq=False)
class Example:
    """One study that shows something, the side on which it does, and the vein and height to look at."""

    title: str
    order: Order
    scenario: Scenario
    side: Side
    vessel: str
    z_mm: float


def examples(settings: AuditSettings) -> list[Example]:
    """A long acute and a chronic or partial thrombosis of the deep axis, and an artefact without DVT."""
    found: dict[str, Example] = {}
    for order in _many(settings):
        if len(found) == len(_TITLES):
            break
        scenario = order.scenario()
        low, high = scenario.frame.t(scenario.scan.covered_mm).tolist()
        if low < _LOW_T and high > _HIGH_T:
            for example in (*_thrombi(order, scenario), *_artefacts(order, scenario)):
                found.setdefault(example.title, example)
    return [found[title] for title in _TITLES if title in found]


def _thrombi(order: Order, scenario: Scenario) -> list[Example]:
    out = []
    here = stretches(scenario)
    for thrombus in scenario.thrombi:
        axis = scenario.vessels.axis(thrombus.side)
        seen = [one for one in here if one.thrombus is thrombus and one.vessel in axis]
        if sum(one.length_mm for one in seen) > _LONG_MM:
            longest = max(seen, key=lambda one: one.length_mm)
            title = _TITLES[0] if thrombus.acute and thrombus.occlusive else _TITLES[1]
            z = 0.5 * (longest.low_mm + longest.high_mm)
            out.append(Example(title, order, scenario, thrombus.side, longest.vessel.name, z))
    return out


def _artefacts(order: Order, scenario: Scenario) -> list[Example]:
    out = []
    for artefact in scenario.contrast.artefacts:
        vessel = scenario.vessels.by_name.get(artefact.vessel)
        deep = vessel is not None and vessel in scenario.vessels.axis(vessel.side)
        if vessel is not None and deep and not scenario.thrombi and artefact.depth > _DEEP:
            place = (vessel.side, vessel.name, artefact.centre_mm)
            out.append(Example(_TITLES[2], order, scenario, *place))
    return out


def _many(settings: AuditSettings) -> Sequence[Order]:
    """More studies than a small audit has, so that each kind of example is found."""
    most = max(settings.n, _CANDIDATES)
    return orders(AuditSettings(settings.modality, settings.difficulty, most, settings.seed))


def axial_gallery(
    settings: AuditSettings, shown: Sequence[Example], folder: Path, progress: Progress
) -> Path:
    """Five levels (columns) of each example (rows), and the finding four times as large; thrombi are
    outlined."""
    with style():
        fig = figure(180, 6 + 23 * max(1, len(shown)))
        grid = fig.subplots(
            max(1, len(shown)),
            len(LEVELS) + 1,
            squeeze=False,
            width_ratios=[_COLUMNS] * len(LEVELS) + [_ROWS],
        )
        for row, example in enumerate(shown):
            sections = sections_of(example.scenario)
            for axes, (name, t) in zip(grid[row], LEVELS, strict=False):
                z = float(example.scenario.frame.z(t))
                section = sections.section(nearest(sections.heights_mm, z))
                if abs(section.z_mm - z) < _STEP_MM + 2:
                    _show(axes, section, 0.0, 20.0, (_ROWS, _COLUMNS), _PIXEL_MM)
                else:
                    _empty(axes, "not covered")
                if row == 0:
                    axes.set_title(name)
            section = sections.section(nearest(sections.heights_mm, example.z_mm))
            vessel = example.scenario.vessels.by_name[example.vessel]
            x, y = vessel.tube.centre([section.z_mm])[0].tolist()
            _show(grid[row, -1], section, x, y, (_ROWS, _ROWS), _PIXEL_MM / 4)
            grid[row, -1].set_xlabel(_broken(example.vessel), fontsize=6)
            grid[row, 0].set_ylabel(_broken(example.title), fontsize=7)
            progress("gallery", row + 1, 2 * len(shown))
        grid[0, -1].set_title("finding")
        return save_gallery(fig, folder, f"{settings.name}-axial")


def _show(
    axes: Axes, section: Section, x: float, y: float, size: tuple[int, int], mm: float
) -> None:
    picture(axes, section.crop(section.picture, x, y, size, mm), *shown_values(section))
    outline = section.crop((section.thrombi > 0).astype(np.float32), x, y, size, mm)
    if outline.max() > 0.5:
        axes.contour(outline, [0.5], colors=[_THROMBUS], linewidths=0.6)


def _empty(axes: Axes, reason: str) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.text(0.5, 0.5, reason, ha="center", va="center", fontsize=6.5, transform=axes.transAxes)


def straightened_gallery(
    settings: AuditSettings, shown: Sequence[Example], folder: Path, progress: Progress
) -> Path:
    """Of each example the coronal plane through the femoral vein and the deep axis straightened, which is
    drawn half again as wide as long."""
    with style():
        fig = figure(180, 88)
        ratios = [3.2, 1, 1] * max(1, len(shown))
        grid = fig.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)[0]
        for k, example in enumerate(shown):
            coronal, across, depth, thrombus = _reformat(example)
            low, high = _window_of(settings.modality, coronal)
            for axes, image in zip(grid[3 * k :], (coronal, across, depth), strict=False):
                picture(axes, image, low, high)
                axes.set_aspect("auto")
            if thrombus.any():
                grid[3 * k + 1].contour(thrombus, [0.5], colors=[_THROMBUS], linewidths=0.6)
            grid[3 * k].set_title(_broken(example.title), fontsize=8)
            for axes, name in zip(grid[3 * k :], ("coronal", "R–L", "A–P"), strict=False):
                axes.set_xlabel(name, fontsize=7)
            progress("gallery", len(shown) + k + 1, 2 * len(shown))
        return save_gallery(fig, folder, f"{settings.name}-straightened")


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
