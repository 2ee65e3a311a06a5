"""Learning rates at steps where they can be said beforehand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvein.core.errors import SettingsError
from deepvein.training.schedules import factor
from deepvein.training.settings import ScheduleSettings


def test_constant() -> None:
    assert [factor(ScheduleSettings(), step, 10) for step in (0, 9)] == [1.0, 1.0]


def test_step_decays_at_its_milestones() -> None:
    settings = ScheduleSettings(kind="step", milestones=(0.5, 0.75), decay=0.1)
    found = [factor(settings, step, 100) for step in (0, 49, 50, 74, 75, 99)]
    assert found == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


def test_cosine_is_half_way_in_the_middle() -> None:
    settings = ScheduleSettings(kind="cosine", final=0.2)
    assert factor(settings, 0, 100) == 1.0
    assert factor(settings, 50, 100) == pytest.approx(0.6)
    assert factor(settings, 100, 100) == pytest.approx(0.2)


def test_poly_after_a_linear_warm_up() -> None:
    settings = ScheduleSettings(kind="poly", warm_up_steps=4, power=1.0)
    found = [factor(settings, step, 12) for step in (0, 1, 2, 3, 4, 8, 11)]
    assert found == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 0.5, 0.125])


@given(
    kind=st.sampled_from(["constant", "step", "cosine", "poly"]),
    warm_up=st.integers(0, 20),
    steps=st.integers(1, 200),
    data=st.data(),
)
def test_the_factor_is_never_negative_nor_above_one(
    kind: str, warm_up: int, steps: int, data: st.DataObject
) -> None:
    settings = ScheduleSettings(kind=kind, warm_up_steps=warm_up)  # type: ignore[arg-type]
    step = data.draw(st.integers(0, steps - 1))
    assert 0 <= factor(settings, step, steps) <= 1


def test_milestones_out_of_range_are_refused() -> None:
    with pytest.raises(SettingsError, match="between 0 and 1"):
        ScheduleSettings(milestones=(100,))
