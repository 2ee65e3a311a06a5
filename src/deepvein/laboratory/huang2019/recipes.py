"""The paper's networks and what its Section 5 asks for, each a recipe at the paper's own settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from deepvein.studies.study import Modality
from deepvein.training.recipe import Ingredients, LazyRecipe, Task, recipe
from deepvein.training.settings import OptimiserSettings, ScheduleSettings, TrainingSettings

if TYPE_CHECKING:
    from deepvein.examples.settings import ExampleSettings

PRIOR = 0.01
"""Foreground probability that training starts from, as Lin et al. 2017 (section 4.1) have it for the focal
loss; Huang et al. do not say how they begin."""

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


ALPHA = 0.75
"""Of the focal loss. Huang et al. do not name γ and α. With Lin et al.'s α of 0.25, found for boxes, a pixel
is marked only if three of four like it are thrombus, and masks come out too small; their precision and
recall are alike."""


def _recipe(
    name: str, summary: str, network: str, parameters: int
) -> Callable[[Callable[[], Ingredients]], LazyRecipe]:
    return recipe(
        f"huang2019/{name}",
        task=Task.SEGMENTATION,
        modality=Modality.MR,
        network=network,
        parameters=parameters,
        summary=summary,
        source=SOURCE,
    )


def _ingredients(settings: Any, examples: ExampleSettings | None = None) -> Ingredients:
    from deepvein.examples.presets import HUANG2019
    from deepvein.training.losses.focal import Focal

    return Ingredients(settings, examples or HUANG2019, Focal(gamma=2.0, alpha=ALPHA), TRAINING)


@_recipe(
    "gn-unet",
    "thrombus in whole coronal slices of 960×320, the paper's proposed network",
    "gn-unet",
    7_765_409,
)
def gn_unet() -> Ingredients:
    from deepvein.networks.gn_unet import GNUNetSettings

    return _ingredients(GNUNetSettings(prior=PRIOR))


@_recipe("unet", "the same by the original U-Net", "unet", 31_030_593)
def unet() -> Ingredients:
    from deepvein.networks.unet import UNetSettings

    return _ingredients(UNetSettings(prior=PRIOR))


@_recipe("segnet", "the same by SegNet", "segnet", 29_442_433)
def segnet() -> Ingredients:
    from deepvein.networks.segnet import SegNetSettings

    return _ingredients(SegNetSettings(prior=PRIOR))


@_recipe("gcn", "the same by the Global Convolutional Network, random weights", "gcn", 26_054_983)
def gcn() -> Ingredients:
    from deepvein.networks.gcn import GCNSettings

    return _ingredients(GCNSettings(prior=PRIOR))


@_recipe(
    "bn-unet",
    "the proposed network with batch normalisation (its Section 4)",
    "gn-unet",
    7_765_409,
)
def bn_unet() -> Ingredients:
    from deepvein.networks.gn_unet import GNUNetSettings

    return _ingredients(GNUNetSettings(normalisation="batch", prior=PRIOR))


@_recipe(
    "plain-unet",
    "the proposed network without normalisation (its Section 4)",
    "gn-unet",
    7_759_521,
)
def plain_unet() -> Ingredients:
    from deepvein.networks.gn_unet import GNUNetSettings

    return _ingredients(GNUNetSettings(normalisation="none", prior=PRIOR))


@_recipe(
    "gn-unet-3d", "the volumetric sibling on 16 slices (its Section 5)", "gn-unet-3d", 14_632_865
)
def gn_unet_3d() -> Ingredients:
    from deepvein.examples.presets import HUANG2019_3D
    from deepvein.networks.gn_unet_3d import GNUNet3DSettings

    return _ingredients(GNUNet3DSettings(prior=PRIOR), HUANG2019_3D)


@_recipe(
    "gn-unet-t2",
    "the proposed network with T2-weighted slices as a second channel (its Section 5)",
    "gn-unet",
    7_765_697,
)
def gn_unet_t2() -> Ingredients:
    from deepvein.laboratory.huang2019.sequence_source import TWO_SEQUENCES
    from deepvein.networks.gn_unet import GNUNetSettings

    return _ingredients(GNUNetSettings(in_channels=2, prior=PRIOR), TWO_SEQUENCES)


MODELS = {
    "gn-unet": gn_unet,
    "unet": unet,
    "segnet": segnet,
    "gcn": gcn,
}
"""The networks of Table 2 by their short names, the proposed one first."""
