from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepvein.laboratory.claims import Verdict
from deepvein.laboratory.huang2019.claims import claims
from deepvein.laboratory.huang2019.results import PatientResult
from unit.laboratory.huang2019.test_tables import row


def rows(shift: float, seed: int = 0, patients: int = 30) -> list[PatientResult]:
    """Patients of mean DSC 0.74 + shift, 0.2 lower below the knee."""
    rng = np.random.default_rng(seed)
    out = []
    for k in range(patients):
        dice = float(np.clip(0.74 + 0.1 * np.sin(k) + shift + rng.normal(0, 0.02), 0, 1))
        out.append(replace(row(f"c{k}", dice), dice_proximal=dice, dice_distal=dice - 0.2))
    return out


def test_nothing_measured_leaves_every_claim_open() -> None:
    found = claims({})
    assert len(found) == 7
    assert {one.verdict for one in found} == {Verdict.OPEN}
    assert {one.here for one in found} == {"not measured"}


def test_claims_of_results_like_the_papers_are_confirmed() -> None:
    results = {
        "models/gn-unet": rows(0.0),
        "models/unet": rows(-0.08, 1),
        "models/segnet": rows(-0.01, 2, 5),
        "models/gcn": rows(0.2, 3),
        "normalisation/group": rows(0.0, 4),
        "normalisation/batch": rows(-0.1, 5),
    }
    by_text = {one.text: one for one in claims(results)}
    verdicts = {text: one.verdict for text, one in by_text.items()}
    assert verdicts["The proposed network's mean DSC"] is Verdict.CONFIRMED
    assert (
        verdicts["The proposed network has a higher DSC than Original U-Net"] is Verdict.CONFIRMED
    )
    assert verdicts["The proposed network has a higher DSC than GCN"] is Verdict.NOT_CONFIRMED
    assert by_text["The focal loss does better than cross-entropy"].here == "not measured"
    level = next(one for text, one in by_text.items() if text.startswith("Proximal"))
    assert level.verdict is Verdict.CONFIRMED
    assert float(level.here.split()[0]) == pytest.approx(0.2)
    assert level.published == "+0.21"
    group = next(one for text, one in by_text.items() if text.startswith("Group"))
    assert (group.published, group.verdict) == ("not stated", Verdict.CONFIRMED)
