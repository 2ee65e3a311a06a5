"""The numbers that the papers state."""

from __future__ import annotations

from deepvein.examples import presets
from deepvein.examples.augmentation import variants


def test_huang_2019() -> None:
    settings = presets.HUANG2019
    assert settings.size == (960, 320)
    assert settings.targets == ("thrombus",)
    assert settings.normalisation.kind == "minmax"
    assert 5388 * len(variants(settings.augmentation)) == 64656


def test_kozemzak_2019() -> None:
    flat, deep = presets.KOZEMZAK2019_SEGMENTATION, presets.KOZEMZAK2019_SEGMENTATION_3D
    assert flat.size == deep.size == (224, 224)
    assert flat.augmentation == deep.augmentation
    assert (flat.augmentation.rotation_deg, flat.augmentation.shift) == (72.0, 0.05)
    assert (deep.chunk.length, deep.chunk.target) == (8, "all")
    labels = presets.KOZEMZAK2019_CLASSIFICATION_3D
    assert (labels.chunk.length, labels.chunk.target, labels.chunk.stride) == (11, "centre", 1)
    assert labels.classifies
    assert labels.augmentation.mirror_rows == labels.augmentation.mirror_columns == 0.5
    assert labels.augmentation.rotation_deg == labels.augmentation.scale == 0
