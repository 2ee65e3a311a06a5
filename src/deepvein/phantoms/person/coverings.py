"""What lies on and under the legs: clothes, a blanket, a cushion under the knees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.person.body import BodySection
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Float, Pixels32, coverage


@dataclass(frozen=True)
class Cloth:
    """A sheet between two heights (mm): `gap_mm` from the skin, `thick_mm` thick."""

    low_mm: float
    high_mm: float
    gap_mm: float
    thick_mm: float

    def covers(self, z_mm: float) -> bool:
        return self.low_mm <= z_mm <= self.high_mm


@dataclass(frozen=True)
class Coverings:
    """All sheets of a scan; None where there is none.

    clothes follow the skin, the blanket hangs over the legs; wedge: heights and top of a foam cushion.
    """

    clothes: tuple[Cloth, ...] = ()
    blanket: Cloth | None = None
    wedge: Cloth | None = None

    def paint_under(self, canvas: Canvas, table_mm: float) -> None:
        """The cushion between table and knees, before the body; table_mm: y of the table's top."""
        wedge = self.wedge
        if wedge is None or not wedge.covers(canvas.z_mm):
            return
        # As high as a hand in the middle, flat at both ends.
        along = (canvas.z_mm - wedge.low_mm) / (wedge.high_mm - wedge.low_mm)
        top = table_mm - wedge.thick_mm * min(1.0, 5.2 * along * (1 - along))
        window = canvas.pixels.window(-185, 185, top - 2, table_mm + 1)
        if window is None:
            return
        size = canvas.pixels.size_mm
        part = coverage(np.float32(top) - window.y, size)[:, None] * coverage(
            np.abs(window.x) - np.float32(_WEDGE_HALF_MM), size
        )
        # Foam gives way to the raised edges of the table.
        part *= canvas.value[window.place] < np.float32(-990)
        canvas.lay(window, part, _FOAM)

    def paint_over(self, canvas: Canvas, body: BodySection, table_mm: float) -> None:
        """Clothes and blanket, after the body."""
        size = canvas.pixels.size_mm
        for cloth in self.clothes:
            if cloth.covers(canvas.z_mm):
                # Thinner than a pixel: the sheet keeps its mass over a soft edge.
                thick = max(cloth.thick_mm, size)
                away = np.abs(body.skin_mm - np.float32(cloth.gap_mm)) - np.float32(thick / 2)
                part = coverage(away, size)
                part *= np.float32(cloth.thick_mm / thick)
                canvas.lay(body.window, part, _over(canvas, body))
        if self.blanket is not None and self.blanket.covers(canvas.z_mm):
            self._hang(canvas, body, self.blanket, table_mm)

    @staticmethod
    def _hang(canvas: Canvas, body: BodySection, sheet: Cloth, table_mm: float) -> None:
        x, y = canvas.pixels.x_mm, canvas.pixels.y_mm
        top = np.full(len(x), table_mm)
        solid = body.skin_mm < 0
        found = np.where(solid.any(axis=0), body.window.y[solid.argmax(axis=0)], table_mm)
        top[body.window.columns] = np.minimum(found, table_mm)
        top = _draped(top, 0.45 * canvas.pixels.size_mm) - sheet.gap_mm
        window = canvas.pixels.window(
            float(x[0]) - 1, float(x[-1]) + 1, float(top.min()) - sheet.thick_mm - 2, table_mm + 1
        )
        if window is None or not len(y):
            return
        size = canvas.pixels.size_mm
        away = np.abs(window.y[:, None] - top.astype(np.float32)) - np.float32(sheet.thick_mm / 2)
        canvas.lay(window, coverage(away, size), _SHEET)


_SHEET = -945.0
"""A woollen blanket: mostly air (M)."""
_FOAM = -965.0
"""Foam of a positioning aid (M)."""
_WEDGE_HALF_MM = 175.0


def _over(canvas: Canvas, body: BodySection) -> Pixels32:
    """What cloth turns air into, and leaves skin as it is where a narrow gap makes them meet."""
    under = canvas.value[body.window.place]
    return np.maximum(under, np.float32(canvas.palette.tissue(Tissue.CLOTH)))


def _draped(top: Float, slope: float) -> Float:
    """The lowest y that a cloth reaches which nowhere falls by more than `slope` a column."""
    ramp = slope * np.arange(len(top))
    forth = np.minimum.accumulate(top - ramp) + ramp
    back = np.minimum.accumulate((forth + ramp)[::-1])[::-1] - ramp
    out: Float = np.round(back, 4)
    return out


def sample_coverings(
    rng: np.random.Generator, frame: Frame, clothes: float, blanket: float, cushion: float
) -> Coverings:
    """Each with its share: a gown down to the knees or trousers; a blanket; a cushion under the knees."""

    def z(t: float) -> float:
        return round(float(frame.z(t)), 3)

    gown = draw.chance(rng, 0.6)
    edge = draw.uniform(rng, 1.05, 1.7)
    thick, gap = draw.uniform(rng, 0.5, 1.6), draw.uniform(rng, 1.5, 6.0)
    sheets = [Cloth(z(edge) if gown else z(0.05), z(4.0), gap, thick)]
    if draw.chance(rng, 0.4):
        # A fold, or a second garment.
        sheets.append(Cloth(z(edge), z(edge + 0.5), gap + 3.5, thick))
    dressed = draw.chance(rng, clothes)
    hung = Cloth(
        z(draw.uniform(rng, -0.1, 0.4)),
        z(draw.uniform(rng, 1.2, 3.6)),
        draw.uniform(rng, 4.0, 9.0),
        draw.uniform(rng, 2.0, 7.0),
    )
    covered = draw.chance(rng, blanket)
    knees = draw.uniform(rng, 0.85, 1.1)
    lift = max(12.0, frame.person.knee_raise_mm + draw.uniform(rng, 15.0, 35.0))
    wedge = Cloth(z(knees - 0.35), z(knees + 0.35), 0.0, round(lift, 3))
    raised = draw.chance(rng, cushion)
    return Coverings(
        tuple(sheets) if dressed else (), hung if covered else None, wedge if raised else None
    )
