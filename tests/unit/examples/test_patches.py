from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import SettingsError
from deepvein.examples.patches import PatchExamples, PatchSource
from deepvein.examples.settings import (
    AugmentationSettings,
    NormalisationSettings,
    SamplingSettings,
)
from unit.cohorts.tiny_cohort import AIR, CLOT, MUSCLE, VEIN, arrays, make

IDENTITY = NormalisationSettings("window", -10000, 10000)
THROMBUS_ONLY = SamplingSettings(thrombus=1, vein=0, near=0, anywhere=0, jitter=0, validation=6)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return make(tmp_path_factory.mktemp("cohort"))


def source(cohort: Cohort, training: bool = True, **changes: object) -> PatchSource:
    settings = PatchExamples(patch=(9, 11), normalisation=IDENTITY, sampling=THROMBUS_ONLY)
    return PatchSource(cohort, replace(settings, **changes), 5, 4, training=training)


@pytest.mark.parametrize("patch", [(9, 11), (8, 10), (9, 10)])
def test_unchanged_patches_are_pieces_of_the_image(cohort: Cohort, patch: tuple[int, int]) -> None:
    image, segments, thrombi = arrays(dvt=True)
    batch = source(cohort, patch=patch).batch(0)
    padded = np.pad(image, ((0, 0), (9, 9), (11, 11)), constant_values=AIR)
    pieces = np.lib.stride_tricks.sliding_window_view(padded, patch, axis=(1, 2))
    hu = (batch.inputs[:, 0] * 10000).round().numpy()
    masks = np.lib.stride_tricks.sliding_window_view(
        np.pad(np.stack([deep_mask(segments), thrombi > 0]), ((0, 0), (0, 0), (9, 9), (11, 11))),
        patch,
        axis=(2, 3),
    )
    for found, target in zip(hu, batch.targets.numpy(), strict=True):
        places = np.argwhere((pieces == found).all(axis=(-1, -2)))
        assert any(np.array_equal(masks[:, s, r, c], target) for s, r, c in places)


def test_patches_of_thrombi_are_centred_on_one(cohort: Cohort) -> None:
    made = source(cohort)
    for step in range(5):
        batch = made.batch(step)
        assert batch.targets[:, 1, 4, 5].eq(1).all()
        assert set(batch.cases) <= {"case0", "case2"}
        assert ((batch.inputs[:, 0, 4, 5] * 10000).round() == CLOT).all()


@pytest.mark.parametrize(
    ("share", "allowed"),
    [
        ("vein", {VEIN, CLOT}),
        ("dark", {VEIN}),
        ("near", {VEIN, MUSCLE, AIR}),
        ("anywhere", {VEIN, CLOT, MUSCLE}),
    ],
)
def test_shares_choose_where_patches_lie(cohort: Cohort, share: str, allowed: set[int]) -> None:
    kinds = ("thrombus", "vein", "near", "anywhere", "dark")
    shares = dict.fromkeys(kinds, 0.0) | {share: 1.0}
    made = source(cohort, sampling=SamplingSettings(**shares, jitter=0))
    centres = torch.cat([made.batch(n).inputs[:, 0, 4, 5] for n in range(8)])
    assert set((centres * 10000).round().int().tolist()) <= allowed
    on_vein = torch.cat([made.batch(n).targets[:, 0, 4, 5] for n in range(8)])
    assert on_vein.bool().all() == (share in ("vein", "dark"))


def test_without_dvt_veins_take_the_place_of_thrombi(cohort: Cohort) -> None:
    healthy = cohort.select(lambda case: not case.has_dvt)
    assert source(healthy).batch(0).targets[:, 0, 4, 5].eq(1).all()


def test_jitter_moves_the_centre_by_so_much_at_most(cohort: Cohort) -> None:
    made = source(cohort, sampling=replace(THROMBUS_ONLY, jitter=0.4), patch=(20, 24))
    batches = [made.batch(n) for n in range(8)]
    centres = torch.cat([b.targets[:, 1, 10, 12] for b in batches])
    assert 0 < centres.mean() < 1
    assert all(b.targets[:, 1].flatten(1).any(1).all() for b in batches)


def test_patches_are_brought_to_the_wanted_spacing(cohort: Cohort) -> None:
    native = source(cohort, patch=(16, 16)).batch(0).targets[:, 1].sum()
    finer = source(cohort, patch=(32, 32), spacing_mm=1.0).batch(0).targets[:, 1].sum()
    assert finer.item() == pytest.approx(4 * native.item(), rel=0.1)
    tolerated = source(cohort, patch=(16, 16), spacing_mm=1.7).batch(0).targets[:, 1].sum()
    assert tolerated == native


def test_the_window_holds_every_change(cohort: Cohort) -> None:
    """A bright frame one voxel outside the largest reach would show up as background otherwise."""
    wild = AugmentationSettings(rotation_deg=45, scale=0.3, shift=0.1, mirror_columns=0.5)
    made = source(cohort, augmentation=wild, patch=(8, 8))
    for step in range(6):
        batch = made.batch(step)
        assert (
            batch.inputs * 10000
        ).round().min() >= MUSCLE - 15  # nothing but leg around the vein


def test_neighbours_are_channels(cohort: Cohort) -> None:
    batch = source(cohort, slices=3, slice_step_mm=8.0).batch(0)
    assert batch.inputs.shape == (4, 3, 9, 11)
    thick = source(cohort, slices=3, slice_step_mm=40.0).batch(0)
    assert not torch.equal(thick.inputs[:, 0], batch.inputs[:, 0])
    assert torch.equal(thick.inputs[:, 1], batch.inputs[:, 1])


def test_veins_can_be_an_input(cohort: Cohort) -> None:
    made = source(cohort, targets=("thrombus",), vein_channel=True)
    batch = made.batch(0)
    both = source(cohort, targets=("thrombus", "veins")).batch(0)
    assert torch.equal(batch.inputs[:, 1], both.targets[:, 1])
    assert torch.equal(batch.targets, both.targets[:, :1])


def test_validation_is_not_augmented(cohort: Cohort) -> None:
    loud = AugmentationSettings(rotation_deg=30, intensity=1, noise=1)
    plain = source(cohort, training=False)
    augmented = source(cohort, training=False, augmentation=loud)
    assert len(plain) == 2
    assert torch.equal(plain.batch(1).inputs, augmented.batch(1).inputs)


@pytest.mark.parametrize(
    "changes",
    [
        {"normalisation": NormalisationSettings(kind="minmax")},
        {"targets": ("dvt",)},
        {"size": (20, 20)},
    ],
)
def test_settings_of_whole_slices_are_refused(cohort: Cohort, changes: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="slices"):
        source(cohort, **changes)
