from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import orders
from deepvein.studies.study import Modality

SETTINGS = AuditSettings(Modality.CT, n=8)


def test_half_of_the_studies_have_dvt_and_seeds_do_not_repeat() -> None:
    found = orders(SETTINGS)
    assert sum(order.dvt for order in found) == 4
    assert len({order.seed for order in found}) == 8
    assert all(order.dvt for order in orders(SETTINGS, dvt=True))


def test_one_person_can_be_examined_at_every_centre() -> None:
    order = orders(SETTINGS)[1]
    a, b = order.at("A").scenario(), order.at("B").scenario()
    assert (a.centre, b.centre) == ("A", "B")
    assert a.person == b.person
    assert a.thrombi
    assert b.thrombi
