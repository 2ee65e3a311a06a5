from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.laboratory.huang2019.leg import FieldOfView, LegScan, of_one_leg
from deepvein.phantoms.mr import MrSettings
from deepvein.phantoms.phantom import PhantomSettings, Scenario, sample
from deepvein.studies.study import Modality

FIELD = FieldOfView().coarser(6, 15)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    plain = sample(3, Modality.MR, True, PhantomSettings(centre="A"))
    settings = replace(plain.settings, mr=FIELD.settings(plain.frame, MrSettings()))
    return sample(3, Modality.MR, True, settings)


def test_the_papers_field() -> None:
    field = FieldOfView()
    assert field.length_mm == pytest.approx(720.75)
    assert field.columns * field.voxel_mm[1] == pytest.approx(189.75)
    coarse = field.coarser(3, 31)
    assert (coarse.rows, coarse.columns) == (320, 115)
    assert coarse.slices * coarse.voxel_mm[2] == pytest.approx(55.8, abs=0.01)


def test_the_deep_veins_of_the_leg_lie_in_the_field(scenario: Scenario) -> None:
    side = scenario.thrombi[0].side
    scan = of_one_leg(scenario, side, FIELD).scan
    assert isinstance(scan, LegScan)
    assert (scan.rows, scan.columns, scan.slices) == (FIELD.rows, FIELD.columns, FIELD.slices)
    inside = total = 0
    for vessel in scenario.vessels.veins:
        if vessel.side is not side or vessel.segment is None or not vessel.segment.is_deep:
            continue
        for row in range(0, scan.rows, 4):
            z, pixels = scan.plane(scan.stations[scan.owners[row]], row)
            if vessel.tube.at(z) is None:
                continue
            x, y = vessel.tube.centre([z])[0]
            total += 1
            inside += bool(
                pixels.x_mm[0] <= x <= pixels.x_mm[-1] and pixels.y_mm[0] <= y <= pixels.y_mm[-1]
            )
    assert total > 50
    assert inside / total > 0.9


def test_stations_cover_all_rows(scenario: Scenario) -> None:
    scan = of_one_leg(scenario, scenario.thrombi[0].side, FIELD).scan
    assert isinstance(scan, LegScan)
    covered = np.zeros(scan.rows, dtype=bool)
    for station in scan.stations:
        assert station.first < station.last <= scan.rows
        covered[station.first : station.last] = True
    assert covered.all()
    assert len(scan.stations) == 3


def test_the_same_seed_is_the_same_leg(scenario: Scenario) -> None:
    side = scenario.thrombi[0].side
    assert of_one_leg(scenario, side, FIELD).scan == of_one_leg(scenario, side, FIELD).scan
