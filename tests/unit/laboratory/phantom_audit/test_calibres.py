from deepvein.anatomy.veins import VeinSegment
from deepvein.core.progress import silent
from deepvein.core.settings import from_dict, to_dict
from deepvein.laboratory.phantom_audit.calibres import measure
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.studies.study import Modality


def test_percentiles_lie_in_order_and_come_back_from_disk() -> None:
    found = measure(AuditSettings(Modality.CT, n=6), silent)
    assert {one.segment for one in found.healthy} == set(VeinSegment)
    assert all(one.p5 <= one.median <= one.p95 for one in found.healthy + found.thrombosed)
    back = from_dict(type(found), to_dict(found))
    assert back == found
    assert back.healthy[0].segment is VeinSegment.INFERIOR_VENA_CAVA
