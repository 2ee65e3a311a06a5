from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deepvein.core.errors import SettingsError, TrainingError
from deepvein.core.spreadsheet import write_csv
from deepvein.laboratory.huang2019.rates import (
    SCORE,
    best_rate,
    rates_table,
    scores,
    trials,
)
from deepvein.laboratory.huang2019.study import Study
from deepvein.laboratory.reproduction import reproduce
from deepvein.training.machine import Machine
from unit.laboratory.huang2019.test_study import TINY, own_cohort

SEARCHED = replace(TINY, rates=(1e-2, 1e-3), rate_steps=2, folds=3, trials=(0,))
CPU = Machine(device="cpu", workers=0)


def kept(out: Path, **dice: tuple[float, float]) -> None:
    for trial in trials(SEARCHED, tuple(f"models/{name.replace('_', '-')}" for name in dice)):
        key = trial.experiment.name.partition("/")[2].replace("-", "_")
        value = dice[key][SEARCHED.rates.index(trial.rate)]
        write_csv(out / trial.name / SCORE, ("rate", "dice"), [(trial.rate, value)])


def test_each_network_gets_its_best_and_the_first_of_equals(tmp_path: Path) -> None:
    assert best_rate(SEARCHED, tmp_path, "models/unet") == SEARCHED.learning_rate
    assert rates_table(SEARCHED, tmp_path) is None
    kept(tmp_path, gn_unet=(0.3, 0.3), unet=(0.0, 0.4))
    assert best_rate(SEARCHED, tmp_path, "models/unet") == 1e-3
    assert best_rate(SEARCHED, tmp_path, "models/gn-unet") == 1e-2
    assert best_rate(SEARCHED, tmp_path, "losses/dice") == 1e-2  # that of the proposed network
    table = rates_table(SEARCHED, tmp_path)
    assert table is not None
    assert table.rows == (
        ("Original U-Net", "0.000", "0.400", "0.001"),
        ("Proposed (GN U-Net)", "0.300", "0.300", "0.01"),
    )
    kept(tmp_path, unet=(float("nan"), 0.1))
    with pytest.raises(TrainingError, match="has no score"):
        best_rate(SEARCHED, tmp_path, "models/unet")


def test_a_search_needs_a_fold_that_judges() -> None:
    with pytest.raises(SettingsError, match="3 folds or more"):
        replace(TINY, rates=(1e-3,), folds=2)
    with pytest.raises(SettingsError, match="between 0 and 1"):
        replace(TINY, curve=(0.5, 1.0))


@pytest.mark.slow
def test_a_study_of_days_in_small(tmp_path: Path) -> None:
    """Search, trainings that validation ends, and a learning curve; the chosen rates are trained with."""
    profile = replace(SEARCHED, patience=1, epochs=2, curve=(0.5,))
    own, out = own_cohort(tmp_path / "own", patients=9), tmp_path / "out"
    study = Study(profile, out, own, ("gn-unet", "unet"), (0,), machine=CPU)
    wanted = [step for step in study._trying() if step.name.startswith("rates/")]
    assert [step.name for step in wanted] == [
        "rates/gn-unet/0.01", "rates/gn-unet/0.001", "rates/unet/0.01", "rates/unet/0.001",
    ]  # fmt: skip
    works = {step.name: step.work for step in study.training()}
    half, whole = works["curve/gn-unet-50/fold-0"], works["models/gn-unet/fold-0"]
    assert set(half.training.patients) < set(whole.training.patients)
    assert not set(whole.validation.patients) & {*whole.training.patients, *whole.test.patients}
    tables_only = replace(study, beyond=False)
    assert reproduce(tables_only).complete
    found = scores(profile, out)
    assert set(found) == {"models/gn-unet", "models/unet"}
    for run in tables_only.runs:
        rate = best_rate(profile, out, run.experiment.name)
        assert run.experiment.recipe.training.optimiser.learning_rate == rate
    assert "Learning rates" in (out / "index.md").read_text()
