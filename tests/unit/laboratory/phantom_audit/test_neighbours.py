import numpy as np
import pytest

from deepvein.laboratory.phantom_audit import neighbours
from deepvein.laboratory.phantom_audit.neighbours import DEPTH, judge
from deepvein.laboratory.phantom_audit.settings import AuditSettings
from deepvein.laboratory.phantom_audit.straightened import Strips
from deepvein.studies.study import Modality


def test_the_gain_is_eleven_minus_one_of_the_same_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    found = []
    for k in range(20):
        pictures = rng.normal(0, 1.5, (2, DEPTH, 1, 1, 1)).astype(np.float32)
        pictures[0] += 1
        found.append(Strips(f"{k}", pictures, np.array([True, False])))
    starts = []

    def train(pictures: np.ndarray, *rest: object) -> int:
        starts.append((pictures.shape[1], rest[3:]))
        return 7

    monkeypatch.setattr(neighbours, "train", train)
    monkeypatch.setattr(neighbours, "read", lambda _, x: x.mean(axis=(1, 2, 3, 4)))
    result = judge(AuditSettings(Modality.CT, n=12), found)
    assert (result.people, result.patches, result.with_thrombus) == (20, 40, 20)
    assert result.eleven.value > result.one.value + 0.1
    assert result.gain.value == pytest.approx(result.eleven.value - result.one.value)
    # Both go on from the network that has learnt from single sections.
    assert starts[:3] == [(1, ()), (1, (7,)), (DEPTH, (7,))]
