from __future__ import annotations

import pytest

from deepvein.audit import visits
from deepvein.audit.settings import AuditSettings
from deepvein.audit.visits import Source
from deepvein.core.progress import silent
from deepvein.studies.study import Modality


@pytest.mark.parametrize("modality", Modality)
def test_every_study_is_painted_and_only_once(
    modality: Modality, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    monkeypatch.setattr(visits, "visit", lambda order: painted.append(order.name))
    source = Source(AuditSettings(modality, n=90), silent)
    assert len(source.visits) == len(source.visits) == 90
    assert len(painted) == len(set(painted)) == 90
