"""Example settings as both papers state them, and as the bundled models use them."""

from __future__ import annotations

from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.courses.source import CourseExamples
from deepvein.examples.patches import PatchExamples
from deepvein.examples.settings import (
    AugmentationSettings,
    ChunkSettings,
    FixedSet,
    NormalisationSettings,
    SamplingSettings,
)
from deepvein.examples.slices import SliceExamples
from deepvein.examples.territories import TerritoryExamples

HUANG2019 = SliceExamples(
    targets=("thrombus",),
    size=(960, 320),
    normalisation=NormalisationSettings(kind="minmax", background=0.0),
    augmentation=AugmentationSettings(
        fixed=FixedSet(rotations_deg=(-2.0, 0.0), scales=(0.9, 1.0, 1.1), mirrors=(False, True))
    ),
)
"""Huang 2019, Section 2.2: min-max, 960×320, each slice in twelve versions."""

HUANG2019_3D = ChunkExamples(
    targets=HUANG2019.targets,
    size=HUANG2019.size,
    normalisation=HUANG2019.normalisation,
    augmentation=HUANG2019.augmentation,
    chunk=ChunkSettings(length=16, stride=8, target="all"),
)
"""The same on sixteen slices."""

_STANDARDISE = NormalisationSettings(kind="standardise")

_CLIPPED = NormalisationSettings(kind="standardise", clip=(-1024.0, 3071.0))
"""The paper clips stored pixels, unsigned 16 bits, to 0..4095; stored 0 is -1024 HU."""

_SEGMENTATION = AugmentationSettings(rotation_deg=72.0, shift=0.05, scale=0.05, mirror_rows=0.5)

_CLASSIFICATION = AugmentationSettings(mirror_rows=0.5, mirror_columns=0.5)

KOZEMZAK2019_SEGMENTATION = SliceExamples(
    targets=("veins",),
    size=(224, 224),
    normalisation=_STANDARDISE,
    augmentation=_SEGMENTATION,
)
"""Kozemzak 2019, Sections 4.1 and 4.2: one slice of 224×224."""

KOZEMZAK2019_SEGMENTATION_3D = ChunkExamples(
    targets=("veins",),
    size=(224, 224),
    normalisation=_STANDARDISE,
    augmentation=_SEGMENTATION,
    chunk=ChunkSettings(length=8, stride=8, target="all"),
)
"""The same on eight consecutive slices, eight masks out."""

KOZEMZAK2019_CLASSIFICATION = SliceExamples(
    targets=("dvt",),
    size=(224, 224),
    normalisation=_CLIPPED,
    augmentation=_CLASSIFICATION,
)
"""Whether one slice shows DVT."""

KOZEMZAK2019_CLASSIFICATION_3D = ChunkExamples(
    targets=("dvt",),
    size=(224, 224),
    normalisation=_CLIPPED,
    augmentation=_CLASSIFICATION,
    chunk=ChunkSettings(length=11, stride=1, target="centre"),
)
"""Whether the centre slice of eleven shows DVT."""

_PATCHES = AugmentationSettings(
    rotation_deg=15.0,
    scale=0.2,
    mirror_columns=0.5,
    geometry=0.5,
    intensity=0.3,
    gain=0.15,
    offset=0.1,
    gamma=0.3,
    noise=0.08,
    blur_px=1.0,
    low_resolution=1.6,
)

_SAMPLING = SamplingSettings(
    thrombus=0.3, vein=0.2, near=0.15, anywhere=0.05, dark=0.3, validation=512
)
"""Dark veins without thrombus, which is where false findings lie, as often as thrombi. With 128 patches to
validate on, chance chose among epochs."""

_COARSE = AugmentationSettings(
    rotation_deg=10.0,
    scale=0.15,
    shift=0.1,
    mirror_columns=0.5,
    intensity=0.5,
    gain=0.15,
    offset=0.1,
    gamma=0.3,
    noise=0.05,
)

_CT_WINDOW = NormalisationSettings(kind="window", low=-200.0, high=400.0)

_MR_PERCENTILES = NormalisationSettings(kind="percentile", low=1.0, high=99.8, background=0.0)

CT_PATCHES = PatchExamples(
    slices=7,
    slice_step_mm=3.0,
    spacing_mm=0.75,
    spacing_tolerance=0.35,
    normalisation=_CT_WINDOW,
    augmentation=_PATCHES,
    sampling=_SAMPLING,
)
"""Axial tiles of CT venography at about native size for the bundled segmenter."""

MR_PATCHES = PatchExamples(
    slices=3,
    slice_step_mm=1.0,
    spacing_mm=0.75,
    spacing_tolerance=0.5,
    normalisation=_MR_PERCENTILES,
    augmentation=_PATCHES,
    sampling=_SAMPLING,
)
"""Coronal tiles of MR venography at about native size for the bundled segmenter."""

TERRITORIES = TerritoryExamples(augmentation=_COARSE)
"""The whole study at 8 mm for the localiser; `coarse.coarse_input` normalises CT and MR."""

COURSES = CourseExamples(
    sampling=SamplingSettings(epoch=1000, validation=60),
)
"""Sections along the deep veins of planned phantoms for the second reader; CT and MR by the same code."""
