"""A scene as one study shows it: blood, thrombi, unmixed blood and scanner drawn anew each time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepvein.examples.courses.blood import drawn_level, drawn_stream
from deepvein.examples.courses.clots import DrawnClot, drawn_clot, drawn_length_mm
from deepvein.examples.courses.frame import SIZE, Frame, drawn_frame, wave
from deepvein.examples.courses.look import Look, normalised
from deepvein.examples.courses.lumen import Lumen, covered
from deepvein.examples.courses.scene import Scene
from deepvein.studies.soft_tissue import soft_tissue
from deepvein.studies.study import Modality

Float32 = NDArray[np.float32]

_WALL_MM = 0.8
_LEAST_PIXELS = 3


@dataclass(frozen=True, eq=False)
class ShownCourse:
    """n sections of one vein.

    picture: (n, SIZE, SIZE) float32, soft tissue near 0 and opacified veins near 1. vein: float32, what a
    first stage would give as the probability of a deep vein. clot: bool, the thrombus. thrombus, artefact:
    (n,) float32 whether a section shows one: 1, 0, or NaN where it does not count.
    """

    picture: Float32
    vein: Float32
    clot: NDArray[np.bool_]
    thrombus: Float32
    artefact: Float32


def show(rng: np.random.Generator, scene: Scene, look: Look) -> ShownCourse:
    """One vein as a study of that look shows it."""
    n = len(scene.z_mm)
    frame = drawn_frame(rng, n)
    grain = _grain(rng, n)
    size = np.float32(rng.uniform(0.75, 1.3)) * (1 + 0.08 * wave(rng, n, 1, 12)[:, 0])
    lumen = Lumen(_shapes(scene), frame).grown(np.maximum(size, 0.4))
    clots = _clots(rng, n)
    widening = np.ones(n, np.float32)
    for clot in clots:
        widening = widening * clot.widening
    lumen = lumen.grown(widening)
    values, deep_part = _surroundings(rng, scene, look, frame)
    inside = covered(lumen.distance())
    wall = covered(lumen.distance() - np.float32(_WALL_MM)) - inside
    opacified, unmixed = _blood(rng, n, lumen, grain, look)
    values += wall.clip(0, 1) * (_wall(clots, look)[:, None, None] - values)
    filled = np.zeros_like(values)
    blood = opacified
    for clot in clots:
        part = np.minimum(clot.part(lumen, grain), inside)
        value = look.clot_value(rng, clot.acute) + clot.uneven * look.unit * grain
        value = value + clot.uptake * (opacified - look.blood)
        blood = blood + np.divide(part, inside, out=np.zeros_like(part), where=inside > 0.02) * (
            value - blood
        )
        filled = np.maximum(filled, part)
    values += inside * (blood - values)
    picture = look.scanner.scan(rng, values) * np.float32(look.gain)
    if look.modality is Modality.MR:
        picture /= np.float32(soft_tissue(picture, look.modality) or 1.0)
    truth = look.scanner.through_slices(filled)
    vein = _first_stage(rng, lumen, deep_part, filled, unmixed)
    return ShownCourse(
        picture=normalised(picture, look.modality),
        vein=vein,
        clot=truth >= 0.5,
        thrombus=_counted((truth >= 0.5).sum(axis=(1, 2)), scene.shown),
        artefact=(unmixed > 0.25).astype(np.float32),
    )


def cropped(rng: np.random.Generator, scene: Scene, sections: int) -> slice:
    """Which of a scene's sections a study covers: mostly as many as fit, in one of three only a part."""
    n = len(scene.z_mm)
    length = min(n, sections)
    if rng.random() < 0.35:
        length = int(rng.integers(min(16, length), length + 1))
    start = int(rng.integers(0, n - length + 1))
    return slice(start, start + length)


def part_of(scene: Scene, where: slice) -> Scene:
    """The sections of a scene that `where` takes."""
    names = ("tissue", "arteries", "deep", "other", "ellipse", "z_mm", "shown")
    return replace(scene, **{name: getattr(scene, name)[where] for name in names})


def _shapes(scene: Scene) -> Float32:
    """(n, 3) a, b, c of the lumens; a circle of 1 mm where the vein has no section."""
    shape = scene.ellipse[:, 2:].copy()
    shape[shape[:, 0] <= 0] = (1, 0, 1)
    return shape


def _clots(rng: np.random.Generator, n: int) -> list[DrawnClot]:
    number = int(rng.choice([0, 1, 2, 3], p=[0.45, 0.35, 0.15, 0.05]))
    return [drawn_clot(rng, n, drawn_length_mm(rng), rng.uniform(-3, n + 3)) for _ in range(number)]


def _grain(rng: np.random.Generator, n: int) -> Float32:
    from scipy.ndimage import gaussian_filter

    coarse = rng.uniform(1.0, 2.5)
    noise = rng.standard_normal((n, SIZE, SIZE), dtype=np.float32)
    noise = gaussian_filter(noise, (coarse, coarse, coarse))
    out: Float32 = noise / max(float(noise.std()), 1e-6)
    return out


def _surroundings(
    rng: np.random.Generator, scene: Scene, look: Look, frame: Frame
) -> tuple[Float32, Float32]:
    """Values of everything but the vein, and the other deep veins' part."""
    painted = frame.seen(scene.tissue)
    values = look.tissue(_strange(rng, painted.shape) if look.strange else painted)
    arteries, deep, other = (
        frame.seen(plane) * np.float32(1 / 255)
        for plane in (scene.arteries, scene.deep, scene.other)
    )
    for part, opacified, spread in (
        (other, look.vein, 0.45),
        (deep, look.vein, 0.2),
        (arteries, look.artery, 0.03),
    ):
        share = np.clip(rng.normal(1 - spread / 2, spread / 2), 0, 1.2)
        share = 0.0 if rng.random() < 0.06 else share
        values += part * (np.float32(look.blood + share * (opacified - look.blood)) - values)
    return values, deep


def _strange(rng: np.random.Generator, shape: tuple[int, ...]) -> Float32:
    """Fat, muscle and bone where smooth noise is low, middling or high."""
    from scipy.ndimage import gaussian_filter

    coarse = rng.uniform(2.5, 6.0)
    noise = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), (4.0, coarse, coarse))
    noise /= max(float(noise.std()), 1e-6)
    fat, bone = rng.normal(0, 0.8), rng.uniform(1.2, 3.0)
    out: Float32 = np.full(shape, -100 + rng.normal(0, 10), np.float32)
    out += covered((np.float32(fat) - noise) * np.float32(coarse)) * np.float32(
        155 + rng.normal(0, 8)
    )
    out += covered((np.float32(bone) - noise) * np.float32(coarse)) * np.float32(
        rng.uniform(150, 900)
    )
    return out


def _blood(
    rng: np.random.Generator, n: int, lumen: Lumen, grain: Float32, look: Look
) -> tuple[Float32, Float32]:
    """Values (n, rows, columns) of the blood, and (n,) how unmixed it is."""
    level = drawn_level(rng, n)
    missing = np.zeros(grain.shape, np.float32)
    for _ in range(int(rng.poisson(1.8))):
        missing = np.maximum(missing, drawn_stream(rng, n).missing(lumen, grain))
    inside = lumen.distance() < 0
    counts = inside.sum(axis=(1, 2))
    unmixed = (missing * inside).sum(axis=(1, 2)) / np.maximum(counts, 1)
    share = level[:, None, None] * (1 - missing)
    return look.enhanced(share), unmixed


def _wall(clots: list[DrawnClot], look: Look) -> Float32:
    """(n,) values of the vein's wall, brighter where it enhances around a thrombus."""
    if not clots:
        return np.array([look.wall], np.float32)
    bright = look.enhanced(0.75)
    rims = [clot.rim * (clot.fill > 0) for clot in clots]
    rim = np.max(rims, axis=0).astype(np.float32)
    out: Float32 = (look.wall + rim * (bright - look.wall)).astype(np.float32)
    return out


def _counted(pixels: NDArray[np.integer], shown: NDArray[np.bool_]) -> Float32:
    truth = (pixels >= _LEAST_PIXELS).astype(np.float32)
    truth[(pixels > 0) & (pixels < _LEAST_PIXELS) | ~shown] = np.nan
    return truth


def _first_stage(
    rng: np.random.Generator, lumen: Lumen, deep: Float32, filled: Float32, unmixed: Float32
) -> Float32:
    """A vein segmenter's probability, with its faults: too wide or narrow, aside, gone where the vein is
    thrombosed, unopacified or small, for a stretch or all over."""
    from scipy.ndimage import gaussian_filter

    n = len(deep)
    factor = np.clip(rng.uniform(0.75, 1.25) + 0.1 * wave(rng, n, 1, 8)[:, 0], 0.4, 1.6)
    aside = 0.15 * wave(rng, n, 2, 10)
    out = covered(lumen.distance(factor.astype(np.float32), aside))
    seen = np.ones(n, np.float32)
    if rng.random() < 0.5:
        seen *= 1 - np.float32(rng.uniform(0.2, 1.0)) * (filled.max(axis=(1, 2)) > 0.5)
    if rng.random() < 0.4:
        seen *= 1 - np.float32(rng.uniform(0.2, 1.0)) * (unmixed > 0.3)
    for _ in range(int(rng.poisson(0.8))):
        begin, length = int(rng.integers(n)), int(rng.integers(2, 25))
        seen[begin : begin + length] *= np.float32(rng.uniform(0, 0.5))
    if rng.random() < 0.06:
        seen *= np.float32(rng.uniform(0, 0.3))
    out = np.maximum(out * seen[:, None, None], deep * np.float32(rng.uniform(0.2, 1.0)))
    blur = rng.uniform(0.4, 1.3)
    out = gaussian_filter(out, (rng.uniform(0.2, 1.0), blur, blur))
    out = out + 0.08 * wave(rng, n, 1, 2)[:, :, None] * out
    # Networks are surer than a blur is.
    sharp = rng.uniform(1.0, 2.5)
    clipped: Float32 = np.clip((out - 0.5) * np.float32(sharp) + 0.5, 0, 1) * (out > 0.03)
    return clipped.astype(np.float32)
