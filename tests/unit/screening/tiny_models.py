"""A bundle of untrained networks: small, quick, and of no use."""

from pathlib import Path

from deepvein.core import settings
from deepvein.examples.courses.source import CourseExamples
from deepvein.examples.patches import PatchExamples
from deepvein.examples.settings import CoarseSettings, ExampleSettings
from deepvein.examples.territories import TerritoryExamples
from deepvein.findings.assessment import DEFAULT_OPERATING_POINT
from deepvein.findings.calibration import Calibration
from deepvein.networks import NETWORKS
from deepvein.networks.course_reader import CourseReaderSettings
from deepvein.networks.gn_unet import GNUNetSettings
from deepvein.screening.bundle import BUNDLE_FILE, Bundle, BundleFolder
from deepvein.studies.study import Modality
from deepvein.training.checkpoints import ModelDescription, Part, save_model


def write_model(
    folder: Path, task: str, examples: ExampleSettings, network: GNUNetSettings
) -> Path:
    labels = examples.targets if task == "segmentation" else ("none", *map(str, range(1, 14)))
    built = NETWORKS.get("gn-unet").build(network)
    if task == "segmentation":
        # Probabilities are low, as in most of a study: an untrained network would mark half of it.
        built.head.convolution.bias.data.fill_(-5.0)
    save_model(
        built,
        ModelDescription(
            recipe="test",
            task=task,
            modality=Modality.CT,
            network=Part("gn-unet", settings.to_dict(network)),
            examples=examples,
            labels=labels,
        ),
        folder,
    )
    return folder


def write_localiser(folder: Path) -> Path:
    examples = TerritoryExamples(coarse=CoarseSettings(spacing_mm=16.0))
    network = GNUNetSettings(classes=14, base=2, depth=1, dimensions=3)
    return write_model(folder, "localisation", examples, network)


def write_segmenter(folder: Path) -> Path:
    network = GNUNetSettings(in_channels=3, classes=2, base=2, depth=1)
    return write_model(folder, "segmentation", PatchExamples(slices=3), network)


def write_reader(folder: Path, base: int = 2) -> Path:
    network = CourseReaderSettings(base=base, width=8, dilations=(1,))
    save_model(
        NETWORKS.get("course-reader").build(network),
        ModelDescription(
            recipe="test",
            task="reading",
            modality=Modality.CT,
            network=Part("course-reader", settings.to_dict(network)),
            examples=CourseExamples(targets=("thrombus",)),
            labels=("",) * network.classes,
        ),
        folder,
    )
    return folder


def write_bundle(folder: Path) -> BundleFolder:
    write_localiser(folder / "localiser")
    write_segmenter(folder / "segmenter")
    bundle = Bundle(
        name="tiny",
        version="0",
        modality=Modality.CT,
        summary="Untrained.",
        training_data="Nothing.",
        calibration=Calibration(),
        operating_point=DEFAULT_OPERATING_POINT,
    )
    settings.save(bundle, folder / BUNDLE_FILE)
    return BundleFolder(bundle, folder)
