"""The vessels of one leg, grown along the courses of the reference adult."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.core.seeds import generator
from deepvein.phantoms.person.frame import Frame, Key
from deepvein.phantoms.person.outline import LegOutline, wobble
from deepvein.phantoms.person.population import PopulationSettings
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.shapes.tube import STEP_MM, Float, Tube, hermite
from deepvein.phantoms.vessels import courses
from deepvein.phantoms.vessels.perforators import perforators_of
from deepvein.phantoms.vessels.valves import bulged, sample_valves
from deepvein.phantoms.vessels.vessel import AXIS, Vessel

Keys = Sequence[Key]

_OVERLAP_MM = 8.0
_BESIDE = ((7.5, 3.5), (-6.5, 5.0), (5.5, 6.5))
"""Where a second vein lies from the first (u, v)."""


@dataclass(frozen=True, eq=False)
class Leg:
    """The vessels of a side; veins of the deep axis are pieces of one tube."""

    frame: Frame
    side: Side
    settings: PopulationSettings

    @cached_property
    def _rng(self) -> np.random.Generator:
        return generator(self.frame.person.seed, "anatomy", "vessels", self.side.value)

    @cached_property
    def _calibre(self) -> float:
        person = self.frame.person
        # Left and right do not differ on average (Hertzberg 1997), in a person they do by a few per cent.
        own = draw.normal(self._rng, 1.0, 0.07, 0.82, 1.18)
        return round(person.vein_calibre * (0.5 + 0.5 * person.size) * own, 6)

    def vessels(self) -> list[Vessel]:
        seg = VeinSegment
        calibre = self._calibre
        out: list[Vessel] = []
        out += self._calf_pairs()
        for name, segment, keys, into in (
            ("gastrocnemius medial", seg.GASTROCNEMIUS, courses.MEDIAL_GASTROCNEMIUS, "popliteal"),
            (
                "gastrocnemius lateral",
                seg.GASTROCNEMIUS,
                courses.LATERAL_GASTROCNEMIUS,
                "popliteal",
            ),
            ("soleal medial", seg.SOLEAL, courses.MEDIAL_SOLEAL, "posterior tibial 1"),
            ("soleal lateral", seg.SOLEAL, courses.LATERAL_SOLEAL, "peroneal 1"),
        ):
            own = calibre * draw.lognormal(self._rng, 1.0, 0.22, 0.6, 1.7)
            out.append(
                self._vessel(name, segment, keys, into, own, self._bend(name, keys, 1.0), 0.5)
            )
        out += self._saphenous()
        deep = courses.DEEP_FEMORAL
        bend = self._bend("deep femoral", deep, 1.5)
        out.append(
            self._vessel("deep femoral", seg.DEEP_FEMORAL, deep, "common femoral", calibre, bend)
        )
        arm = courses.INTERNAL_ILIAC
        out.append(self._vessel("internal iliac", seg.INTERNAL_ILIAC, arm, "common iliac", calibre))
        out += self._doubles()
        out += self._axis()
        out += self._arteries()
        out += self._tributaries()
        names = {vessel.name.split(" ", 1)[1]: vessel for vessel in out}
        out += perforators_of(self.frame, self.side, names)
        return out

    def _vessel(
        self,
        name: str,
        segment: VeinSegment | None,
        keys: Keys,
        into: str,
        calibre: float,
        bend: Float | None = None,
        sheath_mm: float = 1.5,
    ) -> Vessel:
        tube = self.frame.tube(keys, self.side, calibre, True, bend)
        full = f"{self.side.value} {name}"
        if segment is not None:
            tube = self._with_valves(full, segment, _uneven(self.frame.person.seed, full, tube))
        target = into if into in ("IVC", "aorta", "") else f"{self.side.value} {into}"
        return Vessel(full, self.side, segment, tube, target, sheath_mm)

    def _with_valves(
        self, name: str, segment: VeinSegment, tube: Tube, low: float = -1e9, high: float = 1e9
    ) -> Tube:
        """The tube with the valves of a segment between two heights."""
        low, high = max(low, tube.low_mm), min(high, tube.high_mm)
        inside = tube.nodes[(tube.z_mm >= low) & (tube.z_mm <= high)]
        radius = float(np.sqrt(inside[:, 2] * inside[:, 3]).mean())
        seed = self.frame.person.seed
        return bulged(tube, sample_valves(seed, name, segment, low, high, round(radius, 6)))

    def _winding(self, keys: Keys) -> Float:
        """(nodes, 2) the iliac arteries of the old wind (M)."""
        amount = 0.11 * max(0.0, self.frame.person.age_years - 50)
        low = float(self.frame.z(keys[0][0]))
        t = self.frame.t(low + STEP_MM * np.arange(self.frame.node_count(keys)))
        part = np.interp(t, (2.06, 2.25, 2.75, 2.95), (0.0, 1.0, 1.0, 0.0))
        return self._bend("iliac winding", keys, amount) * part[:, None]

    def _bend(self, name: str, keys: Keys, amount_mm: float) -> Float:
        """(nodes, 2) a gentle tortuosity, a knot every 50 mm or so, that vanishes at both ends."""
        count = self.frame.node_count(keys)
        knots = max(4, int(count * 2 / 50) + 1)
        shape = wobble(self.frame.person.seed, f"{self.side.value} {name}", knots) * amount_mm
        return hermite(np.linspace(0, count - 1, knots), shape, np.arange(count))

    def _axis_keys(self) -> Keys:
        if self.side is Side.RIGHT:
            return courses.COMMON_ILIAC_RIGHT
        # Compressed between the right common iliac artery and the fifth lumbar vertebra by 35.5 % on
        # average and by half or more in 24 % (Kibbe, J Vasc Surg 2004); the circumference stays.
        rng = generator(self.frame.person.seed, "anatomy", "iliac compression")
        left = draw.normal(rng, 1 - 0.355, 0.19, 0.25, 1.0)
        wide = (2 - left * left) ** 0.5
        part = {2.72: 0.3, 2.84: 1.0, 2.95: 0.35}
        return [
            (t, u, v, r1 * (1 + part[t] * (wide - 1)), r2 * (1 + part[t] * (left - 1)), angle)
            if t in part
            else (t, u, v, r1, r2, angle)
            for t, u, v, r1, r2, angle in courses.COMMON_ILIAC_LEFT
        ]

    @cached_property
    def _axis_tube(self) -> Tube:
        keys = self._axis_keys()
        tube = self.frame.tube(keys, self.side, self._calibre, True, self._bend("axis", keys, 0.7))
        tube = _uneven(self.frame.person.seed, f"{self.side.value} axis", tube)
        for segment, t0, t1 in courses.AXIS_SEGMENTS:
            name = f"{self.side.value} {segment.name}"
            low, high = float(self.frame.z(t0)), float(self.frame.z(t1))
            tube = self._with_valves(name, segment, tube, low, high)
        return tube

    def _axis(self) -> list[Vessel]:
        into = (*AXIS[1:], "IVC")
        out = []
        for (segment, t0, t1), name, target in zip(courses.AXIS_SEGMENTS, AXIS, into, strict=True):
            low, high = float(self.frame.z(t0)), float(self.frame.z(t1))
            tube = _piece(self._axis_tube, low - _OVERLAP_MM, high)
            vein = target if target == "IVC" else f"{self.side.value} {target}"
            sheath = 3.0 if segment is VeinSegment.POPLITEAL else 2.0
            out.append(
                Vessel(f"{self.side.value} {name}", self.side, segment, tube, vein, sheath, low)
            )
        return out

    def _calf_pairs(self) -> list[Vessel]:
        out = []
        for name, segment, keys in (
            ("anterior tibial", VeinSegment.ANTERIOR_TIBIAL, courses.ANTERIOR_TIBIAL),
            ("posterior tibial", VeinSegment.POSTERIOR_TIBIAL, courses.POSTERIOR_TIBIAL),
            ("peroneal", VeinSegment.PERONEAL, courses.PERONEAL),
        ):
            bend = self._bend(name, keys, 0.8)
            du, dv = courses.PAIR_OFFSET[segment]
            for number, sign in ((1, 1.0), (2, -1.0)):
                # The pair closes up where it joins the popliteal vein.
                apart = [sign * (0.35 if k == len(keys) - 1 else 1.0) for k in range(len(keys))]
                own = [
                    (t, u + du * s, v + dv * s, a, b, g)
                    for (t, u, v, a, b, g), s in zip(keys, apart, strict=True)
                ]
                calibre = self._calibre * draw.lognormal(self._rng, 1.0, 0.18, 0.65, 1.5)
                out.append(
                    self._vessel(f"{name} {number}", segment, own, "popliteal", calibre, bend, 0.7)
                )
            artery = [
                (t, u, v, courses.COMPANION_ARTERY[segment], courses.COMPANION_ARTERY[segment], 0.0)
                for t, u, v, _, _, _ in keys
            ]
            artery[-1] = (artery[-1][0], 2.0, 10.5, *artery[-1][3:])
            size = self.frame.person.size
            out.append(
                self._vessel(f"{name} artery", None, artery, "femoral artery", size, bend, 0.5)
            )
        return out

    def _saphenous(self) -> list[Vessel]:
        out = []
        for name, segment, path, arch, into in (
            (
                "great saphenous",
                VeinSegment.GREAT_SAPHENOUS,
                courses.GREAT_SAPHENOUS,
                courses.GREAT_SAPHENOUS_ARCH,
                "common femoral",
            ),
            (
                "small saphenous",
                VeinSegment.SMALL_SAPHENOUS,
                courses.SMALL_SAPHENOUS,
                courses.SMALL_SAPHENOUS_ARCH,
                "popliteal",
            ),
        ):
            depth = draw.uniform(self._rng, 0.2, 0.42)
            keys = [self._under_skin(t, angle, r, depth) for t, angle, r in path]
            calibre = self._calibre * draw.lognormal(self._rng, 1.0, 0.18, 0.7, 1.7)
            keys += list(arch)
            bend = self._bend(name, keys, 1.2)
            out.append(self._vessel(name, segment, keys, into, calibre, bend, 0.0))
        return out

    def _tributaries(self) -> list[Vessel]:
        """The posterior arch vein of the calf and the anterior accessory saphenous vein of the thigh."""
        out = []
        for name, path, present in (
            ("posterior arch", courses.POSTERIOR_ARCH, 0.85),
            ("anterior accessory saphenous", courses.ANTERIOR_ACCESSORY, 0.375),
        ):
            rng = generator(self.frame.person.seed, "anatomy", self.side.value, name)
            there, depth = draw.chance(rng, present), draw.uniform(rng, 0.3, 0.6)
            calibre = self._calibre * draw.lognormal(rng, 1.0, 0.25, 0.6, 1.6)
            keys = [self._under_skin(t, angle, r, depth) for t, angle, r in path]
            bend = self._bend(name, keys, 1.5)
            vein = self._vessel(name, None, keys, "great saphenous", calibre, bend, 0.0)
            if there:
                out.append(replace(vein, unnamed_vein=True))
        return out

    def _under_skin(self, t: float, angle: float, r: float, depth: float) -> Key:
        outline = LegOutline(self.frame, self.side)
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        reach = float(outline.fascia(t, cos, sin)) + depth * float(outline.fat(t, cos, sin))
        reach /= self.frame.scale(self.side)
        return (t, reach * float(cos), reach * float(sin), r, r, 0.0)

    def _doubles(self) -> list[Vessel]:
        """A second femoral or popliteal vein beside the first over part of its length."""
        rng, p = self._rng, self.frame.person
        out = []
        # Femoral: lengths 1 to 35 cm, most 6 to 15 cm; it begins in mid-thigh in 52 % and in the
        # adductor canal in 30 %. Two popliteal veins in 42 %, a true duplication in 5 % (Quinlan,
        # Radiology 2003, 404 bilateral venograms); the others join late above the calf.
        present = draw.chance(rng, self.settings.duplicated_femoral)
        length = draw.lognormal(rng, 110.0, 0.6, 10.0, 350.0) / p.femur_mm
        low, high = draw.choose(rng, ((1.31, 1.42), (1.42, 1.64), (1.64, 1.82)), (0.30, 0.52, 0.18))
        start, beside = draw.uniform(rng, low, high), draw.choose(rng, _BESIDE, (3, 2, 2))
        if present:
            end = min(start + max(length, 0.03), 1.87)
            out.append(self._double("femoral", VeinSegment.FEMORAL, start, end, beside))
        present = draw.chance(rng, self.settings.two_popliteal)
        true = draw.chance(rng, 0.05 / 0.42)
        end = 1.28 if true else draw.uniform(rng, 0.97, 1.13)
        beside = draw.choose(rng, _BESIDE, (3, 2, 2))
        if present:
            out.append(self._double("popliteal", VeinSegment.POPLITEAL, 0.87, end, beside))
        return out

    def _double(
        self, name: str, segment: VeinSegment, low: float, high: float, beside: tuple[float, float]
    ) -> Vessel:
        keys = []
        for f in (0.0, 0.12, 0.3, 0.5, 0.7, 0.88, 1.0):
            t = low + f * (high - low)
            u, v, r1, r2, _ = hermite(
                [k[0] for k in courses.DEEP_AXIS], [k[1:] for k in courses.DEEP_AXIS], [t]
            )[0].tolist()
            apart = min(1.0, 4 * min(f, 1 - f) + 0.05)
            du, dv = beside[0] * apart, beside[1] * apart
            keys.append((t, u + du, v + dv, 0.72 * r1, 0.72 * r2, 0.0))
        return self._vessel(f"{name} 2", segment, keys, name, self._calibre)

    def _arteries(self) -> list[Vessel]:
        left = self.side is Side.LEFT
        keys = courses.COMMON_ILIAC_ARTERY_LEFT if left else courses.COMMON_ILIAC_ARTERY_RIGHT
        size = self.frame.person.size
        bend = self._bend("axis", keys, 0.7) + self._bend("femoral artery", keys, 1.1)
        bend = bend + self._winding(keys)
        out = [self._vessel("femoral artery", None, keys, "aorta", size, bend, 1.5)]
        for name, course in (
            ("deep femoral artery", courses.DEEP_FEMORAL_ARTERY),
            ("internal iliac artery", courses.INTERNAL_ILIAC_ARTERY),
        ):
            out.append(self._vessel(name, None, course, "femoral artery", size))
        return out


def _uneven(seed: int, name: str, tube: Tube) -> Tube:
    """Calibre, flattening and the direction of the flattening vary slowly along a vein (M)."""
    count = len(tube.nodes)
    knots = max(3, int(count * STEP_MM / 60) + 2)
    drawn = generator(seed, "anatomy", "uneven", name).uniform(-1, 1, (knots, 3))
    wide, flat, turn = hermite(np.linspace(0, count - 1, knots), drawn, np.arange(count)).T
    nodes = tube.nodes.copy()
    nodes[:, 2] *= (1 + 0.08 * wide) * (1 + 0.12 * flat)
    nodes[:, 3] *= (1 + 0.08 * wide) / (1 + 0.12 * flat)
    nodes[:, 4] += 0.35 * turn
    return Tube(tube.low_mm, np.round(nodes, 6), tube.oblique)


def _piece(tube: Tube, low_mm: float, high_mm: float) -> Tube:
    """The part of a tube between two heights, rounded outwards to its nodes so that pieces overlap."""
    i0 = max(0, int(np.floor((low_mm - tube.low_mm) / 2.0)))
    i1 = min(len(tube.nodes), int(np.ceil((high_mm - tube.low_mm) / 2.0)) + 1)
    return Tube(tube.low_mm + 2.0 * i0, tube.nodes[i0:i1], tube.oblique)
