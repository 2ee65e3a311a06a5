from dataclasses import replace

import numpy as np
import pytest

from deepvein.anatomy.veins import deep_mask
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import SettingsError
from deepvein.findings.screening import Verdict
from deepvein.inference.prediction import Prediction
from deepvein.inference.profile import profile
from deepvein.laboratory.cards.failure_images import Failure
from deepvein.laboratory.trials.trial import run_trial, slice_truth, try_case
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.studies.suitability import Problem
from deepvein.volumes.grid import AXIAL, CORONAL, Grid
from deepvein.volumes.orient import orient
from deepvein.volumes.resample import cover
from deepvein.volumes.volume import Volume
from unit.pickling import Pickling


def oracle(case, cohort):
    """A prediction that knows the truth, and marks a false thrombus in the corner of the study."""
    opened = open_case(case, cohort.cache)
    grid = opened.image.grid
    thrombi = np.asarray(opened.thrombi.array) > 0
    thrombus = (thrombi * 255).astype(np.uint8)
    thrombus[2:5, 1:4, 1:4] = 200
    territories = cover(grid, 16.0)
    return Prediction(
        grid=grid,
        vein_probability=deep_mask(np.asarray(opened.segments.array)).astype(np.uint8) * 255,
        thrombus_probability=thrombus,
        territories=Volume(np.full(territories.shape, 7, np.uint8), territories),
        profile=profile(Volume(thrombus, grid)),
        models=(),
        device="cpu",
        seconds=0.0,
    )


def test_a_reader_who_knows_the_truth_is_right_but_for_what_it_made_up(
    tiny_bundle, cohort, monkeypatch
):
    cases = iter(cohort.cases)
    monkeypatch.setattr(
        "deepvein.screening.screen.predict", lambda *_, **__: oracle(next(cases), cohort)
    )
    outcomes = list(run_trial(tiny_bundle, cohort, "cpu"))
    assert [outcome.case for outcome in outcomes] == list(cohort.cases)
    assert {outcome.has_dvt for outcome in outcomes} == {True, False}
    for outcome in outcomes:
        opened = open_case(outcome.case, cohort.cache)
        thrombi = np.asarray(opened.thrombi.array)
        assert outcome.veins.dice == 1.0
        assert outcome.centreline.cldice == 1.0
        assert outcome.thrombus.false_negatives == 0
        assert outcome.thrombus.true_positives == (thrombi > 0).sum()
        assert outcome.slice_truth.shape == outcome.profile.probability.shape
        assert [one.truth.number for one in outcome.thrombi] == np.unique(thrombi)[1:].tolist()
        for one in outcome.thrombi:
            assert one.truth.acute is not None
            assert one.truth.volume_ml == pytest.approx(
                (thrombi == one.truth.number).sum() * outcome.voxel_ml
            )
            assert one.dice == pytest.approx(1.0)
        assert outcome.missed == ()
        ((finding, share),) = outcome.false_findings
        assert share == 0.0
        assert not len(finding.indices)
        (shown,) = outcome.snapshots
        assert shown.failure is Failure.FALSE
        assert shown.found.any()
        assert outcome.features.shape == (len(outcome.findings), 6)
        assert 0 < outcome.named < outcome.nameable


def test_masks_are_held_against_the_study_as_it_lies_in_the_file(
    tiny_bundle, cohort, tmp_path, monkeypatch
):
    """A case stored from head to feet, image and masks alike, has the same outcome."""
    first = cohort.cases[0]
    paths = {}
    for name in ("image", "segments", "thrombi"):
        volume = read_nifti(getattr(first, name))
        paths[name] = tmp_path / f"{name}.nii"
        write_nifti(orient(volume, volume.grid.directions * [-1.0, -1.0, 1.0]), paths[name])
    turned = replace(cohort, root=tmp_path, cases=(replace(first, **paths),))
    outcomes = [
        next(iter(run_trial(tiny_bundle, one, "cpu")))
        for one in (replace(cohort, cases=(first,)), turned)
    ]
    assert outcomes[0].veins == outcomes[1].veins
    assert outcomes[0].named == pytest.approx(outcomes[1].named, rel=0.02)
    assert [one.truth for one in outcomes[0].thrombi] == [
        replace(one.truth, acute=outcomes[0].thrombi[n].truth.acute,
                occlusive=outcomes[0].thrombi[n].truth.occlusive)
        for n, one in enumerate(outcomes[1].thrombi)
    ]  # fmt: skip


@pytest.mark.parametrize("directions", [AXIAL, CORONAL, AXIAL * [-1.0, 1.0, 1.0]])
def test_slice_truth_runs_from_feet_to_head(directions):
    grid = Grid.from_directions((6, 6, 6), (1.0, 1.0, 1.0), directions=directions)
    thrombi = np.zeros(grid.shape, np.uint8)
    thrombi[1, 1, 1] = 1
    z = grid.to_world([(1, 1, 1)])[0, 2]
    positions = np.sort(grid.body_positions_mm())
    np.testing.assert_array_equal(slice_truth(thrombi, grid), np.isclose(positions, z))


def test_a_study_that_cannot_be_screened_is_an_outcome_too(tiny_bundle, cohort, monkeypatch):
    def problems(study):
        return (Problem("no-veins", "Nothing is opacified.", blocking=True),)

    monkeypatch.setattr("deepvein.screening.screen.problems", problems)
    for outcome in run_trial(tiny_bundle, cohort, "cpu"):
        assert outcome.verdict is Verdict.NOT_ASSESSABLE
        assert outcome.probability is None
        assert outcome.findings == ()
        assert outcome.missed == outcome.thrombi
        assert outcome.slice_truth.shape == outcome.profile.probability.shape


def test_an_interrupted_trial_goes_on_where_it_stopped(tiny_bundle, cohort, tmp_path, monkeypatch):
    begun = run_trial(tiny_bundle, cohort, "cpu", keep=tmp_path)
    first = next(iter(begun))
    begun.close()
    tried = []

    def note(models, case, *rest):
        tried.append(case.case)
        return try_case(models, case, *rest)

    monkeypatch.setattr("deepvein.laboratory.trials.trial.try_case", note)
    heard = []
    rest = list(
        run_trial(tiny_bundle, cohort, "cpu", lambda *told: heard.append(told), keep=tmp_path)
    )
    assert tried == [cohort.cases[1].case]
    assert rest[0].case == first.case
    assert heard == [("screening cases", k, 2) for k in range(3)]


def test_two_workers_give_the_outcomes_of_one_in_order(tiny_bundle, cohort, tmp_path):
    alone = list(run_trial(tiny_bundle, cohort, "cpu"))
    together = list(run_trial(tiny_bundle, cohort, "cpu", workers=2, keep=tmp_path))
    assert [one.case for one in together] == [one.case for one in alone]
    assert [one.veins for one in together] == [one.veins for one in alone]
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_a_cluster_gives_the_outcomes_in_order(tiny_bundle, cohort):
    cluster = Pickling()
    found = list(run_trial(tiny_bundle, cohort, "cpu", workers=cluster))
    assert [one.case.case for one in found] == [case.case for case in cohort.cases]
    assert cluster.sent == 2


def test_no_worker_is_an_error(tiny_bundle, cohort):
    with pytest.raises(SettingsError, match="1 worker or more"):
        list(run_trial(tiny_bundle, cohort, "cpu", workers=0))


def test_thrombi_that_all_are_marked_with_1_are_counted_by_what_touches(
    tiny_bundle, cohort, monkeypatch, tmp_path
):
    """As of a hospital's mask: two clots apart were one, found when either was."""
    case = next(case for case in cohort if case.has_dvt)
    opened = open_case(case, cohort.cache)
    veins = np.argwhere(deep_mask(np.asarray(opened.segments.array)))
    marks = np.zeros(opened.image.grid.shape, np.uint8)
    for place in (veins[0], veins[-1]):
        marks[tuple(place)] = 1
    write_nifti(opened.image, tmp_path / "image.nii")
    write_nifti(Volume(marks, opened.image.grid), tmp_path / "thrombi.nii")
    own = replace(case, image=tmp_path / "image.nii", thrombi=tmp_path / "thrombi.nii")
    monkeypatch.setattr("deepvein.screening.screen.predict", lambda *_, **__: oracle(own, cohort))
    outcome = try_case(tiny_bundle, own, cohort, "cpu")
    assert [one.truth.number for one in outcome.thrombi] == [1, 2]
    assert len(outcome.matching.lesions) == 2
    (tmp_path / "planted.json").write_text(
        '{"thrombi": [{"number": 1, "occlusive": true, "age": "acute"}]}'
    )
    assert len(try_case(tiny_bundle, own, cohort, "cpu").thrombi) == 1


def test_labels_of_kinds_are_no_thrombi_and_their_kinds_are_known(
    tiny_bundle, cohort, monkeypatch, tmp_path
):
    """Two acute clots apart and a chronic one, under two labels: they were two thrombi of no age."""
    case = next(case for case in cohort if case.has_dvt)
    opened = open_case(case, cohort.cache)
    veins = np.argwhere(deep_mask(np.asarray(opened.segments.array)))
    marks = np.zeros(opened.image.grid.shape, np.uint8)
    for place, label in ((0, 1), (len(veins) // 2, 2), (-1, 1)):
        marks[tuple(veins[place])] = label
    write_nifti(opened.image, tmp_path / "image.nii")
    write_nifti(Volume(marks, opened.image.grid), tmp_path / "thrombi.nii")
    (tmp_path / "dataset.json").write_text('{"labels": {"acute": 1, "chronic": 2}}')
    own = replace(case, image=tmp_path / "image.nii", thrombi=tmp_path / "thrombi.nii")
    monkeypatch.setattr("deepvein.screening.screen.predict", lambda *_, **__: oracle(own, cohort))
    outcome = try_case(tiny_bundle, own, cohort, "cpu")
    assert [one.truth.acute for one in outcome.thrombi] == [True, False, True]
    assert [one.truth.occlusive for one in outcome.thrombi] == [None] * 3


def test_veins_without_names_tell_nothing_by_vein(tiny_bundle, cohort, monkeypatch, tmp_path):
    """All veins are marked as 1, the number of the vena cava: every thrombus was iliofemoral."""
    case = next(case for case in cohort if case.has_dvt)
    opened = open_case(case, cohort.cache)
    veins = deep_mask(np.asarray(opened.segments.array)).astype(np.uint8)
    write_nifti(Volume(veins, opened.image.grid), tmp_path / "segments.nii")
    own = replace(case, segments=tmp_path / "segments.nii")
    monkeypatch.setattr("deepvein.screening.screen.predict", lambda *_, **__: oracle(own, cohort))
    outcome = try_case(tiny_bundle, own, cohort, "cpu")
    assert outcome.segments == ()
    assert [one.truth.location for one in outcome.thrombi] == [None] * len(outcome.thrombi)
    assert (outcome.named, outcome.nameable) == (0, 0)
    assert outcome.shows_veins
