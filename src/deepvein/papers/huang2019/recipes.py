"""Huang et al. 2019: thrombus segmentation in contrast-enhanced MR venography."""

from __future__ import annotations

from deepvein.examples.presets import HUANG2019
from deepvein.networks import GNUNetSettings
from deepvein.studies.study import Modality
from deepvein.training.losses import Focal
from deepvein.training.recipe import Recipe, Task, add
from deepvein.training.settings import OptimiserSettings, ScheduleSettings, TrainingSettings

SOURCE = "Huang et al. 2019, BioMed Research International, doi:10.1155/2019/3401683"

TRAINING = TrainingSettings(
    epochs=250,
    batch=2,
    optimiser=OptimiserSettings(kind="adam", learning_rate=1e-3, momentum=0.9),
    schedule=ScheduleSettings(kind="step", decay=0.1),
)
"""Section 2.4: 250 epochs, batch 2, Adam at 1e-3 with momentum 0.9, decay ("gamma") 0.1.

When the rate decays is not stated; here after half and three quarters of the steps. The paper names no
validation set: it trained to the end, and so does this unless a score is chosen.
"""

GN_UNET = add(
    Recipe(
        name="huang2019/gn-unet",
        task=Task.SEGMENTATION,
        modality=Modality.MR,
        summary="thrombus in whole coronal slices of 960×320, the paper's proposed network",
        source=SOURCE,
        network="gn-unet",
        network_settings=GNUNetSettings(),
        examples=HUANG2019,
        loss=Focal(),
        training=TRAINING,
        parameters=7_765_409,
    )
)
