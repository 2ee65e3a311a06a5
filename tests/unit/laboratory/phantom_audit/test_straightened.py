import numpy as np
import pytest

from deepvein.core.seeds import generator
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.straightened import (
    PIXEL_MM,
    SIZE,
    Brush,
    Spot,
    joined,
    spots,
    strips,
)
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.studies.study import Modality


@pytest.mark.parametrize("modality", list(Modality))
def test_the_vein_lies_in_the_middle_of_every_section(modality: Modality) -> None:
    order = orders(AuditSettings(modality), True)[1]
    found = strips(order, 3)
    assert found.pictures.shape == (len(found.thrombus), 3, 2, SIZE, SIZE)
    assert len(found.thrombus)
    across, down = np.meshgrid(*2 * [(np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM])
    for vein in found.pictures[:, :, 1].reshape(-1, SIZE, SIZE):
        if vein.any():
            assert abs((across * vein).sum() / vein.sum()) < 4
            assert abs((down * vein).sum() / vein.sum()) < 4
    again = strips(order, 3)
    np.testing.assert_array_equal(found.pictures, again.pictures)
    pictures, truth, people = joined([found, again])
    assert len(pictures) == len(truth) == len(people) == 2 * len(found.thrombus)


def test_a_strip_shows_what_its_spot_says_or_there_is_none() -> None:
    rng = generator(0, "test")
    scenario, thrombus = next(
        (scenario, spot)
        for scenario in (order.scenario() for order in orders(AuditSettings(Modality.CT), True))
        for spot in spots(rng, scenario)
        if spot.thrombus
    )
    brush = Brush.of(scenario)
    found = brush.strip(rng, thrombus, 1)
    assert found is None or found[1]
    assert found is None or brush.strip(rng, Spot(thrombus.vessel, thrombus.z_mm, False), 1) is None
    healthy = Brush.of(scenario.healthy_twin)
    assert healthy.strip(rng, thrombus, 1) is None
    twin = spots(generator(0, "test"), scenario.healthy_twin)
    assert not any(s.thrombus for s in twin)
