"""The synthetic cohort: one leg with DVT a patient, three stations merged.

58 patients, 25 male and 33 female, about 93 coronal slices each, 5,388 together; thrombi reach above and
below the knee in 41 patients, lie only above in 15 and only below in 2. That is the one division of 58
patients with one lesion a level that gives the paper's 56 proximal and 43 distal lesions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal

import numpy as np

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.cohorts.splits import k_fold
from deepvein.core.errors import CohortError
from deepvein.core.files import whole_folder
from deepvein.core.progress import Progress, silent
from deepvein.core.seeds import derive, generator
from deepvein.core.workers import spread
from deepvein.laboratory.huang2019.consensus import agreed
from deepvein.laboratory.huang2019.knee import DISTAL, PROXIMAL, knee, parts
from deepvein.laboratory.huang2019.leg import FieldOfView, of_one_leg
from deepvein.laboratory.huang2019.profiles import Profile
from deepvein.phantoms.mr import MrSettings
from deepvein.phantoms.person.frame import Frame
from deepvein.phantoms.person.population import sample_person
from deepvein.phantoms.phantom import PhantomSettings, render, sample
from deepvein.phantoms.thrombosis.thrombus import DiseaseSettings
from deepvein.phantoms.writing import write_nifti
from deepvein.studies.study import Modality

Reach = Literal["both", "proximal", "distal"]
REACHES: dict[Reach, int] = {"both": 41, "proximal": 15, "distal": 2}
MALE_SHARE = 25 / 58
_ATTEMPTS = 60
_LEAST_VOXELS = 3

_DISEASE: dict[Reach, DiseaseSettings] = {
    "both": DiseaseSettings(calf_share=0.0, iliofemoral_share=0.15, length_mm=(520.0, 0.3), short_share=0.0),
    "proximal": DiseaseSettings(calf_share=0.0, iliofemoral_share=0.4, length_mm=(260.0, 0.4)),
    "distal": DiseaseSettings(calf_share=1.0),
}  # fmt: skip
"""Which thrombi are drawn for each reach; those that reach otherwise are drawn again."""


@dataclass(frozen=True)
class Order:
    """One patient to make."""

    case: str
    centre: str
    reach: Reach
    female: bool
    field: FieldOfView
    seed: int


def orders(profile: Profile, centre: str = "A") -> tuple[Order, ...]:
    """All patients of a centre: the paper's at "A", `profile.centre_patients` at "B" and "C"."""
    main = centre == "A"
    count = profile.patients if main else profile.centre_patients
    rng = generator(profile.seed, "huang2019", "orders", centre)
    reaches = _dealt(count, {name: n / sum(REACHES.values()) for name, n in REACHES.items()})
    males = round(MALE_SHARE * count)
    reach_of, sex_of = rng.permutation(count).tolist(), rng.permutation(count).tolist()
    out = []
    for k in range(count):
        field = profile.field_at(centre)
        if main:
            field = replace(field, slices=profile.slices_of(k))
        out.append(
            Order(
                case=f"{centre.lower()}-{k:03d}",
                centre=centre,
                reach=reaches[reach_of[k]],
                female=sex_of[k] >= males,
                field=field,
                seed=derive(profile.seed, "huang2019", centre, k),
            )
        )
    return tuple(out)


def make_cohort(
    profile: Profile,
    folder: Path,
    centres: tuple[str, ...] = ("A",),
    *,
    processes: int = 1,
    stop_after_s: float | None = None,
    progress: Progress = silent,
) -> Path | None:
    """Write the patients of the centres that are not there yet, and cohort.csv with folds by patient.

    Returns the table's path, or None if the time was over before all were made; a second call goes on.
    """
    end = None if stop_after_s is None else monotonic() + stop_after_s
    wanted = [order for centre in centres for order in orders(profile, centre)]
    missing = [order for order in wanted if not (folder / order.case).is_dir()]
    folder.mkdir(parents=True, exist_ok=True)
    work, done = partial(make_patient, folder=folder), len(wanted) - len(missing)
    made = spread(work, missing, processes, stage="patients", progress=progress, before=done)
    for number, _ in enumerate(made, start=1):
        if end is not None and monotonic() > end and number < len(missing):
            return None
    cases = tuple(_case(order, folder.resolve()) for order in wanted)
    cohort = Cohort(folder.resolve(), cases)
    if len(cases) >= profile.folds:
        cohort = k_fold(cohort, profile.folds, profile.seed)
    return cohort.save()


def make_patient(order: Order, folder: Path) -> None:
    """Write image.nii, t2.nii, segments.nii (exact), thrombi.nii (the readers' consensus) of a patient."""
    for attempt in range(_ATTEMPTS):
        seed = derive(order.seed, "attempt", attempt) % 2**31
        settings = PhantomSettings(disease=replace(_DISEASE[order.reach], bilateral_share=0.0))
        settings = replace(
            settings,
            centre=order.centre,
            population=replace(settings.population, female_share=float(order.female)),
        )
        frame = Frame(sample_person(seed, settings.population))
        protocol = order.field.settings(frame, MrSettings(second_sequence=True))
        scenario = sample(seed, Modality.MR, True, replace(settings, mr=protocol))
        if not _may_reach(scenario.thrombi[0].clots, order.reach):
            continue
        phantom = render(of_one_leg(scenario, scenario.thrombi[0].side, order.field))
        thrombi = agreed(phantom.segments, phantom.thrombi, seed)
        level = knee(phantom.segments.array, phantom.image.grid)
        if level is None:
            continue
        found = parts(thrombi.array > 0, level, phantom.image.grid)
        counts = [int(np.count_nonzero(found == part)) for part in (PROXIMAL, DISTAL)]
        if _reach(counts) == order.reach:
            with whole_folder(folder / order.case) as made:
                write_nifti(replace(phantom, thrombi=thrombi), made, ("segments", "thrombi"))
            return
    raise CohortError(
        f"no leg for patient {order.case!r} after {_ATTEMPTS} attempts; use smaller voxels"
    )


def _may_reach(clots: tuple[object, ...], reach: Reach) -> bool:
    """Whether the drawn thrombus has parts at the levels wanted; cheap, before anything is painted."""
    calf = ("tibial", "peroneal", "soleal", "gastrocnemius")
    distal = [any(word in getattr(clot, "vessel", "") for word in calf) for clot in clots]
    below, above = any(distal), not all(distal)
    return {"both": below and above, "proximal": above and not below, "distal": not above}[reach]


def _reach(counts: list[int]) -> Reach | None:
    above, below = (count >= _LEAST_VOXELS for count in counts)
    if above and below:
        return "both"
    return "proximal" if above and not counts[1] else "distal" if below and not counts[0] else None


def _dealt(count: int, shares: dict[Reach, float]) -> list[Reach]:
    """`count` names in the given shares, rounded by largest remainders, each at least once."""
    exact = {name: share * count for name, share in shares.items()}
    whole = {name: max(1, int(value)) for name, value in exact.items()}
    while sum(whole.values()) < count:
        whole[max(whole, key=lambda name: exact[name] - whole[name])] += 1
    while sum(whole.values()) > count:
        whole[max(whole, key=lambda name: whole[name] - exact[name])] -= 1
    return [name for name, n in whole.items() for _ in range(n)]


def _case(order: Order, root: Path) -> Case:
    place = root / order.case
    return Case(
        case=order.case,
        patient=order.case,
        modality=Modality.MR,
        image=place / "image.nii",
        segments=place / "segments.nii",
        thrombi=place / "thrombi.nii",
        has_dvt=True,
        centre=order.centre,
    )
