from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepvein.laboratory.huang2019.masks import keep_mask, kept_mask


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 7), (2, 8, 8)])
def test_round_trip(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    mask = np.random.default_rng(0).random(shape) > 0.5
    keep_mask(mask, tmp_path / "deep" / "a.npz")
    assert (kept_mask(tmp_path / "deep" / "a.npz") == mask).all()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.npz"]
