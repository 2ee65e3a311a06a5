from __future__ import annotations

import pytest

from deepvein.core.errors import SettingsError
from deepvein.core.settings import from_dict, to_dict
from deepvein.examples import presets
from deepvein.examples.chunks import ChunkExamples
from deepvein.examples.patches import PatchExamples
from deepvein.examples.settings import (
    AugmentationSettings,
    ChunkSettings,
    CoarseSettings,
    ExampleSettings,
    FixedSet,
    NormalisationSettings,
    SamplingSettings,
)
from deepvein.examples.slices import SliceExamples
from deepvein.examples.territories import TerritoryExamples

PRESETS = {name: value for name, value in vars(presets).items() if name[0].isupper()}
PRESETS = {name: value for name, value in PRESETS.items() if isinstance(value, ExampleSettings)}


@pytest.mark.parametrize("name", PRESETS)
def test_settings_survive_json(name: str) -> None:
    assert from_dict(ExampleSettings, to_dict(PRESETS[name])) == PRESETS[name]


def test_descriptions_that_held_the_settings_of_all_kinds_are_read() -> None:
    """Those of the first bundled models name each setting that any kind had."""
    once = {
        **to_dict(presets.CT_PATCHES),
        "size": None,
        "chunk": {"length": 8, "stride": 8, "target": "all"},
        "coarse": {"spacing_mm": 8.0, "reach_mm": 20.0, "crop": [32, 48, 64], "tilt_deg": 5.0},
    }
    assert from_dict(ExampleSettings, once) == presets.CT_PATCHES
    with pytest.raises(SettingsError, match="unknown key slice"):
        from_dict(ExampleSettings, {**once, "slice": 3})
    with pytest.raises(SettingsError, match="chunks"):
        from_dict(ExampleSettings, {**once, "kind": "chunk"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PatchExamples(slices=4), "odd"),
        (lambda: PatchExamples(targets=()), "targets"),
        (lambda: SliceExamples(targets=("dvt", "veins")), "dvt"),
        (lambda: SliceExamples(size=(10, 10), spacing_mm=1.0), "one of"),
        (lambda: PatchExamples(spacing_mm=0.0), "spacing_mm"),
        (lambda: PatchExamples(patch=(0, 10)), "patch"),
        (lambda: PatchExamples(size=(9, 9)), "native size"),
        (lambda: PatchExamples(targets=("dvt",)), "mask targets"),
        (lambda: NormalisationSettings(low=3.0, high=3.0), "low < high"),
        (lambda: NormalisationSettings(kind="percentile", low=1.0, high=101.0), "percentiles"),
        (lambda: NormalisationSettings(clip=(5.0, 1.0)), "clip"),
        (lambda: AugmentationSettings(mirror_rows=1.5), "probability"),
        (lambda: AugmentationSettings(rotation_deg=-1.0), "rotation_deg"),
        (lambda: AugmentationSettings(scale=1.0), "scale"),
        (lambda: AugmentationSettings(low_resolution=0.5), "low_resolution"),
        (lambda: SamplingSettings(thrombus=0, vein=0, near=0, anywhere=0), "shares"),
        (lambda: SamplingSettings(jitter=0.6), "jitter"),
        (lambda: ChunkSettings(length=0), "length"),
        (lambda: CoarseSettings(crop=(48, 60, 96)), "multiple of 8"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make()


def test_channels_are_slices_and_veins() -> None:
    assert PatchExamples(slices=5).channels == 5
    assert PatchExamples(slices=5, vein_channel=True).channels == 6
    assert ChunkExamples(vein_channel=True).channels == 2
    assert TerritoryExamples().channels == 1


def test_a_fixed_set_combines_everything() -> None:
    fixed = FixedSet(rotations_deg=(-2.0, 0.0), scales=(0.9, 1.0, 1.1), mirrors=(False, True))
    assert len(set(fixed.combinations)) == len(fixed.combinations) == 12
    assert (0.0, 1.0, False) in fixed.combinations
