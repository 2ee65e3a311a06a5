"""What Huang et al. 2019 printed, with its place."""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.evaluation.tables import Table

CITATION = (
    "Huang C, Tian J, Yuan C, et al. Fully Automated Segmentation of Lower Extremity Deep Vein Thrombosis "
    "Using Convolutional Neural Network. BioMed Research International 2019, 3401683, "
    "doi:10.1155/2019/3401683 (CC BY)"
)
PATIENTS, SLICES, THROMBUS_SLICES = 58, 5388, 2683
"""Section 2.1."""
PROXIMAL_LESIONS, DISTAL_LESIONS = 56, 43
"""Table 1."""


@dataclass(frozen=True)
class Score:
    """Mean and SD, median (None where not printed), and range."""

    mean: float
    sd: float
    median: float | None
    lowest: float
    highest: float


TABLE_1: dict[str, tuple[Score, Score, Score]] = {
    "proximal": (
        Score(0.78, 0.12, 0.81, 0.27, 0.92),
        Score(0.75, 0.14, 0.79, 0.16, 0.91),
        Score(0.83, 0.12, 0.86, 0.48, 0.99),
    ),
    "distal": (
        Score(0.57, 0.19, 0.62, 0.0, 0.86),
        Score(0.64, 0.22, 0.70, 0.0, 0.90),
        Score(0.56, 0.24, 0.54, 0.0, 0.99),
    ),
    "all": (
        Score(0.74, 0.17, 0.79, 0.0, 0.92),
        Score(0.75, 0.16, 0.77, 0.0, 0.88),
        Score(0.72, 0.15, 0.82, 0.0, 0.99),
    ),
}
"""DSC, precision and recall by level. The text gives 0 to 0.91 as the range of all DSC."""

TABLE_2: dict[str, tuple[Score, Score, Score]] = {
    "unet": (
        Score(0.66, 0.15, None, 0.0, 0.84),
        Score(0.71, 0.17, None, 0.05, 0.88),
        Score(0.65, 0.17, None, 0.04, 0.92),
    ),
    "segnet": (
        Score(0.55, 0.20, None, 0.01, 0.81),
        Score(0.64, 0.25, None, 0.01, 0.93),
        Score(0.51, 0.19, None, 0.02, 0.89),
    ),
    "gcn": (
        Score(0.57, 0.22, None, 0.02, 0.83),
        Score(0.77, 0.28, None, 0.0, 0.92),
        Score(0.48, 0.22, None, 0.02, 0.78),
    ),
    "gn-unet": (
        Score(0.74, 0.17, None, 0.0, 0.92),
        Score(0.75, 0.16, None, 0.0, 0.88),
        Score(0.72, 0.15, None, 0.0, 0.99),
    ),
}
"""DSC, precision and recall; every difference in DSC to the proposed network has p < 0.001."""

_LEVELS = {
    "proximal": "Proximal DVT (56 lesions)",
    "distal": "Distal DVT (43 lesions)",
    "all": "All 58",
}
_NAMES = {"unet": "Original U-Net", "segnet": "Segnet", "gcn": "GCN", "gn-unet": "Proposed method"}


def first_table() -> Table:
    """Table 1 as printed."""
    rows: list[tuple[str, ...]] = []
    for level, scores in TABLE_1.items():
        rows.append((_LEVELS[level], "Mean ± SD", *(_spread(one) for one in scores)))
        rows.append(("", "Median", *(f"{one.median:.2f}" for one in scores)))
        rows.append(("", "Range", *(_range(one) for one in scores)))
    return Table("Table 1", ("", "", "DSC", "Precision", "Recall"), tuple(rows))


def second_table() -> Table:
    """Table 2 as printed."""
    rows = []
    for name, scores in TABLE_2.items():
        dice, precision, recall = scores
        p = "" if name == "gn-unet" else "< 0.001"
        cells = [_spread(dice), p, _range(dice), _spread(precision), _spread(recall)]
        rows.append((_NAMES[name], *cells))
    columns = ("Algorithm", "DSC", "p", "Range", "Precision", "Recall")
    return Table("Table 2", columns, tuple(rows))


def _spread(score: Score) -> str:
    return f"{score.mean:.2f} ± {score.sd:.2f}"


def _range(score: Score) -> str:
    return f"{score.lowest:.2f}–{score.highest:.2f}"
