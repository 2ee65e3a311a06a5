import numpy as np
import pytest

from deepvein.anatomy.veins import VeinSegment
from deepvein.laboratory.second_opinion.real.stations import VOXEL_MM
from deepvein.laboratory.second_opinion.real.tables import CORTEX, MIDDLE, ONE, OTHER


def ways(leg):
    return [leg.artery, leg.vein, *(one.points for one in (*leg.bundles, *leg.veins))]


@pytest.mark.parametrize("leg", [ONE, OTHER])
def test_vessels_go_upwards_in_smooth_steps(leg):
    for points in ways(leg):
        slices, columns, rows = np.array(points, dtype=float).T
        assert (np.diff(slices) > 0).all()
        aside = np.hypot(np.diff(columns), np.diff(rows)) * VOXEL_MM[1]
        assert (aside < 1.5 * np.diff(slices) * VOXEL_MM[0]).all()


@pytest.mark.parametrize("leg", [ONE, OTHER])
def test_artery_and_vein_are_neighbours_of_the_popliteal_fossa_and_the_canal(leg):
    at = np.arange(84, 158)
    artery, vein = (
        np.array([np.interp(at, [p[0] for p in way], [p[n] for p in way]) for n in (1, 2)])
        for way in (leg.artery, leg.vein)
    )
    apart = np.hypot(*(artery - vein)) * VOXEL_MM[1]
    assert apart.min() > 2
    assert apart.max() < 17


def test_legs_are_beside_each_other_and_alike():
    for one, other in zip(ways(ONE), ways(OTHER), strict=True):
        assert max(point[1] for point in one) < MIDDLE[0] + 6 < min(point[1] for point in other) + 6
    assert [one.segment for one in (*ONE.bundles, *ONE.veins)] == [
        one.segment for one in (*OTHER.bundles, *OTHER.veins)
    ]
    assert VeinSegment.PERONEAL in {one.segment for one in ONE.bundles}


def test_every_bone_has_a_cortex():
    assert {name.split()[0] for leg in (ONE, OTHER) for name in leg.bones} == set(CORTEX)
