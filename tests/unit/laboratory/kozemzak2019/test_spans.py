from __future__ import annotations

import numpy as np
import pytest

from deepvein.laboratory.kozemzak2019.cohort import plan_of
from deepvein.laboratory.kozemzak2019.profiles import PROFILES
from deepvein.laboratory.kozemzak2019.spans import CHUNK, planned, runs, spans_table


def test_runs_by_hand() -> None:
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1, 1, 1], dtype=bool)) == [2, 1, 3]
    assert runs(np.zeros(4, dtype=bool)) == []


def test_the_table_by_hand() -> None:
    made = spans_table({"artefact": [20, 30, 40], "thrombus": [5, 10, 11, 12], "none": []})
    assert made.rows == (
        ("artefact", "3", "30", "25–35", "0%"),
        ("thrombus", "4", "10", "9–11", "50%"),
    )


@pytest.mark.parametrize("profile", ["cpu"])
def test_artefacts_span_clearly_more_slices_and_chunks_hold_the_ends_of_thrombi(
    profile: str,
) -> None:
    """The paper's hypothesis can only be tested where both hold (Section 1)."""
    found = planned(plan_of(PROFILES.get(profile)), 40)
    artefact, thrombus = (np.array(found[name]) for name in ("artefact", "thrombus"))
    assert np.median(artefact) >= 2 * np.median(thrombus)
    assert np.mean(thrombus < CHUNK) > 0.5
    assert np.mean(artefact < CHUNK) < 0.25
