import pytest

from deepvein.audit import visits
from deepvein.audit.settings import AuditSettings
from deepvein.audit.visits import Source
from deepvein.core.progress import silent
from deepvein.studies.study import Modality


def test_mr_studies_beyond_eighty_are_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "visit", lambda order: order.name)
    assert len(Source(AuditSettings(Modality.CT, n=90), silent).visits) == 90
    assert len(Source(AuditSettings(Modality.MR, n=90), silent).visits) == 80
