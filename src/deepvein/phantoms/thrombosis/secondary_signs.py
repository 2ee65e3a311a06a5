"""What a thrombosis does to the leg around it: swelling, perivenous stranding, collateral veins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deepvein.anatomy.veins import Level
from deepvein.core.seeds import generator
from deepvein.phantoms.person.oedema import Oedema
from deepvein.phantoms.person.swelling import swollen
from deepvein.phantoms.shapes import draw
from deepvein.phantoms.thrombosis.collaterals import sample_collaterals
from deepvein.phantoms.thrombosis.stranding import Stranding
from deepvein.phantoms.thrombosis.thrombus import DiseaseSettings, Thrombus
from deepvein.phantoms.vessels.vascular_tree import Vessel, Vessels

DEFAULT = DiseaseSettings()


@dataclass(frozen=True, eq=False)
class Reactions:
    """The reactions to all thrombi of a person; empty without thrombi.

    oedema: swelling of the limb below; collaterals: unnamed veins; stranding: around the clots.
    """

    oedema: tuple[Oedema, ...] = ()
    collaterals: tuple[Vessel, ...] = ()
    stranding: tuple[Stranding, ...] = ()


def sample_reactions(
    seed: int,
    vessels: Vessels,
    thrombi: Sequence[Thrombus],
    settings: DiseaseSettings = DEFAULT,
) -> Reactions:
    """The reactions of `seed`, from its stream "reaction"."""
    oedema: list[Oedema] = []
    collaterals: list[Vessel] = []
    stranding: list[Stranding] = []
    for thrombus in thrombi:
        rng = generator(seed, "reaction", thrombus.number)
        proximal = is_proximal(thrombus, vessels)
        draws = draw.chance(rng, settings.swelling_share(thrombus, proximal))
        high = max(clot.high_mm for clot in thrombus.clots)
        one = swollen(rng, thrombus.side, high)
        oedema += [one] if draws else []
        inflamed = draw.chance(rng, settings.stranding_share)
        strength, reach = draw.uniform(rng, 0.35, 1.0), draw.uniform(rng, 4.0, 12.0)
        if thrombus.acute and inflamed:
            stranding += [
                Stranding(c.vessel, c.low_mm - 15, c.high_mm + 10, strength, reach, seed)
                for c in thrombus.clots
            ]
        grown = draw.chance(rng, settings.collateral_share)
        if not thrombus.acute and thrombus.occlusive and proximal and grown:
            rng = generator(seed, "reaction", "collaterals", thrombus.number)
            collaterals += sample_collaterals(rng, thrombus.number, vessels, thrombus.clots)
    return Reactions(tuple(oedema), tuple(collaterals), tuple(stranding))


def is_proximal(thrombus: Thrombus, vessels: Vessels) -> bool:
    """Whether it reaches the popliteal vein or one above it."""
    segments = (vessels.by_name[clot.vessel].segment for clot in thrombus.clots)
    return any(s is not None and s.level is Level.PROXIMAL for s in segments)
