"""Paints any axial section of a scenario: the same painter serves CT slices and MR planes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.contrast.contrast import Contrast
from deepvein.phantoms.mimics.calcification import Calcification, paint_calcifications
from deepvein.phantoms.mimics.mimics import Distractors
from deepvein.phantoms.person.body import Body, BodySection
from deepvein.phantoms.person.bones import Bones
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.grain import Grain
from deepvein.phantoms.shapes.tube import Ellipse, Pixels32, Window, coverage, distance
from deepvein.phantoms.thrombosis.secondary_signs import Reactions
from deepvein.phantoms.thrombosis.stranding import Stranding
from deepvein.phantoms.thrombosis.thrombus import Thrombus
from deepvein.phantoms.thrombosis.thrombus_section import Clot, ClotSection
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels

WALL_MM = 0.8
_INFLAMED_MM = 0.5
"""How much thicker the wall is that enhances around an acute thrombus (M)."""
_UNEVEN_SD = 1.2
"""Light and dark parts of a thrombus lie so many SDs above and below its mean."""


class Painted(Protocol):
    """Anything else that lies in the body, such as a prosthesis."""

    def paint(self, canvas: Canvas) -> None: ...


@dataclass(frozen=True, eq=False)
class Painter:
    """Everything that a section needs; sections are independent of one another.

    vessels: as the distractors have changed them; the reactions' collaterals are painted too.
    implants: painted over the bones, beneath the vessels.
    """

    body: Body
    bones: Bones
    vessels: Vessels
    contrast: Contrast
    thrombi: tuple[Thrombus, ...] = ()
    distractors: Distractors | None = None
    reactions: Reactions | None = None
    implants: Painted | None = None
    calcifications: tuple[Calcification, ...] = ()

    def paint(self, canvas: Canvas) -> BodySection | None:
        """Paint the canvas; None where there is no body."""
        section = self.body.paint(canvas)
        if section is None:
            return None
        self.bones.paint(canvas)
        if self.implants is not None:
            self.implants.paint(canvas)
        if self.distractors is not None:
            self.distractors.paint(canvas, section)
        cuts = [cut for vessel in self._all if (cut := self._cut(canvas, vessel)) is not None]
        for cut in cuts:
            self._paint_sheath(canvas, cut)
        for cut in cuts:
            for stranding in self._stranding.get(cut.vessel.name, ()):
                stranding.paint(canvas, cut.middle.section)
        for cut in cuts:
            self._paint_lumen(canvas, cut)
        for cut in cuts:
            self._paint_clot(canvas, cut)
        if self.distractors is not None:
            self.distractors.paint_within(canvas)
        paint_calcifications(canvas, self.calcifications)
        return section

    @cached_property
    def _all(self) -> tuple[Vessel, ...]:
        extra = () if self.reactions is None else self.reactions.collaterals
        return (*extra, *self.vessels.all)

    @cached_property
    def _clots(self) -> dict[str, list[tuple[Thrombus, Clot]]]:
        out: dict[str, list[tuple[Thrombus, Clot]]] = {}
        for thrombus in self.thrombi:
            for clot in thrombus.clots:
                out.setdefault(clot.vessel, []).append((thrombus, clot))
        return out

    @cached_property
    def _stranding(self) -> dict[str, list[Stranding]]:
        out: dict[str, list[Stranding]] = {}
        for one in () if self.reactions is None else self.reactions.stranding:
            out.setdefault(one.vessel, []).append(one)
        return out

    @cached_property
    def _grains(self) -> dict[int, Grain]:
        return {thrombus.number: thrombus.grain() for thrombus in self.thrombi}

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
        d = distance(cut.middle.section, cut.window)
        d -= np.float32(sheath * 0.75)
        canvas.lay_tissue(cut.window, coverage(d, max(sheath, canvas.pixels.size_mm)), Tissue.FAT)

    def _paint_lumen(self, canvas: Canvas, cut: _Cut) -> None:
        size = canvas.pixels.size_mm
        lumen, wall = cut.empty(), cut.empty()
        rim = max((p.thrombus.rim for p in cut.planes if p.thrombus is not None), default=0.0)
        thick = np.float32(WALL_MM + (_INFLAMED_MM if rim else 0.0))
        for plane in cut.planes:
            d = distance(plane.section, cut.window)
            wall += coverage(d - thick, size)
            lumen += coverage(d, size)
        lumen *= cut.share
        wall *= cut.share
        tissue = canvas.palette.tissue
        inflamed = np.full((1, 1), 0.75 * rim, dtype=np.float32)
        coat = (
            max(tissue(Tissue.VESSEL_WALL), float(canvas.palette.blood(inflamed)[0, 0]))
            if rim
            else tissue(Tissue.VESSEL_WALL)
        )
        canvas.lay(cut.window, wall, coat)
        section = cut.middle.section
        level = self.contrast.enhancement(cut.vessel, canvas.z_mm, section, cut.window)
        blood = canvas.palette.blood(np.atleast_2d(np.asarray(level, dtype=np.float32)))
        canvas.lay(cut.window, lumen, blood)
        cut.lumen, cut.blood = lumen, blood
        inside = lumen >= 0.5
        if not cut.vessel.is_vein:
            canvas.arteries[cut.window.place][inside] = 1
        elif cut.vessel.label and canvas.z_mm >= cut.vessel.label_from_mm:
            canvas.segments[cut.window.place][inside] = cut.vessel.label

    def _paint_clot(self, canvas: Canvas, cut: _Cut) -> None:
        thrombus = next((p.thrombus for p in cut.planes if p.thrombus is not None), None)
        if thrombus is None:
            return
        section, window = cut.middle.section, cut.window
        x, y = window.x - np.float32(section.x), window.y - np.float32(section.y)
        fine = self._grains[thrombus.number].section(canvas.z_mm, x, y)
        part = cut.empty()
        width = canvas.pixels.size_mm + thrombus.soft_mm
        rough = fine * np.float32(thrombus.rough_mm)
        for plane in cut.planes:
            if plane.clot is not None:
                part += plane.clot.part(plane.section, window, width, rough)
        part *= cut.share
        np.minimum(part, cut.lumen, out=part)
        canvas.lay(window, part, self._clot_value(canvas, cut, thrombus, fine))
        if thrombus.chalk:
            hard = np.minimum(np.float32(1), np.maximum(np.float32(0), (fine - 0.6) * 5))
            hard *= part * np.float32(thrombus.chalk)
            canvas.lay_tissue(window, hard, Tissue.CALCIFICATION)
        # Half of the voxel is thrombus, and the voxel belongs to the vein: exact truth.
        inside = (part >= 0.5) & (canvas.segments[window.place] > 0)
        canvas.thrombi[window.place][inside] = thrombus.number

    @staticmethod
    def _clot_value(canvas: Canvas, cut: _Cut, thrombus: Thrombus, fine: Pixels32) -> Pixels32:
        """(rows, columns) layers of red and white clot, into which some contrast has seeped."""
        clot, q = canvas.palette.clot, thrombus.quantile_at(canvas.z_mm)
        dark = np.float32(clot(thrombus.acute, q - _UNEVEN_SD * thrombus.uneven))
        light = np.float32(clot(thrombus.acute, q + _UNEVEN_SD * thrombus.uneven))
        value = (dark + light) / 2 + fine * ((light - dark) / 2)
        if thrombus.uptake:
            plain = canvas.palette.blood(np.zeros((1, 1), dtype=np.float32))
            value = value + np.float32(thrombus.uptake) * (cut.blood - plain)
        return np.asarray(value, dtype=np.float32)


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
    blood: Pixels32 = field(init=False)

    @property
    def middle(self) -> _Plane:
        return self.planes[len(self.planes) // 2]

    @property
    def share(self) -> np.float32:
        return np.float32(1 / self.of_planes)

    def empty(self) -> Pixels32:
        return np.zeros((len(self.window.y), len(self.window.x)), dtype=np.float32)
