"""The vessels of a person: a graph of named tubes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from deepvein.anatomy.veins import Side, VeinSegment, encode
from deepvein.core.seeds import generator
from deepvein.phantoms import courses, draw
from deepvein.phantoms.frame import Frame, Key
from deepvein.phantoms.outline import LegOutline, wobble
from deepvein.phantoms.population import DEFAULT, PopulationSettings
from deepvein.phantoms.tube import Float, Tube, hermite

Keys = Sequence[Key]

_BOTH = (Side.RIGHT, Side.LEFT)
AXIS = ("popliteal", "femoral", "common femoral", "external iliac", "common iliac")
_OVERLAP_MM = 8.0
_JOIN_MM = 35.0


@dataclass(frozen=True, eq=False)
class Vessel:
    """One vessel as a tube.

    segment: the vein segment, None for arteries and for veins that are not labelled (see `unnamed_vein`).
    drains_into: name of the vein that takes its upper end (for arteries: that feeds it); "" for the top.
    sheath_mm: fat around it.
    unnamed_vein: a vein without a segment's name: perforators, varices, collaterals.
    label_from_mm: lowest height at which it is labelled. Pieces of one course reach a little into the
    piece below, so that thick sections across the border see one uninterrupted vein.
    """

    name: str
    side: Side
    segment: VeinSegment | None
    tube: Tube
    drains_into: str = ""
    sheath_mm: float = 1.5
    label_from_mm: float = -1e9
    unnamed_vein: bool = False

    @property
    def is_vein(self) -> bool:
        return self.segment is not None or self.unnamed_vein

    @property
    def label(self) -> int:
        """Encoded label in segment maps; 0 for arteries and unnamed veins."""
        return 0 if self.segment is None else encode(self.segment, self.side)


@dataclass(frozen=True, eq=False)
class Vessels:
    """All vessels of a person, deepest level of the tree first (tributaries before what they join)."""

    all: tuple[Vessel, ...]

    @cached_property
    def by_name(self) -> dict[str, Vessel]:
        return {vessel.name: vessel for vessel in self.all}

    @property
    def veins(self) -> tuple[Vessel, ...]:
        return tuple(v for v in self.all if v.is_vein)

    @property
    def arteries(self) -> tuple[Vessel, ...]:
        return tuple(v for v in self.all if not v.is_vein)

    def axis(self, side: Side) -> tuple[Vessel, ...]:
        """The deep axis of a side from below: popliteal to common iliac vein."""
        return tuple(self.by_name[f"{side.value} {name}"] for name in AXIS)

    def of(self, side: Side, *segments: VeinSegment) -> tuple[Vessel, ...]:
        return tuple(v for v in self.all if v.segment in segments and v.side is side)


def grow(frame: Frame, settings: PopulationSettings = DEFAULT) -> Vessels:
    """The vessels of the frame's person; which limbs have doubled veins is drawn from their shares."""
    out: list[Vessel] = []
    for side in _BOTH:
        out += _Leg(frame, side, settings).vessels()
    size = frame.person.size
    cava = frame.tube(courses.VENA_CAVA, Side.MIDLINE, frame.person.vein_calibre * size, True)
    out.append(Vessel("IVC", Side.MIDLINE, VeinSegment.INFERIOR_VENA_CAVA, cava))
    out.append(
        Vessel("aorta", Side.MIDLINE, None, frame.tube(courses.AORTA, Side.MIDLINE, size, True))
    )
    by_name = {vessel.name: vessel for vessel in out}
    return Vessels(tuple(_joined(vessel, by_name) for vessel in out))


@dataclass(frozen=True, eq=False)
class _Leg:
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
        own = draw.normal(self._rng, 1.0, 0.05, 0.88, 1.12)
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
        target = into if into in ("IVC", "aorta", "") else f"{self.side.value} {into}"
        return Vessel(full, self.side, segment, tube, target, sheath_mm)

    def _bend(self, name: str, keys: Keys, amount_mm: float) -> Float:
        """(nodes, 2) a gentle tortuosity, a knot every 50 mm or so, that vanishes at both ends."""
        count = self.frame.node_count(keys)
        knots = max(4, int(count * 2 / 50) + 1)
        shape = wobble(self.frame.person.seed, f"{self.side.value} {name}", knots) * amount_mm
        return hermite(np.linspace(0, count - 1, knots), shape, np.arange(count))

    def _axis_keys(self) -> Keys:
        return courses.COMMON_ILIAC_LEFT if self.side is Side.LEFT else courses.COMMON_ILIAC_RIGHT

    @cached_property
    def _axis_tube(self) -> Tube:
        keys = self._axis_keys()
        return self.frame.tube(keys, self.side, self._calibre, True, self._bend("axis", keys, 0.7))

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
            depth = draw.uniform(self._rng, 0.15, 0.4)
            keys = [self._under_skin(t, angle, r, depth) for t, angle, r in path]
            calibre = self._calibre * draw.lognormal(self._rng, 1.0, 0.18, 0.7, 1.7)
            keys += list(arch)
            bend = self._bend(name, keys, 1.2)
            out.append(self._vessel(name, segment, keys, into, calibre, bend, 0.0))
        return out

    def _under_skin(self, t: float, angle: float, r: float, depth: float) -> Key:
        outline = LegOutline(self.frame, self.side)
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        reach = float(outline.fascia(t, cos, sin)) + depth * float(outline.fat(t, cos, sin))
        reach /= self.frame.scale(self.side)
        return (t, reach * float(cos), reach * float(sin), r, r, 0.0)

    def _doubles(self) -> list[Vessel]:
        """A second femoral or popliteal vein beside the first over part of its length."""
        out = []
        rng, p = self._rng, self.frame.person
        for name, segment, share, low, high in (
            ("femoral 2", VeinSegment.FEMORAL, self.settings.duplicated_femoral, 1.31, 1.87),
            ("popliteal 2", VeinSegment.POPLITEAL, self.settings.two_popliteal, 0.87, 1.28),
        ):
            present = draw.chance(rng, share)
            # Lengths 1 to 35 cm with the mode at 6 to 15 cm: Quinlan 2003.
            length = draw.lognormal(rng, 110.0, 0.6, 20.0, 350.0) / p.femur_mm
            place = draw.uniform(rng, 0, 1)
            side_u, side_v = draw.choose(rng, ((7.5, 3.5), (-6.5, 5.0), (5.5, 6.5)), (3, 2, 2))
            if not present:
                continue
            span = min(length, high - low)
            start = low + place * (high - low - span)
            keys = []
            for f in (0.0, 0.12, 0.3, 0.5, 0.7, 0.88, 1.0):
                t = start + f * span
                u, v, r1, r2, _ = hermite(
                    [k[0] for k in courses.DEEP_AXIS], [k[1:] for k in courses.DEEP_AXIS], [t]
                )[0]
                apart = min(1.0, 4 * min(f, 1 - f) + 0.05)
                keys.append(
                    (
                        t,
                        float(u + side_u * apart),
                        float(v + side_v * apart),
                        0.72 * float(r1),
                        0.72 * float(r2),
                        0.0,
                    )
                )
            out.append(self._vessel(name, segment, keys, name[:-2], self._calibre))
        return out

    def _arteries(self) -> list[Vessel]:
        left = self.side is Side.LEFT
        keys = courses.COMMON_ILIAC_ARTERY_LEFT if left else courses.COMMON_ILIAC_ARTERY_RIGHT
        size = self.frame.person.size
        bend = self._bend("axis", keys, 0.7)
        out = [self._vessel("femoral artery", None, keys, "aorta", size, bend, 1.5)]
        for name, course in (
            ("deep femoral artery", courses.DEEP_FEMORAL_ARTERY),
            ("internal iliac artery", courses.INTERNAL_ILIAC_ARTERY),
        ):
            out.append(self._vessel(name, None, course, "femoral artery", size))
        return out


def _joined(vessel: Vessel, by_name: dict[str, Vessel]) -> Vessel:
    """A tributary bent over its last centimetres so that it ends in the middle of what it joins."""
    into = by_name.get(vessel.drains_into)
    if into is None or vessel.name.split(" ", 1)[-1] in AXIS:
        return vessel
    tube, end = vessel.tube, vessel.tube.high_mm
    centre = into.tube.centre([min(max(end, into.tube.low_mm), into.tube.high_mm)])[0]
    reach = min(_JOIN_MM, 0.5 * (end - tube.low_mm))
    part = np.clip(1 - (end - tube.z_mm) / reach, 0, 1)
    nodes = tube.nodes.copy()
    nodes[:, :2] += (part * part * (3 - 2 * part))[:, None] * (centre - nodes[-1, :2])
    return replace(vessel, tube=Tube(tube.low_mm, np.round(nodes, 6), tube.oblique))


def _piece(tube: Tube, low_mm: float, high_mm: float) -> Tube:
    """The part of a tube between two heights, rounded outwards to its nodes so that pieces overlap."""
    i0 = max(0, int(np.floor((low_mm - tube.low_mm) / 2.0)))
    i1 = min(len(tube.nodes), int(np.ceil((high_mm - tube.low_mm) / 2.0)) + 1)
    return Tube(tube.low_mm + 2.0 * i0, tube.nodes[i0:i1], tube.oblique)
