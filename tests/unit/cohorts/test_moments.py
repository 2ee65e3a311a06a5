from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.moments import Moments, moments_of, training_moments
from deepvein.core.errors import CohortError
from unit.cohorts.tiny_cohort import arrays, make

VALUES = st.lists(st.integers(-30000, 30000), max_size=30)


@given(st.lists(VALUES, max_size=6))
def test_parts_give_the_moments_of_the_whole(parts: list[list[int]]) -> None:
    found = moments_of(np.array(part, dtype=np.int16) for part in parts)
    whole = np.array([value for part in parts for value in part], dtype=np.float64)
    assert found.count == whole.size
    if whole.size:
        assert found.mean == pytest.approx(whole.mean(), abs=1e-6)
        assert found.sd == pytest.approx(whole.std(), rel=1e-9, abs=1e-4)


def test_nothing_has_no_moments() -> None:
    assert Moments.of(np.zeros((0, 3))) == Moments(0, 0.0, 0.0)
    assert Moments(0, 0.0, 0.0).merged(Moments(2, 5.0, 1.0)) == Moments(2, 5.0, 1.0)


def test_training_moments_are_those_of_all_voxels(tmp_path: Path) -> None:
    cohort = make(tmp_path, n=2)
    voxels = np.concatenate([arrays(dvt=True)[0].ravel(), arrays(dvt=False)[0].ravel()]).astype(
        float
    )
    found = training_moments(cohort)
    assert (found.count, found.mean, found.sd) == pytest.approx(
        (voxels.size, voxels.mean(), voxels.std())
    )
    clipped = training_moments(cohort, clip=(0.0, 100.0))
    assert clipped.mean == pytest.approx(voxels.clip(0, 100).mean())
    assert training_moments(cohort) == found
    assert len(list((cohort.cache / "moments").iterdir())) == 4


def test_no_cases_have_no_training_moments(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="at least one case"):
        training_moments(Cohort(tmp_path, ()))
