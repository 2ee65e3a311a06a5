import numpy as np
import pytest

from deepvein.audit import neighbours
from deepvein.audit.patches import Patches
from deepvein.audit.settings import AuditSettings
from deepvein.studies.study import Modality


def test_the_gain_is_eleven_minus_one_of_the_same_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    found = []
    for k in range(12):
        truth = np.repeat([[True], [False]], 5, axis=1)
        pictures = rng.normal(0, 1.5, (2, 15, 1, 1, 1)).astype(np.float32)
        pictures[0] += 1
        found.append(Patches(f"{k}", pictures, truth))

    def mean(pictures: np.ndarray, truth: np.ndarray, *_: object) -> np.ndarray:
        spare = truth.shape[1] // 2
        return pictures[:, spare : pictures.shape[1] - spare].mean(axis=(1, 2, 3, 4))

    monkeypatch.setattr(neighbours, "cross_validate", mean)
    result = neighbours.judge(AuditSettings(Modality.CT, n=12), found)
    assert (result.patches, result.with_thrombus) == (24, 12)
    assert result.eleven.value > result.one.value + 0.1
    assert result.gain.value == pytest.approx(result.eleven.value - result.one.value)
