import numpy as np
import pytest

from deepvein.laboratory.phantom_audit.dark_reader import Sighting, lowest, sightings
from deepvein.laboratory.phantom_audit.sections import Section, sections_of
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order, orders
from deepvein.phantoms.shapes.tube import Pixels
from deepvein.studies.study import Modality

PIXELS = Pixels(np.arange(40.0), np.arange(40.0))
EMPTY = np.zeros(PIXELS.shape, dtype=np.uint8)


def test_smoothing_sees_the_vein_alone() -> None:
    picture = np.full(PIXELS.shape, -100, dtype=np.float32)
    mask = np.zeros(PIXELS.shape, dtype=bool)
    mask[10:24, 10:24] = True
    picture[mask] = 120
    section = Section(Modality.CT, 0, PIXELS, picture, EMPTY, EMPTY, EMPTY, EMPTY)
    assert lowest(section, mask) == pytest.approx(120)
    picture[10:24, 10:14] = 40
    assert 40 < lowest(section, mask) < 60


def sightings_of(order: Order) -> list[Sighting]:
    scenario = order.scenario()
    return sightings(order, scenario, sections_of(scenario))


def test_thrombi_are_sought_in_people_with_dvt_alone() -> None:
    well, ill = orders(AuditSettings(Modality.CT))[:2]
    found = sightings_of(ill)
    assert any(one.thrombus for one in found)
    assert not any(one.thrombus for one in sightings_of(well))
    assert all(-300 < one.value < 400 for one in found)
