"""A whole audit made by hand, so that pages and charts need no phantoms."""

import pytest

from deepvein.anatomy.veins import Side, VeinSegment
from deepvein.evaluation.statistics import Estimate, summary
from deepvein.laboratory.phantom_audit.audit import Audit
from deepvein.laboratory.phantom_audit.blind import Blind
from deepvein.laboratory.phantom_audit.calibres import Calibre, Calibres
from deepvein.laboratory.phantom_audit.centres import Centres, Transfer
from deepvein.laboratory.phantom_audit.dark_reader import DarkReader
from deepvein.laboratory.phantom_audit.extents import Extent, summarised
from deepvein.laboratory.phantom_audit.matched_filter import MatchedFilter
from deepvein.laboratory.phantom_audit.neighbours import Neighbours
from deepvein.laboratory.phantom_audit.position_reader import PositionReader
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.tissues import CT_BINS, Shade, Structure, Tissues
from deepvein.phantoms.centres import NAMES
from deepvein.studies.study import Modality

HALF = Estimate(0.5, 0.4, 0.6)


@pytest.fixture
def made() -> Audit:
    counts = tuple([0] * 50 + [8] + [0] * 69)
    shades = [
        Shade(s, 0, 4, summary([50.0, 54.0]), summary([52.0, 52.0]), 9.0, counts) for s in Structure
    ]
    vein = Shade(
        Structure.VEIN, 120, 4, summary([118.0, 118.0]), summary([118.0, 118.0]), 9.0, counts
    )
    left = Extent("0001", Side.LEFT, 20.0, 12.0, 3, True, True, True, True)
    return Audit(
        settings=AuditSettings(Modality.CT, n=6),
        generator="0" * 16,
        tissues=Tissues("HU", CT_BINS, (*shades, vein)),
        calibres=Calibres(
            (Calibre(int(VeinSegment.FEMORAL), 4, 6.5, 6.0, 7.0),),
            (Calibre(int(VeinSegment.FEMORAL), 3, 9.5, 8.0, 11.0),),
        ),
        extents=summarised([left]),
        dark_reader=DarkReader(
            HALF, HALF, summary([60.0, 60.0]), summary([61.0, 61.0]), (60.0, 62.0), (61.0, 50.0)
        ),
        position_reader=PositionReader(HALF, HALF, HALF, (0.0, 3.0), (0.1, 0.2)),
        blind=Blind(HALF, HALF, 6, 60),
        neighbours=Neighbours(HALF, HALF, Estimate(0.2, 0.1, 0.3), 9, 40, 10),
        centres=Centres(
            tuple(Transfer(a, b, HALF, Estimate(0.1, 0.0, 0.2)) for a in NAMES for b in NAMES),
            Estimate(0.1, 0.05, 0.15),
        ),
        matched_filter=MatchedFilter(
            HALF, HALF, Estimate(0.1, 0.0, 0.2), summary([2.0, 4.0]), 2, 3
        ),
    )
