from __future__ import annotations

import numpy as np
import pytest

from deepvein.anatomy.veins import Side
from deepvein.core.seeds import generator
from deepvein.phantoms.implants.arthroplasty import Material, Site, hip, knee
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person

FRAME = Frame(sample_person(3))


@pytest.mark.parametrize("side", [Side.RIGHT, Side.LEFT])
def test_directions_are_of_the_leg_and_mirrored(side: Side) -> None:
    site = Site(FRAME, side)
    for t in (0.1, 1.0, 1.5):
        origin = np.array(site.point(t, 0, 0)[:2])
        back = np.array(site.point(t, 0, 10)[:2]) - origin
        out = np.array(site.point(t, 10, 0)[:2]) - origin
        assert back / np.linalg.norm(back) == pytest.approx(site.backwards(t), abs=1e-4)
        assert out / np.linalg.norm(out) == pytest.approx(site.outwards(t), abs=1e-4)
    assert (site.outwards(1.0)[0] > 0) is (side is Side.LEFT)


def test_an_ellipse_has_the_scaled_radii() -> None:
    site = Site(FRAME, Side.LEFT)
    section = site.ellipse(1.0, 0, 0, 36, 24)
    assert section.area == pytest.approx(np.pi * 36 * 24 * site.size**2, rel=1e-3)


@pytest.mark.parametrize("build", [knee, hip])
def test_parts_reach_where_the_joint_is_and_not_far_beyond(build: object) -> None:
    for seed in range(12):
        parts = build(Site(FRAME, Side.RIGHT), generator(seed, "implant"))  # type: ignore[operator]
        assert {material for _, material in parts} >= {Material.METAL, Material.SCAR}
        metal = [solid for solid, material in parts if material is Material.METAL]
        centre = float(FRAME.z(1.0 if build is knee else 2.0))
        near = [z for z in np.arange(-250, 130, 2.0) if any(m.reach(centre + z) for m in metal)]
        assert near[0] > (-135 if build is knee else -185)
        assert near[-1] < (70 if build is knee else 60)
