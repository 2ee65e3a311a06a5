from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, decode
from deepvein.phantoms.frame import Frame
from deepvein.phantoms.population import PopulationSettings, sample_person
from deepvein.phantoms.vessels import AXIS, Vessel, Vessels, grow

SEEDS = range(20)
PAIRED = ("anterior tibial", "posterior tibial", "peroneal")


@cache
def vessels(seed: int) -> Vessels:
    return grow(Frame(sample_person(seed)))


def all_of(*segments: VeinSegment) -> list[Vessel]:
    return [v for seed in SEEDS for v in vessels(seed).veins if v.segment in segments]


def diameter(vein: Vessel) -> float:
    """Of the circle with the area of the vein's middle."""
    middle = vein.tube.nodes[len(vein.tube.nodes) // 3 : 2 * len(vein.tube.nodes) // 3]
    return float(2 * np.sqrt(middle[:, 2] * middle[:, 3]).mean())


@pytest.mark.parametrize("seed", range(6))
def test_every_vein_reaches_the_vena_cava_through_veins_that_touch(seed: int) -> None:
    graph = vessels(seed)
    for vein in graph.veins:
        seen = [vein.name]
        while graph.by_name[seen[-1]].drains_into:
            here = graph.by_name[seen[-1]]
            into = graph.by_name[here.drains_into]
            end, z = here.tube.nodes[-1, :2], here.tube.high_mm
            at = into.tube.at(min(max(z, into.tube.low_mm), into.tube.high_mm))
            assert at is not None
            gap = np.hypot(end[0] - at.x, end[1] - at.y)
            # The end lies within the vein that it joins.
            assert gap <= max(at.half_width, at.half_height) + 0.5, (here.name, into.name)
            assert abs(z - np.clip(z, into.tube.low_mm, into.tube.high_mm)) <= 12.0
            seen.append(here.drains_into)
            assert len(seen) < 12
        assert seen[-1] == "IVC"


def test_every_segment_is_there_on_both_sides_and_calf_veins_are_paired() -> None:
    for seed in SEEDS:
        labels = [decode(v.label) for v in vessels(seed).veins]
        for segment in VeinSegment:
            if segment is VeinSegment.INFERIOR_VENA_CAVA:
                assert (segment, Side.MIDLINE) in labels
                continue
            for side in (Side.LEFT, Side.RIGHT):
                assert (segment, side) in labels
        for name in PAIRED:
            assert f"left {name} 2" in vessels(seed).by_name


@pytest.mark.parametrize(
    ("segment", "low", "high"),
    [
        (VeinSegment.INFERIOR_VENA_CAVA, 15, 22),  # 18.4, IVUS
        (VeinSegment.COMMON_ILIAC, 12, 17),  # 14.2 to 15.7, IVUS
        (VeinSegment.EXTERNAL_ILIAC, 10.5, 15),  # 12.8 to 13.5, IVUS
        (VeinSegment.COMMON_FEMORAL, 9, 13.6),  # 10.5 ultrasound, 13.6 supine
        (VeinSegment.FEMORAL, 5.5, 8.5),  # 6.4 to 6.8
        (VeinSegment.POPLITEAL, 5, 8.5),  # 6.4 to 6.8; 6.0 on labelled sections
        (VeinSegment.POSTERIOR_TIBIAL, 2, 4),
        (VeinSegment.PERONEAL, 2, 4),
        (VeinSegment.GREAT_SAPHENOUS, 2.5, 4.5),  # 3.2 at the knee, 3.7 in the thigh
    ],
)
def test_mean_diameters_lie_in_published_ranges(
    segment: VeinSegment, low: float, high: float
) -> None:
    found = [diameter(v) for v in all_of(segment) if not v.name.endswith("femoral 2")]
    assert low <= np.mean(found) <= high


def test_lengths_are_near_one_measured_adult() -> None:
    for segment, length, tolerance in (
        (VeinSegment.COMMON_ILIAC, 64, 20),
        (VeinSegment.EXTERNAL_ILIAC, 105, 30),
        (VeinSegment.FEMORAL, 323, 100),
        (VeinSegment.POPLITEAL, 177, 50),
        (VeinSegment.GREAT_SAPHENOUS, 822, 100),
        (VeinSegment.PERONEAL, 312, 50),
    ):
        found = [v.tube.high_mm - v.tube.low_mm for v in all_of(segment) if " 2" not in v.name]
        assert np.mean(found) == pytest.approx(length, abs=tolerance)


def test_popliteal_artery_and_vein_lie_side_by_side() -> None:
    """Median distance of the centres 6 mm, 1.2 to 9.0, on labelled sections of a knee."""
    apart = []
    for seed in SEEDS:
        for side in ("left", "right"):
            vein = vessels(seed).by_name[f"{side} popliteal"].tube
            artery = vessels(seed).by_name[f"{side} femoral artery"].tube
            z = np.linspace(vein.low_mm + 15, vein.high_mm - 10, 20)
            apart += np.linalg.norm(vein.centre(z) - artery.centre(z), axis=1).tolist()
    assert 4.5 < np.median(apart) < 12


def test_doubled_veins_come_as_often_as_the_settings_say() -> None:
    for seed in (0, 1):
        frame = Frame(sample_person(seed))
        for share, count in ((0.0, 0), (1.0, 2)):
            names = [
                v.name for v in grow(frame, PopulationSettings(duplicated_femoral=share)).veins
            ]
            assert sum(name.endswith("femoral 2") for name in names) == count
    usual = sum(v.name.endswith("femoral 2") for seed in SEEDS for v in vessels(seed).veins)
    assert 4 <= usual <= 22


def test_the_left_common_iliac_vein_is_flattened_and_crosses_the_midline() -> None:
    left = vessels(0).by_name["left common iliac"].tube
    flat = (left.nodes[:, 2] / left.nodes[:, 3]).max()
    right = vessels(0).by_name["right common iliac"].tube
    assert flat > 1.7 > (right.nodes[:, 2] / right.nodes[:, 3]).max()
    assert left.nodes[0, 0] > 0 > left.nodes[-1, 0]


def test_left_and_right_differ() -> None:
    graph = vessels(1)
    for name in AXIS:
        left, right = graph.by_name[f"left {name}"].tube, graph.by_name[f"right {name}"].tube
        assert not np.allclose(left.nodes[:5, 2], right.nodes[:5, 2])
