from __future__ import annotations

import numpy as np

from deepvein.anatomy.tissues import Tissue
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.organs import organs_of
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.vessels.vascular_tree import grow

FRAMES = [Frame(sample_person(seed)) for seed in range(6)]


def test_every_person_has_a_bladder_a_rectum_and_nodes_in_both_groins() -> None:
    for frame in FRAMES:
        organs = organs_of(frame)
        tissues = [tissue for tissue, _ in organs]
        assert tissues.count(Tissue.FLUID) >= 1
        assert tissues.count(Tissue.ORGAN) >= 4
        nodes = [tube for tissue, tube in organs if tissue is Tissue.LYMPH_NODE]
        assert {bool(tube.nodes[0, 0] > 0) for tube in nodes} == {True, False}
        t = [float(frame.t((tube.low_mm + tube.high_mm) / 2)) for tube in nodes]
        assert all(1.8 < at < 2.1 for at in t)


def test_organs_of_the_pelvis_lie_between_the_hips() -> None:
    for frame in FRAMES:
        for tissue, tube in organs_of(frame):
            nerve = tube.oblique
            if tissue in (Tissue.FLUID, Tissue.ORGAN, Tissue.GAS) and not nerve:
                assert np.abs(tube.nodes[:, 0]).max() < 100
                assert frame.z(1.8) < tube.low_mm < tube.high_mm < frame.z(3.9)


def test_nodes_have_the_size_of_nodes() -> None:
    for frame in FRAMES:
        for tissue, tube in organs_of(frame):
            if tissue is Tissue.LYMPH_NODE:
                assert 2 <= tube.nodes[:, 2:4].max() <= 8
                assert 4 <= tube.high_mm - tube.low_mm <= 35


def test_joints_and_nerves_are_there_on_both_sides() -> None:
    for frame in FRAMES:
        organs = organs_of(frame)
        for tissue, count in ((Tissue.TENDON, 10), (Tissue.SYNOVIAL_FLUID, 2)):
            found = [tube for kind, tube in organs if kind is tissue]
            assert len(found) == count
            assert sum(tube.nodes[0, 0] > 0 for tube in found) == count // 2
        nerves = [tube for tissue, tube in organs if tissue is Tissue.ORGAN and tube.oblique]
        assert len(nerves) == 6


def test_the_tibial_nerve_lies_beside_the_popliteal_vein_not_in_it() -> None:
    for frame in FRAMES:
        nerves = [
            tube for tissue, tube in organs_of(frame) if tissue is Tissue.ORGAN and tube.oblique
        ]
        tibial = max((n for n in nerves if n.nodes[0, 0] > 0), key=lambda n: len(n.nodes))
        vein = grow(frame).by_name["left popliteal"].tube
        z = np.linspace(float(frame.z(0.95)), float(frame.z(1.15)), 12)
        apart = np.linalg.norm(tibial.centre(z) - vein.centre(z), axis=1)
        assert 5.0 < apart.min() < apart.max() < 22.0
