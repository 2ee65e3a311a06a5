"""Which models serve which study: bundles of a localiser, a segmenter and their calibration."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from deepvein.core import settings
from deepvein.core.errors import ModelError, SettingsError, UnknownNameError
from deepvein.findings.calibration import Calibration
from deepvein.findings.detection import DetectionSettings
from deepvein.findings.screening import OperatingPoint
from deepvein.studies.study import Modality

BUNDLE_FILE = "bundle.json"


@dataclass(frozen=True)
class Metric:
    """One measured figure with its 95 % interval over patients, or None where it has none."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Subgroup:
    """Figures of a part: of the `count` thrombi, studies or false findings (the `unit`) that are alike in
    `by`, such as location, where they are of the `group`, such as iliofemoral."""

    by: str
    group: str
    unit: str
    count: int
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """What a bundle reached, and on what; notes: what could not be measured, and why; patients: whose the cases
    are, over whom intervals are drawn, None where nobody counted them (before 0.5)."""

    cohort: str
    cases: int
    with_dvt: int
    metrics: tuple[Metric, ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    notes: tuple[str, ...] = ()
    patients: int | None = None


def of_patients(count: int | None) -> str:
    """What follows a number of cases: whose they are, "" where nobody counted."""
    return "" if count is None else f", of {count} patient{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class Bundle:
    """All that `screen` needs for one modality; the models are folders beside the file.

    reader: the second reader's, "" where the first stage's thrombi are taken as they are. veins: another
    segmenter that is asked for the deep veins, "" where `segmenter` tells them too.
    """

    name: str
    version: str
    modality: Modality
    summary: str
    training_data: str
    calibration: Calibration
    operating_point: OperatingPoint
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    measured: tuple[Measurement, ...] = ()
    localiser: str = "localiser"
    segmenter: str = "segmenter"
    reader: str = ""
    veins: str = ""


@dataclass(frozen=True)
class BundleFolder:
    """A bundle and where it lies."""

    bundle: Bundle
    folder: Path

    @property
    def localiser(self) -> Path:
        return self.folder / self.bundle.localiser

    @property
    def segmenter(self) -> Path:
        return self.folder / self.bundle.segmenter

    @property
    def reader(self) -> Path | None:
        return self.folder / self.bundle.reader if self.bundle.reader else None

    @property
    def veins(self) -> Path | None:
        return self.folder / self.bundle.veins if self.bundle.veins else None

    @property
    def model_folders(self) -> tuple[Path, ...]:
        """Localiser, segmenter and, if there are any, those of the second reader and of the veins."""
        others = (self.reader, self.veins)
        return (self.localiser, self.segmenter, *(one for one in others if one is not None))

    @property
    def card(self) -> Path:
        return self.folder / "CARD.md"


def load_bundle(folder: Path) -> BundleFolder:
    """Read the bundle in `folder`; ModelError if there is none or it is damaged."""
    path = folder / BUNDLE_FILE
    if not path.is_file():
        raise ModelError(f"{folder} holds no {BUNDLE_FILE}: give the folder of a model bundle")
    try:
        return BundleFolder(settings.load(Bundle, path), folder)
    except SettingsError as error:
        raise ModelError(f"{path} does not describe a bundle: {error}") from error


@cache
def bundled() -> tuple[BundleFolder, ...]:
    """The bundles that come with deepvein, in alphabetical order."""
    root = Path(str(files("deepvein"))) / "weights"
    return tuple(load_bundle(path.parent) for path in sorted(root.glob(f"*/{BUNDLE_FILE}")))


def bundle_for(modality: Modality) -> BundleFolder:
    """The bundle that screens studies of `modality`."""
    for found in bundled():
        if found.bundle.modality is modality:
            return found
    known = ", ".join(found.bundle.modality.value for found in bundled()) or "none"
    raise UnknownNameError(f"no bundled model screens {modality.value} studies (known: {known})")
