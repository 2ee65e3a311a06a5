from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from deepvein.anatomy.veins import Side
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import DEFAULT, sample_person
from deepvein.phantoms.shapes.tube import Float
from deepvein.phantoms.vessels.leg import Leg
from deepvein.phantoms.vessels.vessel import AXIS

PERSON = sample_person(6)


def leg(side: Side = Side.LEFT, age: float = 60.0) -> Leg:
    return Leg(Frame(replace(PERSON, age_years=age)), side, DEFAULT)


def test_the_pieces_of_the_axis_are_one_course() -> None:
    by_name = {v.name: v for v in leg().vessels()}
    pieces = [by_name[f"left {name}"] for name in AXIS]
    for below, above in itertools.pairwise(pieces):
        # They overlap, and where they do they are the same vein.
        assert above.tube.low_mm < below.tube.high_mm
        z = np.linspace(above.tube.low_mm, below.tube.high_mm, 5)
        assert np.allclose(below.tube.centre(z), above.tube.centre(z), atol=1e-6)
        assert below.drains_into == above.name


def test_iliac_arteries_wind_in_the_old_and_nothing_else_moves() -> None:
    frame = Frame(PERSON)

    def artery(age: float) -> Float:
        tube = next(v for v in leg(age=age).vessels() if v.name == "left femoral artery").tube
        z = np.linspace(float(frame.z(0.9)), float(frame.z(2.9)), 200)
        return np.asarray(tube.centre(z))

    apart = np.linalg.norm(artery(85.0) - artery(45.0), axis=1)
    t = np.linspace(float(frame.z(0.9)), float(frame.z(2.9)), 200)
    legs, pelvis = t < float(frame.z(2.0)), t > float(frame.z(2.2))
    assert apart[legs].max() < 1e-6
    assert 1.0 < apart[pelvis].max() < 15.0


def test_valves_widen_the_femoral_vein_in_places() -> None:
    vein = next(v for v in leg().vessels() if v.name == "left femoral").tube
    radius = np.sqrt(vein.nodes[:, 2] * vein.nodes[:, 3])
    smooth = np.convolve(radius, np.ones(15) / 15, "valid")
    assert (radius[7:-7] / smooth).max() > 1.06
