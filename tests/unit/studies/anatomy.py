"""Cross-sections of bodies, drawn with ellipses."""

from __future__ import annotations

import numpy as np

from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

SHAPE, SPACING = (40, 120, 150), (6.0, 3.0, 3.0)


def _ellipse(centre, radii):
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]] * 3.0
    return ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 <= 1


def volume(plane, noise=10.0):
    rng = np.random.default_rng(0)
    array = np.tile(plane[None], (SHAPE[0], 1, 1)) + rng.normal(0, noise, SHAPE)
    return Volume(
        np.clip(array, -1024, 3000).astype(np.int16), Grid.from_directions(SHAPE, SPACING)
    )


def legs(vein_hu=150.0, table=True):
    plane = np.full(SHAPE[1:], -1000.0)
    if table:
        plane[100:102, 10:140] = 200
    for centre in (125.0, 325.0):
        plane[_ellipse((170, centre), (85, 85))] = -100
        plane[_ellipse((170, centre), (70, 70))] = 55
        plane[_ellipse((170, centre), (15, 15))] = 1200
        plane[_ellipse((170, centre), (9, 9))] = -50
        plane[_ellipse((130, centre + 20), (7, 7))] = vein_hu
    return plane


def chest():
    plane = np.full(SHAPE[1:], -1000.0)
    plane[_ellipse((170, 225), (120, 170))] = 40
    for centre in (150.0, 300.0):
        plane[_ellipse((165, centre), (75, 55))] = -800
    return plane


def head():
    plane = np.full(SHAPE[1:], -1000.0)
    plane[_ellipse((170, 225), (95, 75))] = 40
    plane[_ellipse((170, 225), (90, 70))] = 1000
    plane[_ellipse((170, 225), (82, 62))] = 35
    return plane


def trunk():
    plane = np.full(SHAPE[1:], -1000.0)
    plane[_ellipse((170, 225), (110, 170))] = -100
    plane[_ellipse((170, 225), (90, 150))] = 50
    plane[_ellipse((140, 160), (20, 20))] = -900
    plane[_ellipse((230, 225), (20, 20))] = 500
    return plane


def coronal(made):
    return orient(made, CORONAL)


def axial(made):
    return orient(made, AXIAL)
