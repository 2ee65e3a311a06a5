"""CT and MR studies of both knees from plain geometry: nothing in them comes from `deepvein.phantoms`.

Models that learn from a generator learn its hand too. These legs share none of its shapes, tissues' values,
noise or code: outlines, muscles and bones are ellipses, vessels wander by sums of sines. They are a test,
never training material. Sizes follow a manually labelled knee: popliteal vein 6.0 mm (3.1 to 9.4) in
equivalent diameter, popliteal artery 6.9 mm, saphenous veins 2.4 and 3.2 mm, artery and vein 6 mm apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.seeds import generator
from deepvein.studies.study import Modality
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

Float = NDArray[np.float64]

_GRAIN_PX = 0.8


@dataclass(frozen=True)
class Tissues:
    """Values in Hounsfield units, or signal. muscle_sd: from one muscle to the next."""

    air: float = -1000.0
    fat: float = -98.0
    muscle: float = 62.0
    muscle_sd: float = 3.0
    cortex: float = 780.0
    marrow: float = 140.0
    patella: float = 450.0
    wall: float = 50.0


@dataclass(frozen=True)
class KneeSettings:
    """slices, spacing_mm (slice, row, column), rows and columns as they are painted, axially. vein: range of
    opacified veins; artery: of what arteries are brighter; noise: its SD; thrombus: by age; in Hounsfield
    units, or signal. length_mm: range of thrombi's lengths. mr: magnitudes, unevenly bright, stored in
    coronal slices."""

    slices: tuple[int, int] = (60, 120)
    spacing_mm: tuple[float, float, float] = (2.0, 0.8, 0.8)
    rows: int = 200
    columns: int = 420
    tissues: Tissues = Tissues()
    vein: tuple[float, float] = (95.0, 140.0)
    artery: tuple[float, float] = (-5.0, 20.0)
    noise: float = 9.0
    thrombus: tuple[float, float] = (57.0, 40.0)
    length_mm: tuple[float, float] = (30.0, 80.0)
    mr: bool = False


KNEES = {
    Modality.CT: KneeSettings(),
    # Over muscle: veins 1.9 to 2.4, acute thrombi 1.0, chronic ones 0.7, what is left of the fat 0.3.
    Modality.MR: KneeSettings(
        slices=(110, 190),
        spacing_mm=(1.2, 1.6, 0.95),
        rows=100,
        columns=354,
        tissues=Tissues(0.0, 90.0, 300.0, 12.0, 15.0, 120.0, 140.0, 275.0),
        vein=(570.0, 720.0),
        artery=(-30.0, 130.0),
        noise=26.0,
        thrombus=(300.0, 210.0),
        mr=True,
    ),
}
"""Both knees as either modality shows them."""


@dataclass(frozen=True, eq=False)
class Knees:
    """image: int16 Hounsfield units, or signal. veins: uint8, encoded segments of the deep veins. thrombi:
    uint8, 1 where the thrombus lies. acute: None in healthy knees."""

    name: str
    image: Volume
    veins: Volume
    thrombi: Volume
    acute: bool | None


def knees(number: int, settings: KneeSettings = KNEES[Modality.CT]) -> Knees:
    """Study `number`: of four in a row two are healthy, one has an acute and one a chronic thrombus."""
    rng = generator(number, "second opinion", "knees")
    acute = {1: True, 3: False}.get(number % 4)
    n = int(rng.integers(settings.slices[0], settings.slices[1] + 1))
    shape = (n, settings.rows, settings.columns)
    dz, dy, dx = settings.spacing_mm
    origin = (
        -dx * (settings.columns - 1) / 2,
        -dy * settings.rows / 2,
        float(rng.uniform(-900, 0)),
    )
    grid = Grid.from_directions(shape, settings.spacing_mm, origin)
    x: Float = -dx * (settings.columns - 1) / 2 + dx * np.arange(settings.columns, dtype=np.float64)
    y: Float = -dy * settings.rows / 2 + dy * np.arange(settings.rows, dtype=np.float64)
    z: Float = dz * (np.arange(n, dtype=np.float64) - n / 2)
    value = np.full(shape, settings.tissues.air, np.float32)
    veins, thrombi = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    ill = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
    vein = float(rng.uniform(*settings.vein))
    for side in (Side.RIGHT, Side.LEFT):
        easel = _Easel(value, x, y, z, side, dx)
        _limb(rng, easel, settings.tissues)
        clot = acute if side is ill else None
        _vessels(rng, easel, vein, veins, thrombi, clot, settings)
    if settings.mr:
        value *= _coils(rng, z, x)
        other = np.zeros_like(value)
        _noisy(rng, other, settings.noise)
    _noisy(rng, value, settings.noise)
    if settings.mr:
        value = np.sqrt(value * value + other * other)
    image = np.clip(np.rint(value), -1024, 3071).astype(np.int16)
    volumes = [Volume(array, grid) for array in (image, veins, thrombi)]
    if settings.mr:
        turned = [orient(one, CORONAL) for one in volumes]
        volumes = [Volume(np.ascontiguousarray(one.array), one.grid) for one in turned]
    return Knees(f"knees-{number:03d}", volumes[0], volumes[1], volumes[2], acute)


@dataclass(frozen=True, eq=False)
class _Easel:
    value: NDArray[np.float32]
    x: Float
    y: Float
    z: Float
    side: Side
    pixel_mm: float

    def ellipses(self, x: Float, y: Float, rx: Float, ry: Float) -> NDArray[np.float32]:
        """(slices, rows, columns) part of each pixel inside one ellipse a slice; x to the outside."""
        out = np.zeros(self.value.shape, np.float32)
        outwards = 1.0 if self.side is Side.LEFT else -1.0
        for k in range(len(self.z)):
            if rx[k] <= 0 or ry[k] <= 0:
                continue
            u = (self.x[None, :] - outwards * x[k]) / rx[k]
            v = (self.y[:, None] - y[k]) / ry[k]
            q = np.sqrt(u * u + v * v)
            slope = np.sqrt((u / rx[k]) ** 2 + (v / ry[k]) ** 2) / np.maximum(q, 1e-6)
            out[k] = np.clip(0.5 - (q - 1) / np.maximum(slope, 1e-6) / self.pixel_mm, 0, 1)
        return out

    def lay(self, part: NDArray[np.float32], hu: float | NDArray[np.float32]) -> None:
        self.value[...] += part * (hu - self.value)


def _limb(rng: np.random.Generator, easel: _Easel, tissues: Tissues) -> None:
    z = easel.z
    half, deep = rng.uniform(50, 66), rng.uniform(52, 70)
    taper = 1 + rng.uniform(0.0005, 0.0016) * z
    middle = np.full(len(z), 82.0 + rng.uniform(-4, 4))
    easel.lay(easel.ellipses(middle, 0 * z, half * taper, deep * taper), tissues.fat)
    skin = rng.uniform(5, 14)
    for ux, uy, size in (
        (-0.45, 0.35, 0.44), (0.45, 0.35, 0.42), (-0.5, -0.15, 0.34), (0.5, -0.15, 0.32),
        (0.0, -0.45, 0.4), (0.12, 0.6, 0.26),
    ):  # fmt: skip
        wobble = 3 * _sines(rng, z)
        rx = (half - skin) * taper * size * rng.uniform(0.85, 1.1)
        ry = (deep - skin) * taper * size * rng.uniform(0.85, 1.1)
        shrink = np.clip(np.abs(z) / 25 + 0.55, 0, 1)
        part = easel.ellipses(
            middle + ux * (half - skin) + wobble,
            uy * (deep - skin) + wobble,
            rx * shrink,
            ry * shrink,
        )
        easel.lay(part, tissues.muscle + tissues.muscle_sd * float(rng.normal()))
    swell = 15 + 20 * np.exp(-((z / 28) ** 2))
    bone = easel.ellipses(middle, -0.12 * deep + 0 * z, swell * 1.15, swell)
    easel.lay(bone, tissues.cortex)
    core = np.maximum(swell - 2.5, 1)
    easel.lay(easel.ellipses(middle, -0.12 * deep + 0 * z, core * 1.15, core), tissues.marrow)
    cap = np.sqrt(np.maximum(0, 1 - ((z - 12) / 22) ** 2))
    easel.lay(easel.ellipses(middle, -0.72 * deep + 0 * z, 20 * cap, 9 * cap), tissues.patella)


def _vessels(
    rng: np.random.Generator,
    easel: _Easel,
    vein: float,
    veins: NDArray[np.uint8],
    thrombi: NDArray[np.uint8],
    acute: bool | None,
    settings: KneeSettings,
) -> None:
    z, tissues = easel.z, settings.tissues
    behind = 26.0 + rng.uniform(-4, 6)
    artery_x, artery_y = 82 + 3 * _sines(rng, z), behind + 3 * _sines(rng, z)
    turn = rng.uniform(0, 6.28) * 0.15 + 0.01 * z
    apart = rng.uniform(6.5, 9)
    vein_x, vein_y = artery_x + apart * np.sin(turn), artery_y + apart * np.cos(turn)
    wide = rng.uniform(2.4, 4.6) * (1 + 0.15 * _sines(rng, z))
    flat = np.exp(0.2 * _sines(rng, z) + 0.2)
    label = encode(VeinSegment.POPLITEAL, easel.side)
    small = rng.uniform(1.2, 1.9)
    for dx, dy in ((-35, 38), (5, 47)):
        part = easel.ellipses(
            82 + dx + 2 * _sines(rng, z), dy + 2 * _sines(rng, z), small + 0 * z, small + 0 * z
        )
        easel.lay(part, 0.85 * vein)
    r = rng.uniform(2.6, 3.8)
    easel.lay(easel.ellipses(artery_x, artery_y, r + 2.5 + 0 * z, r + 2.5 + 0 * z), tissues.fat)
    easel.lay(easel.ellipses(vein_x, vein_y, wide * flat + 2.5, wide / flat + 2.5), tissues.fat)
    easel.lay(easel.ellipses(artery_x, artery_y, r + 1 + 0 * z, r + 1 + 0 * z), tissues.wall)
    easel.lay(
        easel.ellipses(artery_x, artery_y, r + 0 * z, r + 0 * z),
        vein + float(rng.uniform(*settings.artery)),
    )
    clot, fill, aside = np.zeros(len(z)), 1.0, 0.0
    if acute is not None:
        length = min(float(rng.uniform(*settings.length_mm)), 0.8 * (z[-1] - z[0]))
        middle = rng.uniform(z[0] + length / 2, z[-1] - length / 2)
        clot = np.sqrt(np.clip(1 - ((z - middle) / (length / 2)) ** 4, 0, 1))
        fill = float(rng.uniform(0.8, 1.0) if acute else rng.uniform(0.55, 0.95))
        aside = 0.0 if acute else float(rng.uniform(0.3, 1.0))
        wide = wide * (1 + (0.3 if acute else -0.1) * clot)
    rx, ry = wide * flat, wide / flat
    easel.lay(easel.ellipses(vein_x, vein_y, rx + 0.7, ry + 0.7), tissues.wall)
    lumen = easel.ellipses(vein_x, vein_y, rx, ry)
    easel.lay(lumen, vein)
    veins[lumen >= 0.5] = label
    if acute is not None:
        size = clot * fill
        off = (1 - fill) * aside * rx
        part = np.minimum(lumen, easel.ellipses(vein_x + off, vein_y, rx * size, ry * size))
        easel.lay(part, settings.thrombus[0 if acute else 1])
        thrombi[part >= 0.5] = 1


def _sines(rng: np.random.Generator, z: Float) -> Float:
    """A smooth curve between about -1 and 1."""
    out: Float = sum(
        (
            rng.uniform(-0.5, 0.5) * np.sin(z / rng.uniform(12, 60) + rng.uniform(0, 6.28))
            for _ in range(3)
        ),
        start=np.zeros(len(z)),
    )
    return out


def _coils(rng: np.random.Generator, z: Float, x: Float) -> NDArray[np.float32]:
    """(slices, 1, columns) how bright coils make a place, about 1."""
    along, across = (1 + 0.25 * _sines(rng, 3 * place) for place in (z, x))
    return (along[:, None, None] * across).astype(np.float32)


def _noisy(rng: np.random.Generator, value: NDArray[np.float32], sd: float) -> None:
    from scipy.ndimage import gaussian_filter

    for number in range(len(value)):
        noise = gaussian_filter(rng.standard_normal(value.shape[1:]), _GRAIN_PX)
        value[number] += (sd / noise.std()) * noise
