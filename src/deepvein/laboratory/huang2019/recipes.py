"""The paper's networks and what its Section 5 asks for, each a recipe at the paper's own settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deepvein.examples.presets import HUANG2019
from deepvein.examples.settings import ChunkSettings
from deepvein.laboratory.huang2019.sequences import SEQUENCES
from deepvein.networks import (
    GCNSettings,
    GNUNet3DSettings,
    GNUNetSettings,
    SegNetSettings,
    UNetSettings,
)
from deepvein.studies.study import Modality
from deepvein.training.losses import Focal
from deepvein.training.recipe import Recipe, Task, add
from deepvein.training.settings import OptimiserSettings, ScheduleSettings, TrainingSettings

PRIOR = 0.01
"""Foreground probability that training starts from, as Lin et al. 2017 (section 4.1) have it for the focal
loss; Huang et al. do not say how they begin."""

FOCAL = Focal(gamma=2.0, alpha=0.75)
"""Huang et al. do not name γ and α. With Lin et al.'s α of 0.25, found for boxes, a pixel is marked only if
three of four like it are thrombus, and masks come out too small; their precision and recall are alike."""

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


def _recipe(name: str, summary: str, network: str, settings: Any, parameters: int) -> Recipe:
    return Recipe(
        name=f"huang2019/{name}",
        task=Task.SEGMENTATION,
        modality=Modality.MR,
        summary=summary,
        source=SOURCE,
        network=network,
        network_settings=settings,
        examples=HUANG2019,
        loss=FOCAL,
        training=TRAINING,
        parameters=parameters,
    )


GN_UNET = add(
    _recipe(
        "gn-unet",
        "thrombus in whole coronal slices of 960×320, the paper's proposed network",
        "gn-unet",
        GNUNetSettings(prior=PRIOR),
        7_765_409,
    )
)
UNET = add(
    _recipe("unet", "the same by the original U-Net", "unet", UNetSettings(prior=PRIOR), 31_030_593)
)
SEGNET = add(
    _recipe("segnet", "the same by SegNet", "segnet", SegNetSettings(prior=PRIOR), 29_442_433)
)
GCN = add(
    _recipe(
        "gcn",
        "the same by the Global Convolutional Network, random weights",
        "gcn",
        GCNSettings(prior=PRIOR),
        26_054_983,
    )
)
BN_UNET = add(
    replace(
        GN_UNET,
        name="huang2019/bn-unet",
        summary="the proposed network with batch normalisation (its Section 4)",
        network_settings=GNUNetSettings(normalisation="batch", prior=PRIOR),
    )
)
PLAIN_UNET = add(
    replace(
        GN_UNET,
        name="huang2019/plain-unet",
        summary="the proposed network without normalisation (its Section 4)",
        network_settings=GNUNetSettings(normalisation="none", prior=PRIOR),
        parameters=7_759_521,
    )
)
GN_UNET_3D = add(
    replace(
        _recipe(
            "gn-unet-3d",
            "the volumetric sibling on 16 slices (its Section 5)",
            "gn-unet-3d",
            GNUNet3DSettings(prior=PRIOR),
            14_632_865,
        ),
        examples=replace(
            HUANG2019, kind="chunks", chunk=ChunkSettings(length=16, stride=8, target="all")
        ),
    )
)
GN_UNET_T2 = add(
    replace(
        GN_UNET,
        name="huang2019/gn-unet-t2",
        summary="the proposed network with T2-weighted slices as a second channel (its Section 5)",
        network_settings=GNUNetSettings(in_channels=2, prior=PRIOR),
        examples=replace(HUANG2019, kind=SEQUENCES),
        parameters=7_765_697,
    )
)

MODELS = {
    "gn-unet": GN_UNET,
    "unet": UNET,
    "segnet": SEGNET,
    "gcn": GCN,
}
"""The networks of Table 2 by their short names, the proposed one first."""
