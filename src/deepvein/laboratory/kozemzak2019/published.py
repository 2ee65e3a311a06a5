"""What Kozemzak et al. 2019 printed, to stand beside what we measure."""

from __future__ import annotations

from dataclasses import dataclass

CITATION = (
    "Kozemzak B, Manjunath A, Tsue T, Wang JX. Deep Vein Thrombosis Screening with Three-Dimensional "
    "Deep Learning on Lower Extremity Computed Tomography Studies. Stanford University, 2019."
)


@dataclass(frozen=True)
class Printed:
    """One line of a table; None where the table has no such column."""

    model: str
    metric: str
    training: float | None
    validation: float
    test: float


TABLE_1 = (
    Printed("unet", "Dice", 0.12, 0.01, 0.01),
    Printed("unet", "IoU", 0.23, 0.05, 0.04),
    Printed("vgg", "Dice", 0.31, 0.05, 0.05),
    Printed("vgg", "IoU", 0.56, 0.43, 0.46),
    Printed("vgg-pretrained", "Dice", 0.38, 0.12, 0.07),
    Printed("vgg-pretrained", "IoU", 0.67, 0.55, 0.48),
    Printed("unet-3d", "Dice", 0.46, 0.09, 0.04),
    Printed("unet-3d", "IoU", 0.72, 0.41, 0.42),
)
"""Section 5.1. An IoU above its Dice cannot be of the foreground alone: it is a mean of both classes."""

TABLE_2 = (
    Printed("resnet18", "AUROC", None, 0.80, 0.60),
    Printed("resnet18", "Avg. Precision", None, 0.74, 0.29),
    Printed("resnet18-masks", "AUROC", None, 0.82, 0.59),
    Printed("resnet18-masks", "Avg. Precision", None, 0.77, 0.27),
    Printed("cnn-rnn", "AUROC", None, 0.81, 0.64),
    Printed("cnn-rnn", "Avg. Precision", None, 0.77, 0.31),
    Printed("cnn-rnn-masks", "AUROC", None, 0.79, 0.59),
    Printed("cnn-rnn-masks", "Avg. Precision", None, 0.70, 0.26),
    Printed("i3d", "AUROC", None, 0.81, 0.63),
    Printed("i3d", "Avg. Precision", None, 0.70, 0.30),
    Printed("i3d-masks", "AUROC", None, 0.73, 0.62),
    Printed("i3d-masks", "Avg. Precision", None, 0.70, 0.33),
)
"""Section 5.2."""

STUDIES, PATIENTS = 119, 97
SLICES = (29, 1519)
"""Least and most slices of a study (Section 3, Figure 2)."""
