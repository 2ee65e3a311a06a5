from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import CohortError, UsageError
from deepvein.laboratory.huang2019.masks import kept_mask
from deepvein.laboratory.huang2019.profiles import QUICK
from deepvein.laboratory.huang2019.results import read_results
from deepvein.laboratory.huang2019.study import Study
from deepvein.laboratory.reproduction import reproduce
from deepvein.laboratory.steps import DONE
from deepvein.studies.nifti import read_nifti, write_nifti
from deepvein.studies.study import Modality
from deepvein.training.machine import Machine
from deepvein.volumes.grid import CORONAL, Grid
from deepvein.volumes.volume import Volume
from unit.pickling import Pickling

TINY = replace(
    QUICK, name="tiny", patients=4, slices=4 * 8, centre_patients=1, depth_slices=8, coarsening=12.0,
    size=(64, 32), narrowing=16, kernel=3, chunk=4, epochs=1, steps=2, batch=2, folds=2,
)  # fmt: skip


def own_cohort(folder: Path, patients: int = 4) -> Path:
    """A hospital's cohort of noise: images and binary thrombus masks alone."""
    shape = (4, 40, 24)
    grid = Grid.from_directions(shape, (4.0, 15.0, 8.0), (0.0, 0.0, 0.0), CORONAL)
    cases = []
    for k in range(patients):
        place = folder / f"p{k}"
        place.mkdir(parents=True)
        rng = np.random.default_rng(k)
        mask = np.zeros(shape, dtype=np.uint8)
        mask[1:3, 8:20, 10:13] = 1
        image = rng.integers(0, 90, shape).astype(np.int16) + 200 * mask.astype(np.int16)
        write_nifti(Volume(image, grid), place / "image.nii")
        write_nifti(Volume(mask, grid), place / "thrombi.nii")
        paths = {"image": place / "image.nii", "thrombi": place / "thrombi.nii"}
        cases.append(Case(f"c{k}", f"p{k}", Modality.MR, **paths, has_dvt=True))
    Cohort(folder, tuple(cases)).save()
    return folder


def test_folds_never_share_a_patient(tmp_path: Path) -> None:
    study = Study(
        TINY, tmp_path / "out", own_cohort(tmp_path / "own"), machine=Machine(device="cpu")
    )
    tested: list[str] = []
    for step in study.training():
        work = step.work
        assert not {*work.training.patients} & {*work.test.patients}
        if step.name.startswith("models/unet/"):
            tested += work.test.patients
    assert sorted(tested) == ["p0", "p1", "p2", "p3"]


@pytest.mark.slow
def test_folds_of_a_table_that_leave_patients_out_or_tear_them_are_refused(tmp_path: Path) -> None:
    folder = own_cohort(tmp_path / "own")
    cohort = Cohort.load(folder)

    def study(folds: list[int | None], patients: tuple[str, ...] = ()) -> Study:
        cases = [replace(case, fold=fold) for case, fold in zip(cohort, folds, strict=True)]
        cases = [
            replace(case, patient=patient)
            for case, patient in zip(cases, patients or cohort.patients, strict=True)
        ]
        replace(cohort, cases=tuple(cases)).save()
        return Study(TINY, tmp_path / "out", folder, machine=Machine(device="cpu"))

    assert [case.fold for case in study([1, 0, 1, 0]).patients] == [1, 0, 1, 0]
    for folds in ([1, 2, 1, 2], [0, 1, 2, 3], [0, 0, 0, 0]):
        with pytest.raises(CohortError, match="the folds 0 to 1 are tested"):
            _ = study([*folds]).patients
    with pytest.raises(CohortError, match="no fold for 'c2'"):
        _ = study([0, 1, None, 1]).patients
    with pytest.raises(CohortError, match="'p0' is in more than one split or fold"):
        _ = study([0, 1, 0, 1], ("p0", "p0", "p2", "p3")).patients


def test_a_hospitals_cohort_from_end_to_end(tmp_path: Path) -> None:
    """One more patient is known to be free and has no map; of another one nothing is known."""
    own, out = own_cohort(tmp_path / "own"), tmp_path / "out"
    cases = Cohort.load(own).cases
    files = own_cohort(tmp_path / "more", 6)
    added = (
        replace(cases[0], case=f"c{k}", patient=f"p{k}", image=files / f"p{k}/image.nii", thrombi=None,
                has_dvt=known)
        for k, known in ((4, False), (5, None))
    )  # fmt: skip
    Cohort(own, (*cases, *added)).save()

    def run(**more: object) -> object:
        study = Study(TINY, out, own, ("gn-unet",), beyond=False, machine=Machine(device="cpu"))
        return reproduce(study, **more)

    first = run(stop_after_s=0.0)
    assert first.finished == 0
    assert "2 of 2 trainings are not finished" in (out / "index.html").read_text()
    folds = Pickling()
    assert run(cluster=folds).complete
    assert folds.sent == 2
    tables = [out / f"models/gn-unet/fold-{fold}/results.csv" for fold in (0, 1)]
    assert sorted(row.case for table in tables for row in read_results(table)) == [
        "c0", "c1", "c2", "c3", "c4",
    ]  # fmt: skip
    rows = read_results(tables[0])
    assert kept_mask(out / f"models/gn-unet/fold-0/predictions/{rows[0].case}.npz").shape == (
        4,
        40,
        24,
    )
    page = (out / "index.html").read_text()
    assert "not a medical device" in page
    assert "were made by a computer program" not in page
    assert "simulated readers" not in page
    assert "studies without a thrombus map or has_dvt=false: 1" in page
    for name in ("tables/table-1.csv", "tables/table-2.tex", "figures/figure-3.svg"):
        assert (out / name).exists()
    made = (out / "models/gn-unet/fold-0" / DONE).stat().st_mtime_ns
    assert run().complete
    assert (out / "models/gn-unet/fold-0" / DONE).stat().st_mtime_ns == made
    thrombi = next(case.thrombi for case in Cohort.load(own) if case.thrombi)
    drawn = read_nifti(thrombi)
    write_nifti(Volume(np.roll(drawn.array, 1, axis=1), drawn.grid), thrombi)
    open_case.cache_clear()
    with pytest.raises(UsageError, match="voxels was .*delete that folder to make it again"):
        run()


def test_wrong_names_are_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown model"):
        Study(TINY, tmp_path / "out", models=("resnet",))
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_whole_synthetic_study(tmp_path: Path) -> None:
    standing = reproduce(Study(TINY, tmp_path, machine=Machine(device="cpu")))
    assert standing.complete
    page = (tmp_path / "index.html").read_text()
    assert "not finished" not in page
    assert "Not run" not in page
    assert "simulated readers" in page
    for name in ("figure-2.png", "figure-3.svg", "figure-4.png", "networks.svg"):
        assert (tmp_path / "figures" / name).exists(), name
    tables = {path.stem for path in (tmp_path / "tables").glob("*.csv")}
    assert {
        "table-1",
        "table-2",
        "losses",
        "slices-against-volumes",
        "leave-one-centre-out",
    } <= tables
