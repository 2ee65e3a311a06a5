"""What kinds of examples share: choices between a study on disk and what a network sees, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any, Literal

from deepvein.core.errors import SettingsError

Target = Literal["veins", "thrombus", "dvt"]
"""Deep-vein mask, thrombus mask, or whether a slice shows a thrombus."""


@dataclass(frozen=True)
class NormalisationSettings:
    """How intensities become network inputs.

    minmax: each image by its own minimum and maximum to 0..1 (Huang 2019, Eq. 1).
    window: `low`..`high` (HU) to -1..1, clipped.
    percentile: the percentiles `low`..`high` of the volume to 0..1, clipped; for MR, which has no unit.
    standardise: (x - mean) / SD with mean and SD of the training images (Kozemzak 2019, Section 4.1).
    clip: range in the image's unit that is applied first, or None.
    background: value of an empty image and of what lies outside the image, in the image's unit.
    """

    kind: Literal["minmax", "window", "percentile", "standardise"] = "window"
    low: float = -200.0
    high: float = 400.0
    clip: tuple[float, float] | None = None
    background: float = -1024.0

    def __post_init__(self) -> None:
        if self.high <= self.low:
            raise SettingsError(f"normalisation needs low < high, got {self.low} and {self.high}")
        if self.kind == "percentile" and not 0 <= self.low < self.high <= 100:
            raise SettingsError(f"percentiles lie in 0..100, got {self.low} and {self.high}")
        if self.clip is not None and self.clip[0] >= self.clip[1]:
            raise SettingsError(f"clip needs low < high, got {self.clip}")


@dataclass(frozen=True)
class FixedSet:
    """Augmentation by enumeration: every example once under each combination (Huang 2019: 12)."""

    rotations_deg: tuple[float, ...] = (0.0,)
    scales: tuple[float, ...] = (1.0,)
    mirrors: tuple[bool, ...] = (False,)

    @property
    def combinations(self) -> tuple[tuple[float, float, bool], ...]:
        """(rotation in degrees, scale, mirrored left-right), rotation slowest."""
        return tuple(product(self.rotations_deg, self.scales, self.mirrors))


@dataclass(frozen=True)
class AugmentationSettings:
    """Random changes of training examples; all zero by default, which changes nothing.

    rotation_deg: in-plane angle, uniform in ±. scale: factor uniform in 1 ± scale. shift: fraction of
    rows and of columns, uniform in ±. mirror_rows, mirror_columns: probability to turn the image upside
    down (reflection over the x-axis) or left-right (over the y-axis).
    bend_px: largest SD of a smooth displacement in the plane, of points 32 pixels apart.
    geometry: probability that an example is turned, scaled, shifted and bent at all; an example that is
    not keeps the noise of its pixels, which interpolation smooths.
    intensity: probability of each of the following changes, which act on normalised intensities.
    gain: factor uniform in 1 ± gain. offset: summand uniform in ±. gamma: exponent log-uniform in
    1/(1+gamma)..1+gamma over the example's own range. noise: largest SD. blur_px: largest Gaussian SD.
    low_resolution: largest factor by which detail is coarsened, 1 or larger.
    tone: of a rising curve over the example's own range, whose ends stay, the slopes of eight pieces are
    log-uniform in 1/(1+tone)..1+tone: tissues change their distances, not their order.
    fixed: enumerated instead of random geometry, or None.
    """

    rotation_deg: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    mirror_rows: float = 0.0
    mirror_columns: float = 0.0
    geometry: float = 1.0
    intensity: float = 0.0
    gain: float = 0.0
    offset: float = 0.0
    gamma: float = 0.0
    noise: float = 0.0
    blur_px: float = 0.0
    low_resolution: float = 1.0
    bend_px: float = 0.0
    tone: float = 0.0
    fixed: FixedSet | None = None

    def __post_init__(self) -> None:
        for name in ("mirror_rows", "mirror_columns", "geometry", "intensity"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} is a probability, got {getattr(self, name)}")
        amounts = (
            "rotation_deg",
            "shift",
            "offset",
            "gamma",
            "noise",
            "blur_px",
            "bend_px",
            "tone",
        )
        for name in amounts:
            if getattr(self, name) < 0:
                raise SettingsError(f"{name} is 0 or larger, got {getattr(self, name)}")
        for name in ("scale", "gain"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingsError(f"{name} lies in 0..1 (1 excluded), got {getattr(self, name)}")
        if self.low_resolution < 1:
            raise SettingsError(f"low_resolution is 1 or larger, got {self.low_resolution}")


@dataclass(frozen=True)
class SamplingSettings:
    """Where patches are centred, in shares that are scaled to a sum of 1.

    thrombus: on a voxel of a random thrombus of a random diseased case. vein: on a voxel of a random
    deep vein. near: on a superficial vein or soft tissue beside a deep vein. anywhere: in the body.
    dark: on a deep vein without thrombus where it is darkest: mixing artefacts and late filling.
    jitter: largest shift of the centre, as a fraction of the patch.
    epoch: patches that make an epoch in training. validation: patches of the fixed validation set.
    """

    thrombus: float = 0.4
    vein: float = 0.3
    near: float = 0.2
    anywhere: float = 0.1
    dark: float = 0.0
    jitter: float = 0.3
    epoch: int = 2000
    validation: int = 128

    def __post_init__(self) -> None:
        shares = (self.thrombus, self.vein, self.near, self.anywhere, self.dark)
        if min(shares) < 0 or sum(shares) <= 0:
            raise SettingsError(f"shares are 0 or larger and not all 0, got {shares}")
        if not 0 <= self.jitter <= 0.5:
            raise SettingsError(f"jitter lies in 0..0.5, got {self.jitter}")
        if min(self.epoch, self.validation) < 1:
            raise SettingsError("epoch and validation are 1 or larger")


@dataclass(frozen=True)
class ChunkSettings:
    """Consecutive slices as one 3D example (Kozemzak 2019: 8 for segmentation, 11 to classify).

    length: slices of an example. stride: slices between the starts (target "all") or the centres
    (target "centre") of successive examples. Beyond the ends of the stack lie empty images.
    target: masks of all slices, or mask or label of the centre slice alone.
    """

    length: int = 8
    stride: int = 8
    target: Literal["all", "centre"] = "all"

    def __post_init__(self) -> None:
        if self.length < 1 or self.stride < 1:
            raise SettingsError(f"chunks need length and stride of 1 or more, got {self}")


@dataclass(frozen=True)
class CoarseSettings:
    """The whole study on cubic voxels, for the localiser.

    reach_mm: farthest distance from a deep vein that still belongs to its territory.
    crop: (slices, rows, columns) of a training example, each a multiple of 8.
    tilt_deg: random rotation about the two axes across the body, uniform in ±.
    """

    spacing_mm: float = 8.0
    reach_mm: float = 20.0
    crop: tuple[int, int, int] = (32, 48, 64)
    tilt_deg: float = 5.0

    def __post_init__(self) -> None:
        if self.spacing_mm <= 0 or self.reach_mm < 0 or self.tilt_deg < 0:
            raise SettingsError(
                f"spacing_mm must be above 0, reach and tilt 0 or larger, got {self}"
            )
        if any(n < 8 or n % 8 for n in self.crop):
            raise SettingsError(f"each side of crop is a multiple of 8, got {self.crop}")


@dataclass(frozen=True)
class CourseSettings:
    """Veins along their courses, for the second reader.

    sections: of an example, 3 mm apart; longer courses are cut. one_leg: share of examples that show one
    leg only.
    """

    sections: int = 128
    one_leg: float = 0.3

    def __post_init__(self) -> None:
        if self.sections < 8:
            raise SettingsError(f"courses need 8 sections or more, got {self.sections}")
        if not 0 <= self.one_leg <= 1:
            raise SettingsError(f"one_leg lies between 0 and 1, got {self.one_leg}")


@dataclass(frozen=True)
class ExampleSettings:
    """What all kinds of examples have; each kind's own class stands above its source and adds the rest.

    kind: its name in `examples.sources.SOURCES`.
    targets: masks that are predicted, in the order of the network's outputs; ("dvt",) classifies.
    """

    kind: str = ""
    targets: tuple[Target, ...] = ("veins", "thrombus")
    normalisation: NormalisationSettings = field(default_factory=NormalisationSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)

    def __post_init__(self) -> None:
        if not self.targets or ("dvt" in self.targets and len(self.targets) > 1):
            raise SettingsError(f"targets are masks, or ('dvt',) alone; got {self.targets}")

    @staticmethod
    def stored_as(values: Mapping[str, Any]) -> tuple[type[ExampleSettings], dict[str, Any]]:
        """The class of the kind that stored values name, and those of its settings.

        Descriptions of earlier models hold the settings of all kinds; those of others are left out.
        """
        from deepvein.examples.sources import SOURCES

        kind = SOURCES.get(values.get("kind", "patches")).settings
        own = {one.name for one in fields(kind)}
        return kind, {
            name: value for name, value in values.items() if name in own or name not in _ONCE
        }

    @property
    def shape(self) -> tuple[int, ...] | None:
        """([slice,] row, column) of an example, None where it is that of the images."""
        return None

    @property
    def channels(self) -> int:
        """Input channels of a network for these examples."""
        return 1

    @property
    def classifies(self) -> bool:
        """True if the target is a label of a slice and not a mask."""
        return self.targets == ("dvt",)

    @property
    def spatial(self) -> bool:
        """Whether networks see volumes, with 3D convolutions."""
        return False

    @property
    def needs_veins(self) -> bool:
        """Whether a case must have its vein segments."""
        return "veins" in self.targets

    @property
    def names_veins(self) -> bool:
        """Whether they tell one vein from another."""
        return False

    @property
    def needs_thrombi(self) -> bool:
        """Whether a case must have its thrombi."""
        return bool({"thrombus", "dvt"} & set(self.targets))


_ONCE = {"slices", "slice_step_mm", "spacing_mm", "spacing_tolerance", "size", "patch", "vein_channel",
         "sampling", "chunk", "coarse", "course"}  # fmt: skip
"""Settings that one class held for all kinds."""


@dataclass(frozen=True)
class ImageSettings(ExampleSettings):
    """Of kinds that show slices of the image.

    spacing_mm: in-plane voxel size that images are brought to; None, or a native size within
    `spacing_tolerance` (relative) of it, keeps the native size.
    size: (rows, columns) that whole images are brought to instead, or None.
    vein_channel: the deep-vein mask as one more input channel (Kozemzak 2019, classification).
    """

    spacing_mm: float | None = None
    spacing_tolerance: float = 0.25
    size: tuple[int, int] | None = None
    vein_channel: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size is not None and self.spacing_mm is not None:
            raise SettingsError("choose one of size and spacing_mm")
        if self.spacing_mm is not None and self.spacing_mm <= 0:
            raise SettingsError(f"spacing_mm must be above 0, got {self.spacing_mm}")
        if self.size is not None and min(self.size) < 1:
            raise SettingsError(f"size is 1 or larger, got {self.size}")

    @property
    def shape(self) -> tuple[int, ...] | None:
        return self.size

    @property
    def channels(self) -> int:
        return 1 + int(self.vein_channel)

    @property
    def needs_veins(self) -> bool:
        return super().needs_veins or self.vein_channel
