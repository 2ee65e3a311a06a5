from dataclasses import replace

from deepvein.anatomy.veins import Side
from deepvein.laboratory.phantom_audit.extents import Extent, extents, summarised
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.studies.study import Modality

LEFT = Extent("a", Side.LEFT, 20, 10, 3, True, True, True, True)


def test_shares_are_those_of_people_with_one_side() -> None:
    calf = replace(LEFT, study="b", side=Side.RIGHT, proximal=False, iliofemoral=False)
    both = [replace(LEFT, study="c"), replace(LEFT, study="c", side=Side.RIGHT)]
    found = summarised([LEFT, calf, *both])
    assert found.people == 3
    assert found.bilateral_share == 1 / 3
    assert (found.left_share, found.calf_share, found.iliofemoral_share) == (0.5, 0.5, 0.5)


def test_sizes_of_a_sampled_thrombus_are_possible() -> None:
    for order in orders(AuditSettings(Modality.CT), dvt=True)[:4]:
        for one in extents(order):
            assert 1 < one.length_cm < 100
            assert 0 < one.volume_ml < 150
            assert 1 <= one.segments <= 5
