from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.phantoms.mr import MrScan, MrSettings, MrVolumes, render_mr
from deepvein.phantoms.mr.shim import Shim, UnevenField
from deepvein.phantoms.phantom import Phantom, PhantomSettings, Scenario, sample
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Plane
from deepvein.volumes.stations import merge

COARSE = MrSettings(
    row_mm=10.0, column_mm=4.0, slice_mm=6.0, coverage=(1.0, 2.3), stations=2, second_sequence=True
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return sample(6, Modality.MR, True, PhantomSettings(mr=COARSE, centre="A"))


def scan_of(scenario: Scenario) -> MrScan:
    assert isinstance(scenario.scan, MrScan)
    return scenario.scan


def rendered(scan: MrScan, scenario: Scenario) -> MrVolumes:
    return render_mr(scan, scenario.painter, "1.2.3")


@pytest.fixture(scope="module")
def both(scenario: Scenario) -> MrVolumes:
    return rendered(scan_of(scenario), scenario)


def test_stations_are_coronal_overlap_and_lie_on_the_merged_grid(mr_phantom: Phantom) -> None:
    grid = mr_phantom.image.grid
    scan = mr_phantom.scenario.scan
    assert isinstance(scan, MrScan)
    assert grid.matches(scan.grid(grid.frame_of_reference or ""))
    assert grid.plane is Plane.CORONAL
    assert len(mr_phantom.stations) == len(scan.stations)
    tops = []
    for station in mr_phantom.stations:
        assert station.grid.plane is Plane.CORONAL
        index = grid.to_index(station.grid.to_world([(0, 0, 0)]))[0]
        assert np.allclose(index, np.rint(index), atol=1e-6)
        tops.append(index[1])
    lengths = [s.grid.shape[1] for s in mr_phantom.stations]
    assert tops[0] == 0
    assert all(a + n > b for a, n, b in zip(tops, lengths, tops[1:], strict=False))
    assert tops[-1] + lengths[-1] == grid.shape[1]


def test_the_picture_is_the_stations_without_their_gains(mr_phantom: Phantom) -> None:
    scan = mr_phantom.scenario.scan
    assert isinstance(scan, MrScan)
    first = scan.stations[0].gain
    gains = [round(first / station.gain, 6) for station in reversed(scan.stations)]
    merged = merge(mr_phantom.stations[::-1], gains=gains)
    assert np.array_equal(merged.volume.array, mr_phantom.image.array)
    # A reader, who has to measure the gains, comes close.
    measured = merge(mr_phantom.stations)
    assert measured.gains == pytest.approx(gains[::-1], rel=0.25)


def test_disease_moves_nothing_far_away(scenario: Scenario) -> None:
    scan = scan_of(scenario)
    quiet = replace(scan, settings=replace(scan.settings, second_sequence=False))
    sick, well = (rendered(quiet, one) for one in (scenario, scenario.healthy_twin))
    changed = sick.image.array != well.image.array
    assert changed.any()
    # Were gains measured, whole stations would move, air and all.
    assert changed.mean() < 0.2
    assert not changed[:, :, :4].any()


def test_labels_lie_on_what_is_seen(mr_phantom: Phantom) -> None:
    """Opacified veins are brighter than what surrounds them, also where stations meet."""
    scan = mr_phantom.scenario.scan
    assert isinstance(scan, MrScan)
    image = mr_phantom.image.array.astype(float)
    veins = (mr_phantom.segments.array > 0) & (mr_phantom.thrombi.array == 0)
    veins |= mr_phantom.arteries.array > 0
    bright = 0
    for row in range(image.shape[1]):
        inside = veins[:, row]
        if inside.sum() < 4:
            continue
        ring = np.zeros_like(inside)
        for dy, dx in ((2, 0), (-2, 0), (0, 4), (0, -4)):
            ring |= np.roll(inside, (dy, dx), (0, 1))
        bright += 1 if image[:, row][inside].mean() > image[:, row][ring & ~inside].mean() else -1
    assert bright > 0.9 * image.shape[1] * 0.9


def test_the_second_sequence_shares_grid_and_truth_but_not_contrast(both: MrVolumes) -> None:
    assert both.t2 is not None
    assert both.t2.grid.matches(both.image.grid)
    assert both.t2.array.dtype == np.int16
    arteries = both.labels[2] > 0
    muscle = np.median(both.t2.array[both.t2.array > 40])
    # Arteries are bright with gadolinium and void in the spin echo.
    assert both.image.array[arteries].mean() > 2 * np.median(
        both.image.array[both.image.array > 100]
    )
    assert both.t2.array[arteries].mean() < 4 * muscle


def test_switching_the_second_sequence_on_changes_nothing_else(
    scenario: Scenario, both: MrVolumes
) -> None:
    scan = scan_of(scenario)
    single = replace(scan, settings=replace(scan.settings, second_sequence=False))
    heard: list[tuple[str, int, int]] = []
    alone = render_mr(single, scenario.painter, "1.2.3", lambda *call: heard.append(call))
    assert heard[-1] == ("render", len(heard), sum(s.last - s.first for s in scan.stations))
    assert alone.t2 is None
    assert np.array_equal(alone.image.array, both.image.array)


def test_where_the_field_is_uneven_fat_is_bright(scenario: Scenario, both: MrVolumes) -> None:
    scan = scan_of(scenario)
    scan = replace(scan, settings=replace(scan.settings, second_sequence=False))
    z = float(scenario.frame.z(2.0))
    x = float(scenario.frame.place(scenario.vessels.all[0].side, [2.0], [60.0], [0.0])[0][0])
    clean, failed, swapped = (
        rendered(replace(scan, shim=Shim(places)), scenario).image.array.astype(float)
        for places in (
            (),
            (UnevenField(x, 0, z, 70, 3.0),),
            (UnevenField(x, 0, z, 70, 3.0, swapped=True),),
        )
    )
    where = np.argwhere(failed > clean + 150)
    assert len(where) > 20
    rows = (scan.top_mm - z) / scan.settings.row_mm
    assert np.abs(where[:, 1] - rows).max() <= 70 / scan.settings.row_mm + 1
    # Where water is hit instead, muscle is gone.
    assert (swapped < clean - 60).sum() > 20
    assert not (failed < clean - 60).any()


def test_thick_slices_are_averages_of_layers(scenario: Scenario, both: MrVolumes) -> None:
    assert scan_of(scenario).layers == 3
    truth = both.labels
    assert (truth[0][truth[1] > 0] > 0).all()
