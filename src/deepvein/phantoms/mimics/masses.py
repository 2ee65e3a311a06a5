"""Round things between the muscles: enlarged lymph nodes, haematomas, Baker's cysts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.person.body import BodySection
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.muscles import MUSCLES
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.grain import Grain, grain
from deepvein.phantoms.shapes.tube import STEP_MM, Tube, coverage, distance
from deepvein.phantoms.vessels.vascular_tree import Vessels

_SKIN_MM = 3.0
_SPLIT = ("vastus lateralis", "vastus intermedius", "biceps femoris", "adductor magnus", "soleus")
_SPLIT_WEIGHTS = (0.15, 0.25, 0.15, 0.15, 0.3)


@dataclass(frozen=True, eq=False)
class Mass:
    """A thing of one tissue made of overlapping tubes; nothing in the label maps.

    edge_mm: width of its margin; uneven: 0 homogeneous to 1: how far its grain mixes with `other`, beside
    the share `mixed` that is everywhere.
    core: a tube of fat inside, a lymph node's hilum.
    """

    name: str
    side: Side
    tissue: Tissue
    tubes: tuple[Tube, ...]
    edge_mm: float = 0.6
    uneven: float = 0.0
    mixed: float = 0.0
    other: Tissue = Tissue.BLOOD
    core: Tube | None = None
    seed: int = 0

    @cached_property
    def _grain(self) -> Grain:
        return grain(self.seed, "distractor", "grain", self.name, spacing_mm=5.0, spacing_z_mm=9.0)

    def paint(self, canvas: Canvas, section: BodySection) -> None:
        """Paint it over soft tissue; bones and what lies outside the skin stay."""
        for tube in self.tubes:
            self._lay(canvas, section, tube, self.tissue)
        if self.core is not None:
            self._lay(canvas, section, self.core, Tissue.FAT)

    def _lay(self, canvas: Canvas, section: BodySection, tube: Tube, tissue: Tissue) -> None:
        ellipse = tube.at(canvas.z_mm)
        window = None if ellipse is None else canvas.pixels.around([ellipse], 3.0)
        if ellipse is None or window is None:
            return
        d = distance(ellipse, window)
        fine = self._grain.section(canvas.z_mm, window.x, window.y)
        d += fine * np.float32(0.6)
        part = coverage(d, canvas.pixels.size_mm + self.edge_mm)
        part *= canvas.bones[window.place] == 0
        part *= self._under_skin(window.place, section)
        value: float | np.ndarray = canvas.palette.tissue(tissue)
        if self.uneven or self.mixed:
            step = canvas.palette.tissue(self.other) - canvas.palette.tissue(tissue)
            share = np.float32(self.mixed) + np.float32(self.uneven) * fine
            share = np.minimum(np.maximum(share, np.float32(0)), np.float32(1))
            value = np.float32(canvas.palette.tissue(tissue)) + share * np.float32(step)
        canvas.lay(window, part, value)

    @staticmethod
    def _under_skin(place: tuple[slice, slice], section: BodySection) -> np.ndarray:
        """1 well inside the body, 0 elsewhere, for the pixels of `place`."""
        rows, columns = place
        whole = section.window
        out = np.zeros((rows.stop - rows.start, columns.stop - columns.start), dtype=np.float32)
        r0, r1 = max(rows.start, whole.rows.start), min(rows.stop, whole.rows.stop)
        c0, c1 = max(columns.start, whole.columns.start), min(columns.stop, whole.columns.stop)
        if r0 < r1 and c0 < c1:
            skin = section.skin_mm[
                r0 - whole.rows.start : r1 - whole.rows.start,
                c0 - whole.columns.start : c1 - whole.columns.start,
            ]
            inner = (
                slice(r0 - rows.start, r1 - rows.start),
                slice(c0 - columns.start, c1 - columns.start),
            )
            out[inner] = skin < -_SKIN_MM
        return out


def ball(
    x: float, y: float, z: float, radii: tuple[float, float, float], angle: float = 0.0
) -> Tube:
    """An ellipsoid around a place: radii (mm) in the plane, then along the body; angle in radians."""
    r1, r2, half = radii
    count = max(3, 2 * int(half / STEP_MM) + 1)
    place = np.linspace(-1, 1, count)
    k = np.sqrt(np.maximum(0.02, 1 - place * place))
    nodes = np.stack([np.full(count, v) for v in (x, y, r1, r2, angle)], axis=1)
    nodes[:, 2:4] *= k[:, None]
    return Tube(round(z - STEP_MM * (count - 1) / 2, 6), np.round(nodes, 6))


def sample_nodes(seed: int, vessels: Vessels, share: float) -> tuple[Mass, ...]:
    """Enlarged lymph nodes beside the femoral and external iliac veins.

    Short axis 8 to 14 mm, long axis up to 35 mm; half of them keep a fatty hilum (M).
    """
    out: list[Mass] = []
    for side in (Side.RIGHT, Side.LEFT):
        rng = generator(seed, "distractor", "nodes", side.value)
        if not draw.chance(rng, share):
            continue
        for number in range(int(rng.integers(1, 5))):
            vein = vessels.by_name[
                f"{side.value} {draw.choose(rng, ('common femoral', 'external iliac'), (3, 1))}"
            ]
            tube = vein.tube
            z = tube.low_mm + draw.uniform(rng, 0.0, 0.9) * (tube.high_mm - tube.low_mm)
            r1, r2 = draw.uniform(rng, 5.5, 9.0), draw.uniform(rng, 4.0, 7.0)
            half = draw.uniform(rng, 6.0, 17.0)
            x, y = (float(v) for v in tube.centre([z])[0])
            apart = max(tube.radii(z)) + r1 + draw.uniform(rng, 0.5, 4.0)
            inwards = -1.0 if side is Side.LEFT else 1.0
            forwards = draw.uniform(rng, -0.9, 0.4)
            long = (1 + forwards * forwards) ** 0.5
            cx, cy = x + inwards * apart / long, y + forwards * apart / long
            hilum = draw.chance(rng, 0.5)
            core = ball(cx + 0.3 * r1, cy, z, (0.4 * r1, 0.35 * r2, 0.6 * half))
            node = ball(cx, cy, z, (r1, r2, half))
            name = f"node {side.value} {number}"
            fat = core if hilum else None
            out.append(Mass(name, side, Tissue.LYMPH_NODE, (node,), core=fat))
    return tuple(out)


def sample_haematoma(seed: int, frame: Frame, share: float) -> tuple[Mass, ...]:
    """A clotted bleed in a muscle of the thigh or calf, 20 to 60 mm wide, 30 to 140 mm long (M)."""
    rng = generator(seed, "distractor", "haematoma")
    if not draw.chance(rng, share):
        return ()
    side = draw.choose(rng, (Side.LEFT, Side.RIGHT), (1, 1))
    muscle = draw.choose(rng, _SPLIT, _SPLIT_WEIGHTS)
    tube = frame.tube(MUSCLES[muscle], side)
    z = tube.low_mm + draw.uniform(rng, 0.3, 0.7) * (tube.high_mm - tube.low_mm)
    x, y = (float(v) for v in tube.centre([z])[0])
    r1, r2 = tube.radii(z)
    wide = draw.uniform(rng, 0.45, 0.9)
    angle = float(np.interp(z, tube.z_mm, tube.nodes[:, 4]))
    half = draw.uniform(rng, 15, 70)
    one = ball(x, y, z, (max(9.0, wide * r1), max(7.0, wide * r2), half), angle)
    # Fresh ones are as dense as muscle, older ones turn to fluid from within.
    haematoma = Mass(
        "haematoma",
        side,
        Tissue.HAEMATOMA,
        (one,),
        edge_mm=draw.uniform(rng, 1.0, 4.0),
        uneven=draw.uniform(rng, 0.3, 0.9),
        mixed=draw.uniform(rng, 0.0, 0.7),
        other=Tissue.OEDEMA,
        seed=seed,
    )
    return (haematoma,)


def sample_cyst(seed: int, frame: Frame, share: float) -> tuple[Mass, ...]:
    """A Baker's cyst: between the medial gastrocnemius and the semimembranosus, with its neck.

    20 to 70 mm long (M).
    """
    rng = generator(seed, "distractor", "cyst")
    if not draw.chance(rng, share):
        return ()
    side = draw.choose(rng, (Side.LEFT, Side.RIGHT), (1, 1))
    t = draw.uniform(rng, 0.93, 1.01)
    z, half = float(frame.z(t)), draw.uniform(rng, 10, 35)
    r1, r2 = draw.uniform(rng, 6, 14), draw.uniform(rng, 4, 7.5)
    turn = -0.5 if side is Side.RIGHT else 0.5
    xs, ys = frame.place(side, [t] * 4, [-25.0, -22.0, -17.0, -13.0], [43.5, 38.0, 33.0, 29.0])
    body = ball(float(xs[0]), float(ys[0]), z - 0.4 * half, (r1, r2, half), turn)
    high = z + 4.0
    neck = tuple(
        ball(float(x), float(y), high, (r, r, 6.0))
        for x, y, r in zip(xs[1:], ys[1:], (3.5, 2.8, 2.6), strict=True)
    )
    return (Mass("cyst", side, Tissue.SYNOVIAL_FLUID, (body, *neck), 0.4, seed=seed),)
