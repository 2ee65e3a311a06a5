from __future__ import annotations

import pytest

from deepvein.cli.tune import range_of
from deepvein.core.errors import UsageError
from deepvein.training.search import Range


def test_ranges_are_read() -> None:
    key = "training.optimiser.learning_rate"
    assert range_of(f"{key}=1e-5..1e-2:log") == Range(key, 1e-5, 1e-2, log=True)
    assert range_of("examples.augmentation.rotation_deg=0..90") == Range(
        "examples.augmentation.rotation_deg", 0.0, 90.0
    )


@pytest.mark.parametrize("text", ["a", "a=1", "a=1..x", "a=1..2:sqrt", "=.."])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="KEY=LOW"):
        range_of(text)
