from pathlib import Path

import pytest

from deepvein.core.progress import silent
from deepvein.laboratory.phantom_audit import gallery
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.studies.study import Modality

SETTINGS = AuditSettings(Modality.CT, n=6)


def test_examples_show_what_their_titles_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = gallery._many(SETTINGS)
    monkeypatch.setattr(gallery, "_many", lambda _: many[:16])
    found = gallery.examples(SETTINGS)
    assert found
    for example in found:
        artefact = "no thrombus" in example.title
        assert bool(example.scenario.thrombi) is not artefact
        low, high = example.scenario.scan.covered_mm
        assert low <= example.z_mm <= high
    path = gallery.axial_gallery(SETTINGS, found[:1], tmp_path, silent)
    assert path.stat().st_size > 20000
