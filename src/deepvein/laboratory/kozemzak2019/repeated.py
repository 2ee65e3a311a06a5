"""What one split and one number of patients cannot tell: tables over several splits, and learning curves."""

from __future__ import annotations

from deepvein.evaluation.curves import auroc
from deepvein.evaluation.pixels import PixelTally
from deepvein.evaluation.statistics import summary
from deepvein.evaluation.tables import Table
from deepvein.laboratory.kozemzak2019.measures import classification_scores
from deepvein.laboratory.kozemzak2019.published import TABLE_1, TABLE_2
from deepvein.laboratory.kozemzak2019.recipes import CLASSIFIERS, LABELS, SEGMENTERS
from deepvein.laboratory.kozemzak2019.study_results import Gathered


def splits_table(found: Gathered) -> Table | None:
    """Mean, SD and range of the test score over the splits on which a model has been trained; None unless
    one has been on two or more."""
    printed = {(row.model, row.metric): row.test for row in (*TABLE_1, *TABLE_2)}
    rows = []
    for name in (*SEGMENTERS, *CLASSIFIERS):
        metric = "Dice" if name in SEGMENTERS else "AUROC"
        names = [name, *(f"{name}-split-{k}" for k in range(1, found.study.profile.splits))]
        reached = summary([_test_score(found, one) for one in names])
        if reached.count:
            cells = (f"{reached:.2f}", f"{reached.lowest:.2f}–{reached.highest:.2f}")
            published = f"{printed[name, metric]:.2f}"
            rows.append((LABELS[name], metric, str(reached.count), *cells, published))
    if not any(int(row[2]) > 1 for row in rows):
        return None
    columns = ("Model", "Test metric", "Splits", "Mean ± SD", "Range", "Published, one split")
    return Table("Over several splits", columns, tuple(rows))


def curve_table(found: Gathered) -> Table | None:
    """The CNN-RNN by the share of the training patients that it learned from; None without a smaller one."""
    draws = found.study.profile.draws
    shares = {f"cnn-rnn-{round(100 * share)}": share for share in found.study.profile.curve}
    rows = []
    for name, share in {**shares, "cnn-rnn": 1.0}.items():
        slices = found.slices(name)
        if slices is not None:
            scores = (classification_scores(slices.of(s), draws) for s in ("validation", "test"))
            rows.append((f"{share:.0%}", *(f"{one.auroc:.2f}" for one in scores)))
    if len(rows) < 2:
        return None
    columns = ("Training patients", "AUROC, validation", "AUROC, test")
    return Table("Learning curve of the CNN-RNN", columns, tuple(rows))


def _test_score(found: Gathered, name: str) -> float:
    """Dice of all test pixels or AUROC of all test slices; NaN where the model is not there."""
    pixels, slices = found.segmentation(name), found.slices(name)
    if pixels is not None and pixels.of("test").studies:
        return PixelTally(pixels.of("test").counts().sum(0)).overlap().dice
    if slices is not None and slices.of("test").rows:
        return auroc(slices.of("test").probability, slices.of("test").truth)
    return float("nan")
