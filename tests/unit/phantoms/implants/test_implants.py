from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue
from deepvein.anatomy.veins import Side
from deepvein.core.errors import SettingsError
from deepvein.phantoms.ct.scanner import CtPalette
from deepvein.phantoms.implants.implants import Implants, ImplantSettings, sample_implants
from deepvein.phantoms.person.bones import Bones
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.shapes.canvas import Canvas
from deepvein.phantoms.shapes.tube import Pixels

PERSON = replace(sample_person(3), age_years=85.0)
FRAME = Frame(PERSON)
ALWAYS = ImplantSettings(1.0, 1.0, 0.0, 1.0)
EDGE = np.arange(-200, 200, 2.0)


def canvas_at(z: float) -> Canvas:
    return Canvas(Pixels(EDGE, EDGE), CtPalette(120), z, (z,))


def painted(implants: Implants, t: float, up_mm: float = 0.0) -> Canvas:
    canvas = canvas_at(float(FRAME.z(t)) + up_mm)
    Bones(FRAME).paint(canvas)
    implants.paint(canvas)
    return canvas


def test_about_eight_percent_of_studies_hold_metal_and_the_old_most() -> None:
    people = [sample_person(seed) for seed in range(1200)]
    with_metal = [bool(sample_implants(p.seed, p, FRAME).items) for p in people]
    assert 0.055 < np.mean(with_metal) < 0.11
    age = np.array([p.age_years for p in people])
    found = np.array(with_metal)
    assert found[age > 70].mean() > 2 * found[age < 50].mean()


def test_kinds_and_sides_occur_and_the_same_seed_gives_the_same() -> None:
    settings = ImplantSettings(0.5, 0.5, 0.8, 0.3)
    kinds = set()
    for seed in range(60):
        one, other = (sample_implants(seed, PERSON, FRAME, settings) for _ in range(2))
        assert [(i.kind, i.side) for i in one.items] == [(i.kind, i.side) for i in other.items]
        kinds |= {(i.kind, i.side) for i in one.items}
    assert len({kind for kind, _ in kinds}) == 7
    assert {side for _, side in kinds} == {Side.LEFT, Side.RIGHT}
    young = replace(PERSON, age_years=30.0)
    assert not sample_implants(1, young, FRAME, replace(settings, fixation_share=0.0)).items


def test_a_knee_arthroplasty_has_condyles_insert_tray_and_keel() -> None:
    knees = Implants(
        tuple(i for i in sample_implants(4, PERSON, FRAME, ALWAYS).items if i.kind == "knee")
    )
    assert len(knees.items) == 2
    area = {}
    for up in (-140.0, -30.0, -10.0, 4.0, 20.0, 45.0, 70.0):
        canvas = painted(knees, 1.0, up)
        area[up] = int(canvas.metal.sum()) * 4 / 2
        assert not (canvas.metal & canvas.bones).any()
        assert (canvas.value[canvas.metal > 0] > 1000).all()
    assert area[-30.0] < 500  # a keel and fins
    assert area[4.0] > 700  # two condyles
    assert 150 < area[20.0] < area[4.0]  # shells around bone
    assert 0 < area[45.0] < 400  # the flange
    assert area[70.0] == area[-140.0] == 0
    insert = painted(knees, 1.0, -4.0)
    at = insert.metal == 0
    assert ((insert.value > -110) & (insert.value < -40) & at).sum() * 4 > 2 * 1500


def test_a_hip_arthroplasty_replaces_head_and_neck() -> None:
    hips = Implants(
        tuple(i for i in sample_implants(4, PERSON, FRAME, ALWAYS).items if i.kind == "hip")
    )
    head = painted(hips, 2.0)
    assert 2 * 400 < head.metal.sum() * 4 < 2 * 2600
    for side in (Side.RIGHT, Side.LEFT):
        (x,), (y,) = FRAME.place(side, 2.0, -8, -38)
        column, row = np.abs(EDGE - x).argmin(), np.abs(EDGE - y).argmin()
        assert head.metal[row, column] == 1
    stem = painted(hips, 1.75)
    assert 2 * 60 < stem.metal.sum() * 4 < 2 * 300
    assert painted(hips, 1.4).metal.sum() == 0


def test_metal_reads_as_metal_and_nobody_s_canvas_changes_without() -> None:
    canvas = painted(sample_implants(4, PERSON, FRAME, ALWAYS), 2.0)
    assert canvas.value.max() == pytest.approx(CtPalette(120).tissue(Tissue.METAL))
    plain = painted(Implants(), 2.0)
    bare = canvas_at(float(FRAME.z(2.0)))
    Bones(FRAME).paint(bare)
    assert np.array_equal(plain.value, bare.value)


def test_shares_outside_zero_to_one_are_refused() -> None:
    with pytest.raises(SettingsError, match="hip_share_at_80"):
        ImplantSettings(hip_share_at_80=1.2)
