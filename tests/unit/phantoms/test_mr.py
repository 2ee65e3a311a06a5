from __future__ import annotations

from math import cos, exp, radians, sin

import numpy as np
import pytest

from deepvein.anatomy.tissues import Tissue
from deepvein.core.errors import SettingsError
from deepvein.phantoms.mr import MrPalette, MrScan, MrSettings, merge, spoiled_gradient_echo
from deepvein.phantoms.phantom import Phantom
from deepvein.volumes.grid import Plane


def test_signal_follows_the_spoiled_gradient_echo_equation() -> None:
    s = MrSettings()
    e1, a = exp(-3.17 / 340), radians(25)
    expected = 0.9 * sin(a) * (1 - e1) / (1 - cos(a) * e1) * exp(-1.13 / 100)
    assert spoiled_gradient_echo(340, 100, 0.9, s) == pytest.approx(expected)


def test_contrast_lies_where_it_is_published() -> None:
    """Vein to muscle 2.0 to 2.3 (derived for TR 4), acute thrombus to muscle near 1, chronic near 0.7."""
    palette = MrPalette(MrSettings(), 0.9)
    vein = float(palette.blood(np.array([[1.0]], dtype=np.float32))[0, 0])
    muscle = palette.tissue(Tissue.MUSCLE)
    assert vein == pytest.approx(900, rel=1e-3)
    assert 1.9 < vein / muscle < 2.9
    assert 0.85 < palette.clot(True, 0) / muscle < 1.15
    assert 0.55 < palette.clot(False, 0) / muscle < 0.85
    assert palette.clot(True, 2) < palette.clot(True, 0) < palette.clot(True, -1)


def test_more_contrast_is_brighter_and_none_is_dark() -> None:
    palette = MrPalette(MrSettings(), 0.9)
    signal = palette.blood(np.linspace(0, 1.2, 20, dtype=np.float32)[None])[0]
    assert (np.diff(signal) > 0).all()
    assert signal[0] < 0.35 * signal[-1]


def test_fat_suppression_darkens_fat_alone() -> None:
    weak, strong = MrPalette(MrSettings(), 0.0), MrPalette(MrSettings(), 0.95)
    assert strong.tissue(Tissue.FAT) < 0.1 * weak.tissue(Tissue.FAT)
    assert strong.tissue(Tissue.MUSCLE) == weak.tissue(Tissue.MUSCLE)


def test_stations_are_coronal_overlap_and_lie_on_the_merged_grid(mr_phantom: Phantom) -> None:
    grid = mr_phantom.image.grid
    assert grid.plane is Plane.CORONAL
    assert len(mr_phantom.stations) == 3
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


def test_noise_is_rician_in_air(mr_phantom: Phantom) -> None:
    """Without signal the magnitude follows Rayleigh's distribution: mean over SD is 1.91."""
    scan = mr_phantom.scenario.scan
    assert isinstance(scan, MrScan)
    air = mr_phantom.stations[0].array[:2, :, :6].astype(float)
    assert air.mean() / air.std() == pytest.approx(1.91, abs=0.12)
    assert air.std() == pytest.approx(0.655 * 900 / scan.vein_snr, rel=0.1)


def test_merged_stations_have_no_seam(mr_phantom: Phantom) -> None:
    image = mr_phantom.image.array.astype(float)
    body = image > 150
    level = (image * body).sum(axis=(0, 2)) / np.maximum(1, body.sum(axis=(0, 2)))
    step = np.abs(np.diff(level)) / level[1:]
    scan = mr_phantom.scenario.scan
    assert isinstance(scan, MrScan)
    for station in scan.stations[1:]:
        assert step[station.first - 3 : station.first + 3].max() < 0.12


def test_merging_takes_each_station_s_gain_out(mr_phantom: Phantom) -> None:
    scan = mr_phantom.scenario.scan
    assert isinstance(scan, MrScan)
    truth = np.full((scan.slices, scan.rows, scan.columns), 200.0)
    parts = [
        np.rint(truth[:, s.first : s.last] * gain).astype(np.int16)
        for s, gain in zip(scan.stations, (1.0, 0.5, 2.0), strict=True)
    ]
    merged = merge(scan, parts).astype(float)
    assert merged.std() < 2
    assert merged.mean() == pytest.approx(200.0, rel=0.02)


@pytest.mark.parametrize(
    "wrong", [{"stations": 0}, {"row_mm": 0.0}, {"coverage": (2.0, 1.0)}, {"flip_angle_deg": -5.0}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        MrSettings(**wrong)  # type: ignore[arg-type]
