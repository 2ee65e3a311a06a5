from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from deepvein.evaluation.curves import auroc
from deepvein.laboratory.kozemzak2019.repeated import curve_table, splits_table
from unit.laboratory.kozemzak2019.test_claims import classifier, segmenter


def found(splits: int = 3, curve: tuple[float, ...] = (0.1, 0.5)) -> Any:
    slices = {
        "resnet18": classifier(0.1, 0, 0),
        "resnet18-split-1": classifier(0.2, 0, 1),
        "resnet18-split-2": classifier(0.3, 0, 2),
        "cnn-rnn": classifier(0.3, 0, 3),
        "cnn-rnn-50": classifier(0.1, 0, 4),
    }
    pixels = {"unet": segmenter(2.0, 0)}
    profile = SimpleNamespace(draws=20, splits=splits, curve=curve)
    return SimpleNamespace(
        slices=slices.get, segmentation=pixels.get, study=SimpleNamespace(profile=profile)
    )


def test_mean_and_spread_over_splits() -> None:
    made = splits_table(found())
    assert made is not None
    rows = {row[0]: row for row in made.rows}
    values = [auroc(one.probability, one.truth) for one in (classifier(g, 0, s) for g, s in
                                                            ((0.1, 0), (0.2, 1), (0.3, 2)))]  # fmt: skip
    assert rows["2D ResNet"][1:3] == ("AUROC", "3")
    assert float(rows["2D ResNet"][3].split()[0]) == pytest.approx(sum(values) / 3, abs=0.005)
    assert rows["2D ResNet"][4] == f"{min(values):.2f}–{max(values):.2f}"
    assert rows["2D ResNet"][5] == "0.60"
    assert rows["2D U-Net"][1:3] == ("Dice", "1")
    assert splits_table(found(splits=1)) is None


def test_the_learning_curve_ends_with_all_patients() -> None:
    made = curve_table(found())
    assert made is not None
    assert [row[0] for row in made.rows] == ["50%", "100%"]
    assert curve_table(found(curve=())) is None
