"""Paints any axial section of a scenario: the same painter serves CT slices and MR planes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.body import Body, BodySection
from deepvein.phantoms.bones import Bones
from deepvein.phantoms.canvas import Canvas
from deepvein.phantoms.contrast import Contrast
from deepvein.phantoms.thrombus import Clot, ClotSection, Thrombus
from deepvein.phantoms.tube import Ellipse, Pixels32, Window, coverage, distance
from deepvein.phantoms.vessels import Vessel, Vessels

WALL_MM = 0.8


@dataclass(frozen=True, eq=False)
class Painter:
    """Everything that a section needs; sections are independent of one another."""

    body: Body
    bones: Bones
    vessels: Vessels
    contrast: Contrast
    thrombi: tuple[Thrombus, ...] = ()

    def paint(self, canvas: Canvas) -> BodySection | None:
        """Paint the canvas; None where there is no body."""
        section = self.body.paint(canvas)
        if section is None:
            return None
        self.bones.paint(canvas)
        cuts = [
            cut for vessel in self.vessels.all if (cut := self._cut(canvas, vessel)) is not None
        ]
        for cut in cuts:
            self._paint_sheath(canvas, cut)
        for cut in cuts:
            self._paint_lumen(canvas, cut)
        for cut in cuts:
            self._paint_clot(canvas, cut)
        return section

    @cached_property
    def _clots(self) -> dict[str, list[tuple[Thrombus, Clot]]]:
        out: dict[str, list[tuple[Thrombus, Clot]]] = {}
        for thrombus in self.thrombi:
            for clot in thrombus.clots:
                out.setdefault(clot.vessel, []).append((thrombus, clot))
        return out

    def _cut(self, canvas: Canvas, vessel: Vessel) -> _Cut | None:
        """The vessel's sections in the canvas's planes, widened where it is thrombosed."""
        tube = vessel.tube
        if tube.high_mm < canvas.planes_mm[0] or tube.low_mm > canvas.planes_mm[-1]:
            return None
        planes: list[_Plane] = []
        for z in canvas.planes_mm:
            section = tube.at(z)
            if section is not None:
                planes.append(self._plane(vessel, z, section))
        if not planes:
            return None
        window = canvas.pixels.around([p.section for p in planes], 2.0 + 2 * vessel.sheath_mm)
        return None if window is None else _Cut(vessel, planes, window, len(canvas.planes_mm))

    def _plane(self, vessel: Vessel, z: float, section: Ellipse) -> _Plane:
        for thrombus, clot in self._clots.get(vessel.name, ()):
            cut = clot.at(z, sum(vessel.tube.radii(z)) / 2)
            if cut is not None:
                return _Plane(section.grown(cut.widening), thrombus, cut)
        return _Plane(section)

    @staticmethod
    def _paint_sheath(canvas: Canvas, cut: _Cut) -> None:
        """Loose fat around the vessel, fading into what lies there."""
        sheath = cut.vessel.sheath_mm
        if sheath <= 0:
            return
        middle = cut.planes[len(cut.planes) // 2].section
        d = distance(middle, cut.window)
        d -= np.float32(sheath * 0.75)
        canvas.lay_tissue(cut.window, coverage(d, max(sheath, canvas.pixels.size_mm)), Tissue.FAT)

    def _paint_lumen(self, canvas: Canvas, cut: _Cut) -> None:
        size = canvas.pixels.size_mm
        lumen, wall = cut.empty(), cut.empty()
        rim = 0.0
        for plane in cut.planes:
            d = distance(plane.section, cut.window)
            wall += coverage(d - np.float32(WALL_MM), size)
            lumen += coverage(d, size)
            rim = max(rim, plane.thrombus.rim if plane.thrombus is not None else 0.0)
        lumen *= cut.share
        wall *= cut.share
        tissue = canvas.palette.tissue
        middle = cut.planes[len(cut.planes) // 2]
        inflamed = np.full((1, 1), 0.75 * rim, dtype=np.float32)
        coat = (
            max(tissue(Tissue.VESSEL_WALL), float(canvas.palette.blood(inflamed)[0, 0]))
            if rim
            else tissue(Tissue.VESSEL_WALL)
        )
        canvas.lay(cut.window, wall, coat)
        level = self.contrast.enhancement(cut.vessel, canvas.z_mm, middle.section, cut.window)
        blood = canvas.palette.blood(np.atleast_2d(np.asarray(level, dtype=np.float32)))
        canvas.lay(cut.window, lumen, blood)
        cut.lumen = lumen
        inside = lumen >= 0.5
        if not cut.vessel.is_vein:
            canvas.arteries[cut.window.place][inside] = 1
        elif canvas.z_mm >= cut.vessel.label_from_mm:
            canvas.segments[cut.window.place][inside] = cut.vessel.label

    def _paint_clot(self, canvas: Canvas, cut: _Cut) -> None:
        thrombus = next((p.thrombus for p in cut.planes if p.thrombus is not None), None)
        if thrombus is None:
            return
        size = canvas.pixels.size_mm
        part = cut.empty()
        for plane in cut.planes:
            if plane.clot is not None:
                part += coverage(
                    distance(_clot_section(plane.section, plane.clot), cut.window), size
                )
        part *= cut.share
        np.minimum(part, cut.lumen, out=part)
        canvas.lay(cut.window, part, canvas.palette.clot(thrombus.acute, thrombus.quantile))
        # Half of the voxel is thrombus, and the voxel belongs to the vein: exact truth.
        inside = (part >= 0.5) & (canvas.segments[cut.window.place] > 0)
        canvas.thrombi[cut.window.place][inside] = thrombus.number


@dataclass(frozen=True, eq=False)
class _Plane:
    section: Ellipse
    thrombus: Thrombus | None = None
    clot: ClotSection | None = None


@dataclass(eq=False)
class _Cut:
    vessel: Vessel
    planes: list[_Plane]
    window: Window
    of_planes: int
    lumen: Pixels32 = field(init=False)

    @property
    def share(self) -> np.float32:
        return np.float32(1 / self.of_planes)

    def empty(self) -> Pixels32:
        return np.zeros((len(self.window.y), len(self.window.x)), dtype=np.float32)


def _clot_section(lumen: Ellipse, clot: ClotSection) -> Ellipse:
    grown = lumen.grown(clot.fill)
    return grown._replace(
        x=lumen.x + clot.offset[0] * lumen.half_width,
        y=lumen.y + clot.offset[1] * lumen.half_height,
    )
