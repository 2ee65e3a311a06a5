"""The ten models of Kozemzak et al. 2019 as recipes, and those that the authors name as future work.

The paper states architectures, input sizes, augmentation and losses. It does not state learning rates,
batch sizes, numbers of epochs or whether layers are normalised; what stands here for them is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepvein.studies.study import Modality
from deepvein.training.recipe import Ingredients, LazyRecipe, Task, recipe
from deepvein.training.settings import OptimiserSettings, TrainingSettings

if TYPE_CHECKING:
    from deepvein.examples.settings import ExampleSettings

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


Named = Callable[[Callable[[], Ingredients]], LazyRecipe]


def _segmenter(name: str, summary: str, network: str, parameters: int) -> Named:
    return _named(Task.SEGMENTATION, name, summary, network, parameters)


def _classifier(name: str, summary: str, network: str, parameters: int) -> Named:
    return _named(Task.CLASSIFICATION, name, summary, network, parameters)


def _named(task: Task, name: str, summary: str, network: str, parameters: int) -> Named:
    return recipe(
        f"kozemzak2019/{name}",
        task=task,
        modality=Modality.CT,
        network=network,
        parameters=parameters,
        summary=summary,
        source=SOURCE,
    )


def _segmenting(
    settings: Any,
    examples: ExampleSettings | None = None,
    training: TrainingSettings = SEGMENTATION,
) -> Ingredients:
    from deepvein.examples.presets import KOZEMZAK2019_SEGMENTATION
    from deepvein.training.losses.kozemzak_dice import KozemzakDice

    examples = examples or KOZEMZAK2019_SEGMENTATION
    return Ingredients(settings, examples, KozemzakDice(over="batch"), training)


def _classifying(settings: Any, masks: bool = False, pretrained: str = "imagenet") -> Ingredients:
    """masks: the deep-vein mask is one more input channel."""
    from deepvein.examples.presets import KOZEMZAK2019_CLASSIFICATION as FLAT
    from deepvein.examples.presets import KOZEMZAK2019_CLASSIFICATION_3D as SPATIAL
    from deepvein.examples.settings import ImageSettings
    from deepvein.training.losses.cross_entropy import CrossEntropy

    flat = len(settings.size_multiple) == 2
    examples: ImageSettings = FLAT if flat else SPATIAL
    training = CLASSIFICATION if flat else CLASSIFICATION_3D
    examples = replace(examples, vein_channel=masks)
    return Ingredients(settings, examples, CrossEntropy(), training, pretrained)


@_segmenter(
    "unet",
    "deep veins in one slice, U-Net of ten convolutional layers",
    "kozemzak-unet",
    3_921_537,
)
def unet() -> Ingredients:
    from deepvein.networks.kozemzak_unet import KozemzakUNetSettings

    return _segmenting(KozemzakUNetSettings(normalisation="batch"))


@_segmenter(
    "vgg", "deep veins in one slice, VGG16 encoder from random weights", "vgg-unet", 31_794_305
)
def vgg() -> Ingredients:
    from deepvein.networks.vgg_unet import VGGUNetSettings

    return _segmenting(VGGUNetSettings(normalisation="batch"), training=SEGMENTATION_VGG)


@_segmenter(
    "vgg-pretrained",
    "deep veins in one slice, VGG16 encoder from ImageNet's weights",
    "vgg-unet",
    31_794_305,
)
def vgg_pretrained() -> Ingredients:
    return replace(vgg.make(), pretrained="imagenet")


@_segmenter(
    "unet-3d",
    "deep veins in eight slices, U-Net in three dimensions",
    "kozemzak-unet-3d",
    11_755_713,
)
def unet_3d() -> Ingredients:
    from deepvein.examples.presets import KOZEMZAK2019_SEGMENTATION_3D
    from deepvein.networks.kozemzak_unet import KozemzakUNet3DSettings

    settings = KozemzakUNet3DSettings(normalisation="batch")
    return _segmenting(settings, KOZEMZAK2019_SEGMENTATION_3D, SEGMENTATION_3D)


@_segmenter(
    "unet-3d-centre",
    "deep veins in the centre slice of eight (Section 6), U-Net in three dimensions",
    "kozemzak-unet-3d",
    11_755_713,
)
def unet_3d_centre() -> Ingredients:
    from deepvein.examples.presets import KOZEMZAK2019_SEGMENTATION_3D
    from deepvein.networks.kozemzak_unet import KozemzakUNet3DSettings

    settings = KozemzakUNet3DSettings(normalisation="batch", target="centre")
    chunk = replace(KOZEMZAK2019_SEGMENTATION_3D.chunk, stride=1, target="centre")
    examples = replace(KOZEMZAK2019_SEGMENTATION_3D, chunk=chunk)
    return _segmenting(settings, examples, SEGMENTATION_3D)


@_segmenter(
    "vgg-cross-entropy",
    "deep veins in one slice, VGG16 with weighted binary cross-entropy, the loss tried besides",
    "vgg-unet",
    31_794_305,
)
def vgg_cross_entropy() -> Ingredients:
    from deepvein.networks.vgg_unet import VGGUNetSettings
    from deepvein.training.losses.bce import BinaryCrossEntropy

    return replace(
        vgg.make(),
        network_settings=VGGUNetSettings(normalisation="batch", prior=1 / 537),
        loss=BinaryCrossEntropy(positive_weight=20.0),
    )


@_classifier("resnet18", "DVT in one slice, ResNet18", "resnet18", 11_171_266)
def resnet18() -> Ingredients:
    from deepvein.networks.resnet18 import ResNet18Settings

    return _classifying(ResNet18Settings())


@_classifier(
    "resnet18-masks", "DVT in one slice and its deep-vein mask, ResNet18", "resnet18", 11_174_402
)
def resnet18_masks() -> Ingredients:
    from deepvein.networks.resnet18 import ResNet18Settings

    return _classifying(ResNet18Settings(in_channels=2), masks=True)


@_classifier(
    "cnn-rnn",
    "DVT in the centre of eleven slices, ResNet18 and bidirectional LSTM",
    "cnn-rnn",
    12_748_226,
)
def cnn_rnn() -> Ingredients:
    from deepvein.networks.cnn_rnn import CNNRNNSettings

    return _classifying(CNNRNNSettings())


@_classifier(
    "cnn-rnn-masks",
    "DVT in the centre of eleven slices and masks, ResNet18 and bidirectional LSTM",
    "cnn-rnn",
    12_751_362,
)
def cnn_rnn_masks() -> Ingredients:
    from deepvein.networks.cnn_rnn import CNNRNNSettings

    return _classifying(CNNRNNSettings(in_channels=2), masks=True)


@_classifier("i3d", "DVT in the centre of eleven slices, inflated 3D Inception", "i3d", 12_245_410)
def i3d() -> Ingredients:
    from deepvein.networks.i3d import I3DSettings

    return _classifying(I3DSettings(), pretrained="kinetics")


@_classifier(
    "i3d-masks",
    "DVT in the centre of eleven slices and masks, inflated 3D Inception",
    "i3d",
    12_267_362,
)
def i3d_masks() -> Ingredients:
    from deepvein.networks.i3d import I3DSettings

    return _classifying(I3DSettings(in_channels=2), masks=True, pretrained="kinetics")


SEGMENTERS = {
    "unet": unet,
    "vgg": vgg,
    "vgg-pretrained": vgg_pretrained,
    "unet-3d": unet_3d,
}
"""Table 1's rows."""
CLASSIFIERS = {
    "resnet18": resnet18,
    "resnet18-masks": resnet18_masks,
    "cnn-rnn": cnn_rnn,
    "cnn-rnn-masks": cnn_rnn_masks,
    "i3d": i3d,
    "i3d-masks": i3d_masks,
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
