from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.phantoms.mr.scan import MrScan, arms_of, sample_mr
from deepvein.phantoms.mr.settings import MrSettings
from deepvein.phantoms.person.body import Body
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person


def drawn(seed: int, settings: MrSettings) -> MrScan:
    frame = Frame(sample_person(seed))
    return sample_mr(seed, frame, Body(frame.person, frame), settings)


@pytest.fixture(scope="module")
def scan() -> MrScan:
    return drawn(2, MrSettings(distortion_mm=(4.0, 4.0), wrap_share=0, arms_share=0))


def test_rows_are_displaced_at_the_ends_of_stations_only(scan: MrScan) -> None:
    station = replace(scan.stations[1], shift_mm=(0, 0, 0))
    off = []
    for row in range(station.first, station.last):
        z, _ = scan.plane(station, row)
        off.append(z - (scan.top_mm - scan.settings.row_mm * row))
    assert off[0] == pytest.approx(-4)
    assert off[-1] == pytest.approx(4)
    assert not np.any(off[60:-60])
    # Heights stay in order: nothing is seen twice or mirrored.
    heights = [scan.plane(station, row)[0] for row in range(station.first, station.last)]
    assert (np.diff(heights) < 0).all()


def test_where_stations_meet_both_show_nearly_the_same_height(scan: MrScan) -> None:
    for number, (upper, lower) in enumerate(zip(scan.stations, scan.stations[1:], strict=False)):
        middle = (lower.first + upper.last) // 2
        seen = [scan.plane(replace(s, shift_mm=(0, 0, 0)), middle)[0] for s in (upper, lower)]
        assert abs(seen[0] - seen[1]) < 3
        assert scan.owners[lower.first] == number
        assert scan.owners[upper.last - 1] == number + 1


def test_the_width_shrinks_with_the_distortion(scan: MrScan) -> None:
    station = replace(scan.stations[0], shift_mm=(1.0, 2.0, 0))
    _, end = scan.plane(station, station.first)
    _, middle = scan.plane(station, (station.first + station.last) // 2)
    assert np.ptp(end.x_mm) / np.ptp(middle.x_mm) == pytest.approx(1 - 4 / 200)
    assert middle.x_mm[0] == pytest.approx(scan.left_mm - 1)
    assert middle.y_mm[0] == pytest.approx(scan.front_mm - 2)


def test_the_first_station_defines_where_the_person_lies() -> None:
    for seed in range(5):
        scan = drawn(seed, MrSettings(shift_mm=3.0))
        assert not any(scan.stations[0].shift_mm)
        assert any(any(s.shift_mm) for s in scan.stations[1:])


def test_a_narrow_field_of_view_has_margins_to_fold_in() -> None:
    wide, narrow = (drawn(4, MrSettings(wrap_share=w, arms_share=0)) for w in (0.0, 1.0))
    assert wide.margin == 0
    assert narrow.margin > 0
    assert narrow.columns < wide.columns
    station = narrow.stations[0]
    assert narrow.plane(station, 0)[1].shape[1] == narrow.columns + 2 * narrow.margin


def test_arms_beside_the_hips_are_painted_whole() -> None:
    scan = drawn(4, MrSettings(wrap_share=0, arms_share=1))
    frame = Frame(sample_person(4))
    arms = arms_of(4, Body(frame.person, frame))
    assert scan.arms
    assert arms
    edge = scan.left_mm + scan.settings.column_mm * (scan.columns + scan.margin)
    for arm in arms:
        seen = arm.skin.nodes[arm.skin.z_mm <= scan.top_mm]
        assert (np.abs(seen[:, 0]) + seen[:, 2]).max() < edge + 2
    assert not drawn(4, MrSettings(wrap_share=0, arms_share=0)).arms


@pytest.mark.parametrize(("slice_mm", "layers"), [(0.6, 1), (1.5, 1), (3.0, 2), (6.0, 3)])
def test_thick_slices_are_painted_in_layers_around_their_centres(
    slice_mm: float, layers: int
) -> None:
    scan = drawn(1, MrSettings(slice_mm=slice_mm, distortion_mm=(0, 0)))
    assert scan.layers == layers
    y = scan.plane(scan.stations[0], 5)[1].y_mm.reshape(scan.slices, layers)
    assert np.allclose(y.mean(axis=1), scan.pixels.y_mm, atol=1e-5)
