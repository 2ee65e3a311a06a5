import numpy as np

from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.laboratory.phantom_audit.thrombus_extents import drawn, stretches
from deepvein.studies.study import Modality


def test_stretches_lie_in_their_veins_and_in_the_coverage() -> None:
    rng = np.random.default_rng(0)
    for order in orders(AuditSettings(Modality.CT))[:6]:
        scenario = order.scenario()
        found = stretches(scenario, 2.0)
        assert bool(found) <= order.dvt
        low, high = scenario.scan.covered_mm
        for one in found:
            assert max(low, one.vessel.tube.low_mm) + 2 <= one.low_mm < one.high_mm
            assert one.high_mm <= min(high, one.vessel.tube.high_mm) - 2
        place = drawn(rng, found)
        assert (place is not None) == bool(found)
        assert place is None or any(
            one.vessel is place[0] and one.low_mm <= place[1] <= one.high_mm for one in found
        )
