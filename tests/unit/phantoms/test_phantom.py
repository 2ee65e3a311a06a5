from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import Side, VeinSegment, decode, deep_mask
from deepvein.phantoms.ct.scanner import CtSettings
from deepvein.phantoms.mr import MrSettings
from deepvein.phantoms.phantom import Phantom, PhantomSettings, measure, render, sample, uid
from deepvein.studies.study import Modality
from deepvein.volumes.grid import Plane
from deepvein.volumes.volume import Volume

TINY = PhantomSettings(
    ct=CtSettings(matrix=96, thickness_mm=20.0, planes=2, coverage="pelvis to knee"),
    mr=MrSettings(row_mm=12.0, column_mm=5.0, slice_mm=10.0),
)

GOLDEN = {Modality.CT: "5a0284c35f2f91b1", Modality.MR: "3784e0169789cba8"}


def digest(phantom: Phantom) -> str:
    total = hashlib.sha256()
    for volume in (
        phantom.image,
        phantom.segments,
        phantom.thrombi,
        phantom.arteries,
        phantom.bones,
    ):
        total.update(volume.array.tobytes())
    for station in phantom.stations:
        total.update(station.array.tobytes())
    return total.hexdigest()[:16]


@pytest.mark.parametrize("modality", list(Modality))
def test_the_same_seed_gives_the_same_pixels_on_any_machine(modality: Modality) -> None:
    assert digest(render(sample(11, modality, True, TINY))) == GOLDEN[modality]


@pytest.mark.parametrize("modality", list(Modality))
def test_a_healthy_twin_differs_in_the_lesion_only(modality: Modality) -> None:
    sick = sample(12, modality, True, TINY)
    well = sample(12, modality, False, TINY)
    assert well.person == sick.person
    assert well.contrast == sick.contrast
    assert well.scan == sick.scan
    assert well.thrombi == ()
    one, other = render(sick), render(sick.healthy_twin)
    assert sick.healthy_twin.thrombi == well.thrombi
    assert np.array_equal(one.bones.array, other.bones.array)
    assert np.array_equal(one.arteries.array, other.arteries.array)
    far = np.ones(one.image.array.shape, dtype=bool)
    points = np.argwhere(one.thrombi.array > 0) * one.image.grid.spacing_mm
    changed = np.argwhere(one.stations[0].array != other.stations[0].array)
    if modality is Modality.CT:
        assert len(changed)
        at = changed * np.array(one.image.grid.spacing_mm)
        gap = np.sqrt(((at[:, None] - points[None]) ** 2).sum(axis=2)).min(axis=1)
        # A widened vein with its sheath and a slice or two of tapering end.
        assert gap.max() < 45
        assert len(changed) < 0.01 * far.sum()


def test_a_reader_of_one_dicom_series_sees_axial_ct_and_coronal_mr(
    ct_phantom: Phantom, mr_phantom: Phantom
) -> None:
    assert ct_phantom.image.grid.plane is Plane.AXIAL
    assert mr_phantom.image.grid.plane is Plane.CORONAL
    for phantom in (ct_phantom, mr_phantom):
        assert phantom.image.array.dtype == np.int16
        for truth in (phantom.segments, phantom.thrombi, phantom.arteries, phantom.bones):
            assert truth.array.dtype == np.uint8
            assert truth.grid.matches(phantom.image.grid)


def test_truth_is_consistent(ct_phantom: Phantom, mr_phantom: Phantom) -> None:
    for phantom in (ct_phantom, mr_phantom):
        segments, thrombi = phantom.segments.array, phantom.thrombi.array
        assert deep_mask(segments)[thrombi > 0].all()
        assert not (phantom.bones.array[deep_mask(segments)] > 0).mean() > 0.01
        ends = {decode(label) for label in np.unique(segments).tolist()} - {None}
        assert {side for _, side in ends} == {Side.LEFT, Side.RIGHT, Side.MIDLINE}  # type: ignore[misc]
        found = {segment for segment, _ in ends}  # type: ignore[misc]
        assert found >= {VeinSegment.FEMORAL, VeinSegment.POPLITEAL, VeinSegment.COMMON_ILIAC}
        # x grows to the left: the left leg's veins lie on the left.
        at = phantom.segments.grid.to_world(np.argwhere(segments == 32 + VeinSegment.FEMORAL))
        other = phantom.segments.grid.to_world(np.argwhere(segments == VeinSegment.FEMORAL))
        assert at[:, 0].min() > other[:, 0].max()


def test_planted_records_say_what_the_masks_show(ct_phantom: Phantom, mr_phantom: Phantom) -> None:
    for phantom in (ct_phantom, mr_phantom):
        assert phantom.planted
        grid = phantom.image.grid
        for item in phantom.planted:
            mask = phantom.thrombi.array == item.number
            assert item.volume_ml == pytest.approx(mask.sum() * grid.voxel_volume_ml, abs=1e-3)
            z = grid.to_world(np.argwhere(mask))[:, 2]
            assert item.z_mm == pytest.approx((z.min(), z.max()), abs=0.02)
            spacing = grid.spacing_mm[grid.body_axis]
            assert item.length_mm == pytest.approx(np.ptp(z) + spacing, abs=0.05)
            assert all(segment.is_deep for segment in item.segments)


def test_a_thrombus_outside_the_picture_has_no_record(ct_phantom: Phantom) -> None:
    empty = Volume(np.zeros_like(ct_phantom.thrombi.array), ct_phantom.thrombi.grid)
    assert measure(ct_phantom.scenario.thrombi, ct_phantom.segments, empty) == ()


def test_the_share_of_disease_decides_where_nothing_is_asked() -> None:
    for share, expected in ((0.0, False), (1.0, True)):
        disease = replace(TINY.disease, dvt_share=share)
        for seed in (1, 2):
            scenario = sample(seed, Modality.CT, None, replace(TINY, disease=disease))
            assert bool(scenario.thrombi) is expected


def test_uids_follow_from_the_seed_and_are_valid() -> None:
    names = [
        uid(1, Modality.CT, "study"),
        uid(2, Modality.CT, "study"),
        uid(1, Modality.MR, "study"),
    ]
    assert len(set(names)) == 3
    assert names[0] == uid(1, Modality.CT, "study")
    assert all(name.startswith("2.25.") and len(name) <= 64 for name in names)
    assert (int(names[0][5:]) >> 76) & 0xF == 4


def test_progress_is_told(settings: PhantomSettings) -> None:
    heard: list[tuple[str, int, int]] = []
    render(sample(1, Modality.CT, False, TINY), lambda *call: heard.append(call))
    assert heard[-1][1] == heard[-1][2] == len(heard)


def test_one_person_can_have_two_examinations() -> None:
    one = sample(21, Modality.CT, False, TINY, person_seed=5)
    other = sample(22, Modality.CT, False, TINY, person_seed=5)
    assert one.person == other.person
    assert one.scan != other.scan
