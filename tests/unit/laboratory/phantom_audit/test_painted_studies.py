from __future__ import annotations

import pytest

from deepvein.core.progress import silent
from deepvein.laboratory.phantom_audit import painted_studies
from deepvein.laboratory.phantom_audit.painted_studies import Source
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.studies.study import Modality


@pytest.mark.parametrize("modality", Modality)
def test_every_study_is_painted_and_only_once(
    modality: Modality, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    monkeypatch.setattr(painted_studies, "visit", lambda order: painted.append(order.name))
    source = Source(AuditSettings(modality, n=90), silent)
    assert len(source.visits) == len(source.visits) == 90
    assert len(painted) == len(set(painted)) == 90
