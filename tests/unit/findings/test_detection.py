from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepvein.anatomy.veins import Level, Side, VeinSegment
from deepvein.core.errors import GeometryError, SettingsError
from deepvein.findings.calibration import Calibration, LogisticCalibration
from deepvein.findings.detection import DetectionSettings
from deepvein.findings.features import LESION_FEATURES
from deepvein.findings.finding import Finding, Occlusion
from deepvein.volumes.grid import Grid
from unit.findings.legs import VEIN_X_MM, Legs, Tube, axial, coronal, findings_in, points

GRID = axial()


def found(legs: Legs, grid: Grid = GRID, **options: object) -> tuple[Finding, ...]:
    return findings_in(legs.prediction(grid), legs.study(grid), **options)


def test_no_thrombus_gives_no_finding():
    assert found(Legs()) == ()


def test_a_drawn_thrombus_is_described_as_drawn():
    (finding,) = found(Legs((Tube(Side.LEFT, 300, 400),)))
    assert finding.number == 1
    assert finding.side is Side.LEFT
    assert [share.segment for share in finding.segments] == [VeinSegment.FEMORAL]
    assert finding.level is Level.PROXIMAL
    assert finding.place == "left femoral vein"
    # Centres of 10 mm slices lie at 305 ... 395 mm: the outermost voxels reach from 300 to 400.
    assert (finding.start_mm, finding.end_mm, finding.extent_mm) == (300, 400, 100)
    assert finding.occlusion is Occlusion.OCCLUSIVE
    assert finding.occluded_fraction == 1
    assert finding.mean_intensity == 50
    assert finding.probability == pytest.approx(230 / 255)
    assert finding.key_slice == 34
    assert finding.key_point_mm == pytest.approx((VEIN_X_MM, 0, 345), abs=4)
    assert finding.volume_ml == pytest.approx(len(finding.indices) * 0.16)


def test_findings_are_ordered_proximal_first_then_by_probability_and_volume():
    legs = Legs(
        (
            Tube(Side.LEFT, 0, 190, 7, 1.0),
            Tube(Side.RIGHT, 310, 350, 7, 0.9),
            Tube(Side.RIGHT, 380, 460, 7, 0.9),
        )
    )
    findings = found(legs)
    assert [finding.number for finding in findings] == [1, 2, 3]
    assert [finding.start_mm for finding in findings] == [380, 310, 0]
    assert [finding.level for finding in findings] == [Level.PROXIMAL] * 2 + [Level.DISTAL]


def test_a_thrombus_over_a_border_names_both_segments_and_is_proximal():
    (finding,) = found(Legs((Tube(Side.RIGHT, 100, 260),)))
    assert finding.place == "right posterior tibial and popliteal veins"
    assert [share.extent_mm for share in finding.segments] == [100, 60]
    assert sum(share.volume_ml for share in finding.segments) == pytest.approx(finding.volume_ml)
    assert finding.level is Level.PROXIMAL


def test_weak_tails_belong_to_a_strong_core_and_weak_spots_alone_are_nothing():
    weak_alone = Legs((Tube(Side.LEFT, 300, 400, probability=0.4),))
    assert found(weak_alone) == ()
    both = Legs((Tube(Side.LEFT, 300, 400, probability=0.4), Tube(Side.LEFT, 320, 340)))
    (finding,) = found(both)
    assert (finding.start_mm, finding.end_mm) == (300, 400)


@pytest.mark.parametrize(("gap_mm", "count"), [(9, 1), (21, 2)])
def test_pieces_in_one_vein_are_joined_over_short_gaps_only(gap_mm: float, count: int):
    grid = axial((5, 4, 4))
    legs = Legs((Tube(Side.LEFT, 310, 350), Tube(Side.LEFT, 350 + gap_mm, 420)))
    assert len(found(legs, grid)) == count


def test_both_sides_stay_apart_however_near():
    legs = Legs((Tube(Side.LEFT, 300, 400), Tube(Side.RIGHT, 300, 400)))
    findings = found(legs, settings=DetectionSettings(gap_mm=500))
    assert {finding.side for finding in findings} == {Side.LEFT, Side.RIGHT}


def test_what_is_too_small_is_left_out():
    legs = Legs((Tube(Side.LEFT, 300, 310),))
    assert len(found(legs)) == 1
    assert found(legs, settings=DetectionSettings(smallest_ml=50)) == ()
    assert found(legs, settings=DetectionSettings(shortest_mm=50)) == ()


def test_thrombus_in_the_vena_cava_lies_in_the_midline():
    legs = Legs()
    x, y, z = points(GRID)
    prediction, study = legs.prediction(GRID), legs.study(GRID)
    prediction.thrombus_probability[(np.abs(x) < 8) & (np.abs(y) < 8) & (z > 540)] = 230
    prediction.territories.array[-8:] = VeinSegment.INFERIOR_VENA_CAVA
    (finding,) = findings_in(prediction, study)
    assert finding.side is Side.MIDLINE
    assert finding.place == "inferior vena cava"


def test_a_thrombus_of_both_iliac_veins_and_the_vena_cava_is_told_side_by_side():
    legs = Legs()
    x, y, z = points(GRID)
    prediction, study = legs.prediction(GRID), legs.study(GRID)
    bridge = (np.abs(y) < 8) & (z > 500) & (z < 520) & (np.abs(x) < 40)
    prediction.thrombus_probability[bridge] = 230
    prediction.territories.array[:] = np.where(
        np.abs(points(prediction.territories.grid)[0]) < 10,
        VeinSegment.INFERIOR_VENA_CAVA,
        VeinSegment.COMMON_ILIAC,
    )
    findings = findings_in(prediction, study)
    assert {finding.side for finding in findings} == {Side.LEFT, Side.RIGHT}
    assert sum(len(finding.indices) for finding in findings) == bridge.sum()


def test_the_left_common_iliac_vein_is_left_where_it_crosses_the_midline():
    """The vena cava lies 20 mm to the right of the midline; what lies left of it belongs to the left."""
    legs = Legs()
    x, y, z = points(GRID)
    prediction, study = legs.prediction(GRID), legs.study(GRID)
    prediction.thrombus_probability[
        (x > -15) & (x < -3) & (np.abs(y) < 8) & (z > 520) & (z < 550)
    ] = 230
    coarse_x, _, coarse_z = points(prediction.territories.grid)
    prediction.territories.array[coarse_z > 500] = VeinSegment.COMMON_ILIAC
    prediction.territories.array[(coarse_z > 560) & (np.abs(coarse_x + 20) < 20)] = 1
    (finding,) = findings_in(prediction, study)
    assert finding.place == "left common iliac vein"


def test_two_legs_keep_their_sides_whatever_the_header_says():
    legs = Legs((Tube(),))
    study = replace(legs.study(GRID), laterality=Side.RIGHT)
    (finding,) = findings_in(legs.prediction(GRID), study)
    assert finding.side is Side.LEFT


def test_the_header_names_the_side_of_one_leg():
    legs = Legs((Tube(),), right=False)
    study = replace(legs.study(GRID), laterality=Side.RIGHT)
    (finding,) = findings_in(legs.prediction(GRID), study)
    assert finding.side is Side.RIGHT


def test_one_leg_without_header_has_no_side():
    (finding,) = found(Legs((Tube(),), right=False))
    assert finding.side is Side.UNKNOWN
    assert finding.place == "femoral vein"


def test_a_rerun_gives_the_same_tracking_uids_and_no_two_are_equal():
    legs = Legs((Tube(), Tube(Side.RIGHT)))
    first, second = found(legs), found(legs)
    uids = [finding.tracking_uid for finding in first]
    assert uids == [finding.tracking_uid for finding in second]
    assert len(set(uids)) == 2
    assert all(uid.startswith("2.25.") and len(uid) <= 64 for uid in uids)


def test_calibrated_probability_replaces_the_mean_and_filters():
    calibration = Calibration(
        lesion=LogisticCalibration(LESION_FEATURES, (0.0,) * 6, (1.0,) * 6, (0.0,) * 6, -2.0)
    )
    legs = Legs((Tube(),))
    (finding,) = found(legs, calibration=calibration)
    assert finding.probability == pytest.approx(1 / (1 + np.exp(2)))
    filtered = DetectionSettings(least_probability=0.2)
    assert found(legs, settings=filtered, calibration=calibration) == ()


def test_a_prediction_on_another_grid_is_refused():
    legs = Legs((Tube(),))
    with pytest.raises(GeometryError, match="does not lie on the study's grid"):
        findings_in(legs.prediction(axial((5, 4, 4))), legs.study(GRID))


def test_settings_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="low 0.6"):
        DetectionSettings(low=0.6)
    with pytest.raises(SettingsError, match="0 or larger"):
        DetectionSettings(gap_mm=-1)


def test_coronal_slices_give_the_same_thrombus():
    legs = Legs((Tube(Side.LEFT, 300, 400, 14), Tube(Side.RIGHT, 50, 150, 14)))
    one, two = found(legs, axial((5, 4, 4))), found(legs, coronal())
    assert [f.place for f in one] == [f.place for f in two]
    assert [f.extent_mm for f in two] == pytest.approx([100, 100], abs=5)
    # Voxels of 8 x 4 mm sample the section of the tube (6.2 cm²) to about 15 %.
    for findings in (one, two):
        assert [f.volume_ml for f in findings] == pytest.approx([61.6, 61.6], rel=0.15)


tubes = st.builds(
    lambda side, start, length, radius: Tube(side, start, start + length, radius),
    st.sampled_from([Side.LEFT, Side.RIGHT]),
    st.sampled_from([0.0, 110.0, 250.0, 420.0]),
    st.sampled_from([30.0, 100.0, 160.0]),
    st.sampled_from([5.0, 7.0]),
)
some_legs = st.builds(
    lambda thrombi, centre: Legs(tuple(thrombi), centre),
    st.lists(tubes, min_size=1, max_size=3),
    st.sampled_from([-16.0, 0.0, 16.0]),
)


@settings(max_examples=8)
@given(legs=some_legs)
def test_mirrored_legs_give_mirrored_findings(legs: Legs):
    ours, theirs = found(legs), found(legs.mirrored())
    swap = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}

    def told(findings: tuple[Finding, ...], mirror: bool) -> list[object]:
        return sorted(
            (
                f.start_mm,
                f.end_mm,
                f.volume_ml,
                f.probability,
                f.occluded_fraction,
                (swap[f.side] if mirror else f.side).value,
                tuple(share.segment for share in f.segments),
            )
            for f in findings
        )

    assert told(ours, mirror=False) == told(theirs, mirror=True)


@settings(max_examples=6)
@given(tube=tubes, axis=st.integers(0, 2))
def test_halved_spacing_gives_the_same_millilitres(tube: Tube, axis: int):
    legs = Legs((tube,))
    prediction, study = legs.prediction(GRID), legs.study(GRID)
    (coarse,) = findings_in(prediction, study)
    shape = tuple(n * (2 if a == axis else 1) for a, n in enumerate(GRID.shape))
    spacing = [s / (2 if a == axis else 1) for a, s in enumerate(GRID.spacing_mm)]
    shift = np.zeros(3)
    shift[axis] = -0.25
    fine_grid = Grid.from_directions(shape, spacing, GRID.to_world(shift)[0])
    fine = replace(
        prediction,
        grid=fine_grid,
        vein_probability=prediction.vein_probability.repeat(2, axis),
        thrombus_probability=prediction.thrombus_probability.repeat(2, axis),
    )
    volume = replace(study.volume, array=study.volume.array.repeat(2, axis), grid=fine_grid)
    (finding,) = findings_in(fine, replace(study, volume=volume))
    assert finding.volume_ml == pytest.approx(coarse.volume_ml)
    assert finding.extent_mm == pytest.approx(coarse.extent_mm)
    assert finding.probability == pytest.approx(coarse.probability)
    assert finding.side is coarse.side
    assert finding.occluded_fraction == pytest.approx(coarse.occluded_fraction)


@settings(max_examples=6)
@given(legs=some_legs, order=st.permutations([0, 1, 2]), flips=st.tuples(*[st.booleans()] * 3))
def test_turned_arrays_of_the_same_legs_give_the_same_findings(
    legs: Legs, order: list[int], flips: tuple[bool, ...]
):
    """However the axes are stored, the patient is the same."""
    prediction, study = legs.prediction(GRID), legs.study(GRID)
    affine = GRID.affine[:, [*order, 3]].copy()
    shape = tuple(GRID.shape[a] for a in order)
    for axis, flip in enumerate(flips):
        if flip:
            affine[:3, 3] += affine[:3, axis] * (shape[axis] - 1)
            affine[:3, axis] *= -1
    grid = Grid(shape, affine)

    def turned(array: np.ndarray) -> np.ndarray:
        axes = tuple(axis for axis, flip in enumerate(flips) if flip)
        return np.ascontiguousarray(np.flip(array.transpose(order), axes))

    again = findings_in(
        replace(
            prediction,
            grid=grid,
            vein_probability=turned(prediction.vein_probability),
            thrombus_probability=turned(prediction.thrombus_probability),
        ),
        replace(study, volume=replace(study.volume, array=turned(study.volume.array), grid=grid)),
    )

    def told(findings: tuple[Finding, ...]) -> list[object]:
        return sorted((f.place, round(f.start_mm, 6), round(f.volume_ml, 6)) for f in findings)

    assert told(again) == told(findings_in(prediction, study))
    for finding in again:
        place = grid.to_index([finding.key_point_mm])[0].round().astype(int)
        assert (finding.indices == place).all(axis=1).any()
        assert place[0] == finding.key_slice
