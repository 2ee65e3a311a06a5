from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.phantoms.mr import MrScan
from deepvein.phantoms.mr.acquisition import FINE, acquire, softened
from deepvein.phantoms.mr.ghosts import Ghosts
from deepvein.phantoms.phantom import Phantom


@pytest.fixture
def scan(mr_phantom: Phantom) -> MrScan:
    scan = mr_phantom.scenario.scan
    assert isinstance(scan, MrScan)
    still = Ghosts(0.0, 10)
    stations = tuple(replace(s, uncorrected=0.0, ghosts=still) for s in scan.stations)
    return replace(scan, stations=stations, softness=0.0)


def blank(scan: MrScan, level: float) -> np.ndarray:
    s = scan.stations[0]
    return np.full((scan.slices, s.last - s.first, scan.columns), level * FINE, np.uint16)


def test_air_is_rician(scan: MrScan) -> None:
    """Without signal the magnitude follows Rayleigh's distribution: mean over SD is 1.91."""
    raw = replace(scan, stations=tuple(replace(s, uncorrected=1.0) for s in scan.stations))
    air = acquire(raw, 0, "t1", blank(scan, 0), None, 40.0).astype(float)
    assert air.mean() / air.std() == pytest.approx(1.91, rel=0.01)
    assert air.std() == pytest.approx(0.655 * 40 * scan.stations[0].gain, rel=0.01)


def test_a_corrected_station_shows_its_gain_alone(scan: MrScan) -> None:
    seen = acquire(scan, 0, "t1", blank(scan, 500), None, 1e-3)
    inner = seen[3:-3] / scan.stations[0].gain
    assert inner == pytest.approx(500, abs=2)


def test_uncorrected_coils_leave_shading(scan: MrScan) -> None:
    rough = replace(scan, stations=tuple(replace(s, uncorrected=1.0) for s in scan.stations))
    seen = acquire(rough, 0, "t1", blank(scan, 500), None, 1e-3)
    assert seen.std() / seen.mean() > 0.1


def test_the_slab_fades_at_its_faces(scan: MrScan) -> None:
    level = acquire(scan, 0, "t1", blank(scan, 500), None, 1e-3).mean(axis=(1, 2))
    assert level[0] < 0.8 * level[len(level) // 2]
    assert level[-1] < 0.8 * level[len(level) // 2]


def test_pulsation_shows_beside_arteries(scan: MrScan) -> None:
    pulsing = replace(scan.stations[0], ghosts=Ghosts(0.2, 11))
    clean = blank(scan, 0)
    arteries = np.zeros(clean.shape, np.uint8)
    middle = (clean.shape[0] // 2, clean.shape[1] // 2)
    clean[middle][40] = 1000 * FINE
    arteries[middle][40] = 1
    moved = replace(scan, stations=(pulsing, *scan.stations[1:]))
    seen = acquire(moved, 0, "t1", clean, arteries, 1e-3)[middle]
    assert np.flatnonzero(seen > 5).tolist() == [18, 29, 40, 51, 62]
    assert seen[51] == pytest.approx(0.2 * seen[40], abs=1)


def test_sequences_and_stations_have_noise_of_their_own(scan: MrScan) -> None:
    one, same, other = (
        acquire(scan, 0, name, blank(scan, 0), None, 40.0) for name in ("t1", "t1", "t2")
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_softening_spreads_a_point_and_keeps_its_sum() -> None:
    signal = np.zeros((7, 9), np.float32)
    signal[3, 4] = 100
    soft = softened(signal, 0.1)
    assert soft.sum() == pytest.approx(100)
    assert soft[3, 4] == pytest.approx(64)
    assert soft[2, 4] == soft[3, 5] == pytest.approx(8)
    assert soft[2, 3] == pytest.approx(1)
    assert np.array_equal(softened(soft.copy(), 0.0), soft)
