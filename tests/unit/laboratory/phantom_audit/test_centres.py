import numpy as np
import pytest

from deepvein.core.progress import silent
from deepvein.laboratory.phantom_audit import centres
from deepvein.laboratory.phantom_audit.patches import Patches
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.studies import Order
from deepvein.studies.study import Modality


def patches(order: Order) -> Patches:
    """Brightness tells thrombi at A and B, and the opposite at C."""
    truth = np.array([True, False])
    sign = -1 if order.centre == "C" else 1
    pictures = np.where(truth, sign, 0).astype(np.float32).reshape(2, 1, 1, 1, 1)
    return Patches(order.name, pictures, truth)


def test_what_is_lost_is_the_difference_of_areas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(centres, "patches", patches)
    monkeypatch.setattr(centres, "train", lambda *_: None)
    monkeypatch.setattr(centres, "read", lambda _, x: x.reshape(len(x)).astype(float))
    found = centres.measure(AuditSettings(Modality.CT, n=6), silent)
    table = {(t.trained, t.tested): t for t in found.transfers}
    assert table["A", "B"].auroc.value == 1
    assert table["A", "B"].loss.value == 0
    assert table["A", "C"].loss.value == 1
    assert found.mean_loss.value == pytest.approx((0 + 1 + 0 + 1 - 1 - 1) / 6)
