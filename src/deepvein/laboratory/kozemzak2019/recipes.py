"""The ten models of Kozemzak et al. 2019 as recipes, and those that the authors name as future work.

The paper states architectures, input sizes, augmentation and losses. It does not state learning rates,
batch sizes, numbers of epochs or whether layers are normalised; what stands here for them is ours.
"""

from __future__ import annotations

from dataclasses import replace

from deepvein.examples.presets import (
    KOZEMZAK2019_CLASSIFICATION,
    KOZEMZAK2019_CLASSIFICATION_3D,
    KOZEMZAK2019_SEGMENTATION,
    KOZEMZAK2019_SEGMENTATION_3D,
)
from deepvein.networks import (
    CNNRNNSettings,
    I3DSettings,
    KozemzakUNet3DSettings,
    KozemzakUNetSettings,
    ResNet18Settings,
    VGGUNetSettings,
)
from deepvein.studies.study import Modality
from deepvein.training.losses import BinaryCrossEntropy, CrossEntropy, KozemzakDice
from deepvein.training.recipe import Recipe, Task, add
from deepvein.training.settings import OptimiserSettings, TrainingSettings

SOURCE = "Kozemzak et al. 2019, Deep Vein Thrombosis Screening with Three-Dimensional Deep Learning"

_DICE = OptimiserSettings(kind="adam", learning_rate=1e-3, epsilon=1e-14)
"""The printed loss is scaled by 2/N, which Adam is indifferent to with an epsilon that is small enough."""

SEGMENTATION = TrainingSettings(
    epochs=60, batch=16, optimiser=_DICE, score="dice", patience=15, clip_norm=None
)
SEGMENTATION_3D = replace(SEGMENTATION, batch=4)
SEGMENTATION_VGG = replace(SEGMENTATION, optimiser=replace(_DICE, learning_rate=3e-4))
"""An encoder without normalisation takes smaller steps."""
CLASSIFICATION = TrainingSettings(
    epochs=30,
    batch=32,
    optimiser=OptimiserSettings(kind="adamw", learning_rate=1e-4, weight_decay=1e-2),
    score="auroc",
    patience=8,
)
CLASSIFICATION_3D = replace(CLASSIFICATION, batch=8)


def _segmenter(name: str, summary: str, **parts: object) -> Recipe:
    settings: dict[str, object] = {
        "examples": KOZEMZAK2019_SEGMENTATION,
        "loss": KozemzakDice(over="batch"),
        "training": SEGMENTATION,
        **parts,
    }
    return add(
        Recipe(
            name=f"kozemzak2019/{name}",
            task=Task.SEGMENTATION,
            modality=Modality.CT,
            summary=summary,
            source=SOURCE,
            **settings,  # type: ignore[arg-type]
        )
    )


def _classifier(name: str, summary: str, **parts: object) -> Recipe:
    settings: dict[str, object] = {
        "examples": KOZEMZAK2019_CLASSIFICATION,
        "training": CLASSIFICATION,
        "pretrained": "imagenet",
        **parts,
    }
    return add(
        Recipe(
            name=f"kozemzak2019/{name}",
            task=Task.CLASSIFICATION,
            modality=Modality.CT,
            summary=summary,
            source=SOURCE,
            loss=CrossEntropy(),
            **settings,  # type: ignore[arg-type]
        )
    )


_UNET_3D: dict[str, object] = {
    "network": "kozemzak-unet-3d",
    "examples": KOZEMZAK2019_SEGMENTATION_3D,
    "training": SEGMENTATION_3D,
    "parameters": 11_755_713,
}
_VGG: dict[str, object] = {
    "network": "vgg-unet",
    "training": SEGMENTATION_VGG,
    "network_settings": VGGUNetSettings(normalisation="batch"),
    "parameters": 31_794_305,
}

UNET = _segmenter(
    "unet",
    "deep veins in one slice, U-Net of ten convolutional layers",
    network="kozemzak-unet",
    network_settings=KozemzakUNetSettings(normalisation="batch"),
    parameters=3_921_537,
)
VGG = _segmenter("vgg", "deep veins in one slice, VGG16 encoder from random weights", **_VGG)
VGG_PRETRAINED = _segmenter(
    "vgg-pretrained",
    "deep veins in one slice, VGG16 encoder from ImageNet's weights",
    pretrained="imagenet",
    **_VGG,
)
UNET_3D = _segmenter(
    "unet-3d",
    "deep veins in eight slices, U-Net in three dimensions",
    network_settings=KozemzakUNet3DSettings(normalisation="batch"),
    **_UNET_3D,
)
UNET_3D_CENTRE = _segmenter(
    "unet-3d-centre",
    "deep veins in the centre slice of eight (Section 6), U-Net in three dimensions",
    network_settings=KozemzakUNet3DSettings(normalisation="batch", target="centre"),
    **{
        **_UNET_3D,
        "examples": replace(
            KOZEMZAK2019_SEGMENTATION_3D,
            chunk=replace(KOZEMZAK2019_SEGMENTATION_3D.chunk, stride=1, target="centre"),
        ),
    },
)
VGG_CROSS_ENTROPY = _segmenter(
    "vgg-cross-entropy",
    "deep veins in one slice, VGG16 with weighted binary cross-entropy, the loss tried besides",
    loss=BinaryCrossEntropy(positive_weight=20.0),
    **{**_VGG, "network_settings": VGGUNetSettings(normalisation="batch", prior=1 / 537)},
)

RESNET18 = _classifier(
    "resnet18",
    "DVT in one slice, ResNet18",
    network="resnet18",
    network_settings=ResNet18Settings(),
    parameters=11_171_266,
)
RESNET18_MASKS = _classifier(
    "resnet18-masks",
    "DVT in one slice and its deep-vein mask, ResNet18",
    network="resnet18",
    network_settings=ResNet18Settings(in_channels=2),
    parameters=11_174_402,
    examples=replace(KOZEMZAK2019_CLASSIFICATION, vein_channel=True),
)
_CHUNKS: dict[str, object] = {
    "examples": KOZEMZAK2019_CLASSIFICATION_3D,
    "training": CLASSIFICATION_3D,
}
_CHUNKS_MASKS: dict[str, object] = {
    "examples": replace(KOZEMZAK2019_CLASSIFICATION_3D, vein_channel=True),
    "training": CLASSIFICATION_3D,
}
CNN_RNN = _classifier(
    "cnn-rnn",
    "DVT in the centre of eleven slices, ResNet18 and bidirectional LSTM",
    network="cnn-rnn",
    network_settings=CNNRNNSettings(),
    parameters=12_748_226,
    **_CHUNKS,
)
CNN_RNN_MASKS = _classifier(
    "cnn-rnn-masks",
    "DVT in the centre of eleven slices and masks, ResNet18 and bidirectional LSTM",
    network="cnn-rnn",
    network_settings=CNNRNNSettings(in_channels=2),
    parameters=12_751_362,
    **_CHUNKS_MASKS,
)
I3D = _classifier(
    "i3d",
    "DVT in the centre of eleven slices, inflated 3D Inception",
    network="i3d",
    network_settings=I3DSettings(),
    parameters=12_245_410,
    pretrained="kinetics",
    **_CHUNKS,
)
I3D_MASKS = _classifier(
    "i3d-masks",
    "DVT in the centre of eleven slices and masks, inflated 3D Inception",
    network="i3d",
    network_settings=I3DSettings(in_channels=2),
    parameters=12_267_362,
    pretrained="kinetics",
    **_CHUNKS_MASKS,
)

SEGMENTERS = {
    "unet": UNET,
    "vgg": VGG,
    "vgg-pretrained": VGG_PRETRAINED,
    "unet-3d": UNET_3D,
}
"""Table 1's rows."""
CLASSIFIERS = {
    "resnet18": RESNET18,
    "resnet18-masks": RESNET18_MASKS,
    "cnn-rnn": CNN_RNN,
    "cnn-rnn-masks": CNN_RNN_MASKS,
    "i3d": I3D,
    "i3d-masks": I3D_MASKS,
}
"""Table 2's rows."""

LABELS = {
    "unet": "2D U-Net",
    "vgg": "2D VGG",
    "vgg-pretrained": "2D VGG Pre-trained",
    "unet-3d": "3D U-Net",
    "resnet18": "2D ResNet",
    "resnet18-masks": "2D ResNet, Masks",
    "cnn-rnn": "CNN-RNN",
    "cnn-rnn-masks": "CNN-RNN, Masks",
    "i3d": "3D Inception",
    "i3d-masks": "3D Inception, Masks",
}
"""What the paper's tables call them."""
