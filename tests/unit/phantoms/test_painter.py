"""A straight vein of known size in nothing: what the painter makes of it can be told beforehand."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from deepvein.anatomy.tissues import VEIN_HU, Tissue
from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.phantoms.contrast.contrast import Contrast, ContrastSettings, sample_contrast
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.mimics.mimics import DistractorSettings, sample_distractors
from deepvein.phantoms.painter import Painter
from deepvein.phantoms.person.body import Body, BodySection
from deepvein.phantoms.person.bones import Bones
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels, Tube
from deepvein.phantoms.thrombosis.secondary_signs import Reactions, sample_reactions
from deepvein.phantoms.thrombosis.stranding import Stranding
from deepvein.phantoms.thrombosis.thrombus import Thrombus, sample_thrombi
from deepvein.phantoms.thrombosis.thrombus_section import Clot
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels, grow

FRAME = Frame(sample_person(1))
Z = float(FRAME.z(1.6))
X, Y = (float(v[0]) for v in FRAME.place(Side.LEFT, 1.6, -25, -25))


def vein(radius: float, segment: VeinSegment | None = VeinSegment.FEMORAL) -> Vessel:
    nodes = np.tile([X, Y, radius, radius, 0.0], (60, 1))
    return Vessel("left femoral", Side.LEFT, segment, Tube(Z - 60, nodes, True))


def paint(vessel: Vessel, thrombi: tuple[Thrombus, ...] = (), step: float = 0.5) -> Canvas:
    contrast = Contrast(0.0, {vessel.name: (1.0,) * 40})
    painter = Painter(
        Body(FRAME.person, FRAME), Bones(FRAME), Vessels((vessel,)), contrast, thrombi
    )
    offsets = np.arange(-20, 20, step)
    canvas = Canvas(Pixels(X + offsets, Y + offsets), CtPalette(120), Z, (Z - 1, Z, Z + 1))
    painter.paint(canvas)
    return canvas


def clot(fill: float, widening_mm: float = 0.0) -> tuple[Thrombus, ...]:
    one = Clot("left femoral", Z - 50, Z + 50, widening_mm, fill, (0.0, 0.0), 10.0, (0.0,) * 20)
    return (Thrombus(3, Side.LEFT, True, True, 0.0, 0.0, (one,)),)


@pytest.mark.parametrize("radius", [2.0, 4.0, 7.0])
def test_an_open_vein_has_its_area_label_and_attenuation(radius: float) -> None:
    canvas = paint(vein(radius))
    mask = canvas.segments == encode(VeinSegment.FEMORAL, Side.LEFT)
    assert mask.sum() * 0.25 == pytest.approx(np.pi * radius**2, rel=0.06)
    middle = canvas.value[38:42, 38:42]
    assert middle == pytest.approx(VEIN_HU[120], abs=0.5)
    assert not canvas.thrombi.any()


def test_an_artery_is_marked_as_artery_only() -> None:
    canvas = paint(vein(4.0, None))
    assert canvas.arteries.any()
    assert not canvas.segments.any()


def test_a_thrombus_fills_its_share_and_belongs_to_the_vein() -> None:
    canvas = paint(vein(5.0), clot(0.8))
    assert set(np.unique(canvas.thrombi)) == {0, 3}
    assert (canvas.thrombi > 0).sum() / (canvas.segments > 0).sum() == pytest.approx(0.64, rel=0.06)
    assert canvas.segments[canvas.thrombi > 0].all()
    assert canvas.value[39:41, 39:41] == pytest.approx(58.0, abs=0.5)


def test_an_expanding_thrombus_widens_the_vein() -> None:
    canvas = paint(vein(4.0), clot(0.95, 3.0))
    assert (canvas.segments > 0).sum() * 0.25 == pytest.approx(np.pi * 5.5**2, rel=0.06)


def test_partial_volume_keeps_the_vein_s_contrast_area_on_coarse_pixels() -> None:
    fine, coarse = (paint(vein(3.0), step=s) for s in (0.25, 1.0))
    bright = [np.maximum(c.value - 60, 0).sum() * s**2 for c, s in ((fine, 0.25), (coarse, 1.0))]
    assert bright[1] == pytest.approx(bright[0], rel=0.1)


def test_below_its_first_labelled_height_a_piece_is_painted_but_not_named() -> None:
    from dataclasses import replace

    canvas = paint(replace(vein(5.0), label_from_mm=Z + 5))
    assert not canvas.segments.any()
    assert canvas.value[39:41, 39:41] == pytest.approx(VEIN_HU[120], abs=0.5)


class _Fat(Body):
    """Nothing but fat: quick to paint."""

    def paint(self, canvas: Canvas) -> BodySection | None:
        canvas.value[:] = canvas.palette.tissue(Tissue.FAT)
        window = canvas.pixels.window(-1e4, 1e4, -1e4, 1e4)
        assert window is not None
        return BodySection(window, np.full(canvas.pixels.shape, -50, dtype=np.float32))


class _NoBones(Bones):
    def paint(self, canvas: Canvas) -> None:
        return


GROWN = grow(FRAME)
DEEP = ("popliteal", "femoral", "common femoral", "external iliac", "common iliac")


def darkest(painter: Painter, vessel: Vessel, z: float, seed: int) -> float | None:
    """The reader who smooths the vein by 3 x 3 pixels of 0.7 mm and takes the lowest value."""
    rng = np.random.default_rng(seed)
    x, y = vessel.tube.centre([z])[0]
    offsets = np.arange(-14, 14, 0.7)
    kvp = int(rng.choice([80, 100, 120], p=[0.15, 0.4, 0.45]))
    canvas = Canvas(Pixels(x + offsets, y + offsets), CtPalette(kvp), z, (z - 1, z, z + 1))
    painter.paint(canvas)
    value = canvas.value + rng.normal(0, 10, canvas.value.shape)
    mask = (canvas.segments == vessel.label).astype(float)
    if mask.sum() < 9 or (painter.thrombi and not canvas.thrombi.any()):
        return None
    total, count = (
        sum(np.roll(a, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1))
        for a in (value * mask, mask)
    )
    kept = (mask > 0) & (count >= 6)
    return float((total[kept] / count[kept]).min()) if kept.any() else None


def test_the_darkest_place_does_not_tell_thrombus_from_mixing() -> None:
    clots: list[float] = []
    mixed: list[float] = []
    for seed in range(110):
        rng = np.random.default_rng(seed)
        contrast = sample_contrast(seed, GROWN)
        found = sample_thrombi(seed, GROWN, (0.0, float(FRAME.z(3.1))))
        sick, healthy = (
            Painter(_Fat(FRAME.person, FRAME), _NoBones(FRAME), GROWN, contrast, thrombi)
            for thrombi in (found, ())
        )
        places = [(c.vessel, c.low_mm, c.high_mm, sick, clots) for c in found[0].clots]
        for a in contrast.artefacts:
            reach = 0.35 * a.length_mm
            low, high = a.centre_mm - reach, a.centre_mm + reach
            places += [(name, low, high, healthy, mixed) for name in a.vessels]
        for name, low, high, painter, out in places:
            deep = GROWN.by_name[name]
            bottom = max(low, deep.label_from_mm, deep.tube.low_mm)
            top = min(high, deep.tube.high_mm)
            if name.split(" ", 1)[-1] in DEEP and top - bottom > 6:
                z = round(float(rng.uniform(bottom, top)), 3)
                value = darkest(painter, deep, z, seed)
                if value is not None:
                    out.append(value)
    a, b = np.array(clots)[:, None], np.array(mixed)
    assert min(a.size, b.size) > 80
    auroc = (a < b).mean() + 0.5 * (a == b).mean()
    assert max(auroc, 1 - auroc) <= 0.80
    # Both lie where they have been measured: 42 to 57 +/- 20 and 57 to 59 +/- 23 HU.
    assert 35 < a.mean() < 65
    assert 35 < b.mean() < 75
    assert b.std() > 10


def test_artefacts_and_distractors_are_never_thrombus() -> None:
    contrast = sample_contrast(1, GROWN, ContrastSettings(artefacts=12.0))
    everything = DistractorSettings(
        **{f.name: 1.0 for f in fields(DistractorSettings)},
    )
    distractors = sample_distractors(1, FRAME.person, FRAME, GROWN, everything)
    painter = Painter(
        _Fat(FRAME.person, FRAME),
        _NoBones(FRAME),
        distractors.vessels,
        contrast,
        (),
        distractors,
        sample_reactions(1, GROWN, ()),
    )
    for t in (0.7, 1.3, 1.95, 2.3, 2.8):
        z = float(FRAME.z(t))
        axis = np.arange(-180.0, 180.0, 2.0)
        canvas = Canvas(Pixels(axis, axis), CtPalette(100), z, (z,))
        painter.paint(canvas)
        assert canvas.segments.any()
        assert not canvas.thrombi.any()


def test_a_reaction_and_a_clot_change_nothing_far_from_the_vein() -> None:
    vessel = vein(4.0)
    thrombi = clot(0.95)
    strands = (Stranding(vessel.name, Z - 60, Z + 60, 1.0, 8.0, 1),)
    contrast = Contrast(0.0, {vessel.name: (1.0,) * 40})
    offsets = np.arange(-20, 20, 0.5)
    values = []
    for found, reactions in (((), None), (thrombi, Reactions(stranding=strands))):
        painter = Painter(
            _Fat(FRAME.person, FRAME),
            _NoBones(FRAME),
            Vessels((vessel,)),
            contrast,
            found,
            reactions=reactions,
        )
        canvas = Canvas(Pixels(X + offsets, Y + offsets), CtPalette(120), Z, (Z,))
        painter.paint(canvas)
        values.append(canvas.value)
    away = np.hypot(offsets, offsets[:, None]) > 4 * 1.0 + 8.0 + 4.0
    assert np.array_equal(values[0][away], values[1][away])
    near = ~away
    assert not np.array_equal(values[0][near], values[1][near])
