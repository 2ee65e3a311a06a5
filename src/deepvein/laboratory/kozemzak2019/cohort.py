"""The cohort: 119 synthetic studies of 97 patients as the paper describes its own, or a hospital's.

Either is kept at the networks' size in the study's folder, a case at a time, so that the full synthetic
cohort takes about 5 GB instead of 30. Besides what was annotated, a synthetic case keeps the exact truth
and, for each slice, how strong mixing artefacts are there.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TypeVar

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.division import require_splits
from deepvein.cohorts.file_checks import check_files
from deepvein.cohorts.opening import open_case
from deepvein.cohorts.outcomes import require_passed
from deepvein.cohorts.table_checks import require_table
from deepvein.core.files import whole_folder
from deepvein.core.progress import Progress, silent
from deepvein.core.spreadsheet import write_csv
from deepvein.core.workers import spread
from deepvein.laboratory.kozemzak2019.downsampling import (
    reduced_image,
    reduced_labels,
    write_reduced,
)
from deepvein.laboratory.kozemzak2019.profiles import Profile
from deepvein.phantoms.annotation.annotation import ANNOTATIONS, EXACT, annotate
from deepvein.phantoms.contrast.mixing import MixingArtefact
from deepvein.phantoms.phantom import PhantomSettings, Scenario, render, sample
from deepvein.phantoms.plan import CaseOrder, CohortPlan
from deepvein.phantoms.vessels.vascular_tree import Vessels
from deepvein.studies.nifti import read_nifti
from deepvein.studies.study import Modality
from deepvein.volumes.volume import Volume

DVT_SHARE = 0.9
"""Of the studies: thrombi are short, and 11 to 15 % of the slices were annotated as positive (Section 6)."""

READER = replace(ANNOTATIONS.get("kozemzak2019"), margin_mm=2.0)
"""Contours lie well outside the vein: one pixel in 537 is drawn in the paper (Section 4.3.2), whereas exact
outlines of the deep veins on all slices would be about one in a thousand."""

STRETCH = 4.0
"""Factor on the length of mixing artefacts: they span more slices than a thrombus (Section 1)."""

COVERAGES = (
    ("whole", 0.34),
    ("pelvis to knee", 0.20),
    ("pelvis to calf", 0.14),
    ("thigh to calf", 0.10),
    ("pelvis", 0.06),
    ("groin", 0.05),
    ("thigh", 0.05),
    ("knee", 0.03),
    ("calf", 0.02),
    ("ankle", 0.01),
)
"""Weights that give 29 to some 1,500 slices a study (Figure 2)."""

SLICES_TABLE = "slices.csv"

T = TypeVar("T")


@dataclass(frozen=True)
class SliceTruth:
    """What is known of one slice of a synthetic case. z_mm: LPS. height: landmark coordinate, 0 ankle to
    3 iliac crest. artefact: missing part of the enhancement, 0 none to 1. thrombus: exact, 0 or 1."""

    slice: int
    z_mm: float
    height: float
    artefact: float
    thrombus: int


def settings_of(profile: Profile) -> PhantomSettings:
    """One institution's scanner, three artefacts a study, and thrombi so short that eleven of the slices of
    the smaller profiles hold an end of most of them."""
    usual = PhantomSettings(centre="A")
    return replace(
        usual,
        ct=replace(usual.ct, matrix=profile.matrix, coverages=COVERAGES, slices=profile.slices),
        disease=replace(
            usual.disease,
            length_mm=(65.0, 0.4),
            calf_length_mm=(50.0, 0.4),
            short_share=0.15,
            bilateral_share=0.9,
        ),
        contrast=replace(usual.contrast, artefacts=3.0),
    )


def plan_of(profile: Profile, *, pretext: bool = False) -> CohortPlan:
    """The cohort's studies; `pretext` gives other people, whom nobody has annotated."""
    count = profile.pretext_studies if pretext else profile.studies
    return CohortPlan(
        Modality.CT,
        count,
        profile.seed + int(pretext),
        DVT_SHARE,
        None if pretext else profile.patients,
        EXACT,
        settings_of(profile),
    )


def make_synthetic(
    profile: Profile,
    folder: Path,
    *,
    pretext: bool = False,
    workers: int = 1,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> Cohort | None:
    """Make the cases that `folder` does not hold yet; the cohort once all are there, None before."""
    plan = plan_of(profile, pretext=pretext)
    missing = [order for order in plan.orders if not (folder / order.case).is_dir()]
    make = partial(make_case, plan, size=profile.size, folder=folder)
    done = len(plan.orders) - len(missing)
    if not _make_all(make, missing, done, workers, stop_after_s, progress):
        return None
    cases = [
        _reduced_case(folder, order.case, order.patient, order.dvt, order.centre)
        for order in plan.orders
    ]
    return _saved(folder, cases)


def reduce_cohort(
    cohort: Cohort,
    size: int,
    folder: Path,
    *,
    workers: int = 1,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> Cohort | None:
    """The CT cases of a hospital's cohort at the networks' size; None while the time was too short.

    CohortError if a patient lies in two splits or folds, if only some cases have a split, or with all files
    that cannot be read and labels that contradict them.
    """
    require_table(cohort)
    chosen = cohort.of_modality(Modality.CT)
    require_splits(chosen)
    require_passed(check_files(chosen, progress))
    missing = [case for case in chosen if not (folder / case.case).is_dir()]
    reduce = partial(_reduce_case, cache=cohort.cache, size=size, folder=folder)
    done = len(chosen) - len(missing)
    if not _make_all(reduce, missing, done, workers, stop_after_s, progress):
        return None
    cases = [
        replace(
            _reduced_case(folder, case.case, case.patient, case.has_dvt, case.centre),
            split=case.split,
            fold=case.fold,
            segments=folder / case.case / "segments.nii" if case.segments else None,
            thrombi=folder / case.case / "thrombi.nii" if case.thrombi else None,
        )
        for case in chosen
    ]
    return _saved(folder, cases)


def make_case(plan: CohortPlan, order: CaseOrder, size: int, folder: Path) -> None:
    """Render one synthetic study, annotate it as the paper's radiologist did, and keep it at `size` in a
    folder of `folder`."""
    person = order.seed if order.person_seed is None else order.person_seed
    settings = plan.settings_of(order)
    scenario = stretched(
        sample(order.seed, plan.modality, order.dvt, settings, person_seed=person), STRETCH
    )
    phantom = render(scenario)
    drawn = annotate(phantom.segments, phantom.thrombi, READER, order.seed)
    image = reduced_image(phantom.image, size)
    with whole_folder(folder / order.case) as made:
        write_reduced(image, made / "image.nii")
        labels = zip(("segments", "thrombi"), drawn, strict=True)
        for name, volume in labels:
            small = reduced_labels(volume, size, keep=name == "thrombi")
            write_reduced(small, made / f"{name}.nii")
        for name, volume in (("segments", phantom.segments), ("thrombi", phantom.thrombi)):
            write_reduced(reduced_labels(volume, size), made / f"exact_{name}.nii")
        _write_truth(scenario, phantom.thrombi, made / SLICES_TABLE)


def stretched(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with its mixing artefacts `factor` times as long, from where they begin upwards."""
    contrast = scenario.contrast
    longer = tuple(_stretched(one, scenario.vessels, factor) for one in contrast.artefacts)
    return replace(scenario, contrast=replace(contrast, artefacts=longer))


def read_truth(folder: Path) -> tuple[SliceTruth, ...]:
    """The slices of a case in order; empty where nothing is known, as of a hospital's."""
    path = folder / SLICES_TABLE
    if not path.exists():
        return ()
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(
            SliceTruth(
                int(row["slice"]),
                float(row["z_mm"]),
                float(row["height"]),
                float(row["artefact"]),
                int(row["thrombus"]),
            )
            for row in csv.DictReader(file)
        )


def _stretched(artefact: MixingArtefact, vessels: Vessels, factor: float) -> MixingArtefact:
    low = artefact.centre_mm - artefact.length_mm / 2
    length = artefact.length_mm * factor
    first = vessels.by_name[artefact.vessel]
    names = [artefact.vessel, *artefact.vessels]
    names += [
        vein.name
        for vein in vessels.axis(first.side)
        if vein.tube.low_mm < low + length and vein.tube.high_mm > low
    ]
    return replace(
        artefact,
        centre_mm=round(low + length / 2, 3),
        length_mm=round(length, 3),
        vessels=tuple(dict.fromkeys(names)),
    )


def _write_truth(scenario: Scenario, thrombi: Volume, path: Path) -> None:
    heights = scenario.scan.heights_mm  # type: ignore[union-attr]
    z = thrombi.grid.body_positions_mm()
    rows = []
    for index, height in enumerate(heights):
        strength = max((a.strength(height) for a in scenario.contrast.artefacts), default=0.0)
        shows = int(thrombi.array[index].any())
        t = float(scenario.frame.t(height))
        rows.append((index, f"{z[index]:.2f}", f"{t:.4f}", f"{strength:.4f}", shows))
    write_csv(path, [field.name for field in fields(SliceTruth)], rows)


def _reduce_case(case: Case, cache: Path, size: int, folder: Path) -> None:
    opened = open_case(case, cache)
    with whole_folder(folder / case.case) as made:
        write_reduced(reduced_image(opened.image, size), made / "image.nii")
        for name in ("segments", "thrombi"):
            volume = getattr(opened, name)
            if volume is not None:
                small = reduced_labels(volume, size, keep=name == "thrombi")
                write_reduced(small, made / f"{name}.nii")


def _reduced_case(folder: Path, name: str, patient: str, has_dvt: bool | None, centre: str) -> Case:
    own = folder.resolve() / name
    return Case(
        case=name,
        patient=patient,
        modality=Modality.CT,
        image=own / "image.nii",
        segments=own / "segments.nii",
        thrombi=own / "thrombi.nii",
        has_dvt=has_dvt,
        centre=centre,
    )


def _saved(folder: Path, cases: Sequence[Case]) -> Cohort:
    """The cohort of the reduced cases; has_dvt says what is left to see of their thrombi."""
    cohort = Cohort(
        folder.resolve(),
        tuple(
            replace(case, has_dvt=bool(read_nifti(case.thrombi, memory_map=True).array.any()))
            if case.thrombi
            else case
            for case in cases
        ),
    )
    cohort.save()
    return cohort


def _make_all(
    make: Callable[[T], None],
    missing: Sequence[T],
    done: int,
    workers: int,
    stop_after_s: float | None,
    progress: Progress,
) -> bool:
    """Make what is missing besides the `done`, in as many processes; False if the time was over before."""
    begun, made = monotonic(), 0
    work = spread(make, missing, workers, stage="making studies", progress=progress, before=done)
    with closing(work):
        while made < len(missing):
            if stop_after_s is not None and monotonic() - begun > stop_after_s:
                return False
            next(work)
            made += 1
    return True
