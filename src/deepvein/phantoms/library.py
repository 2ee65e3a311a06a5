"""Cases of a planned cohort, made one at a time: a maker of files (`core.makers`)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deepvein.core.errors import CohortError
from deepvein.core.seeds import derive
from deepvein.core.sparse import make_sparse
from deepvein.phantoms.annotation.annotation import annotate
from deepvein.phantoms.phantom import Phantom, render, sample
from deepvein.phantoms.plan import CaseOrder, CohortPlan, load_plan
from deepvein.phantoms.writing import write_nifti

LABELS = ("segments", "thrombi")
_ATTEMPTS = 8


def key(plan: Path, case: str) -> str:
    """A digest of all that the files of a case depend on, the generator's number included."""
    planned = load_plan(plan)
    return planned.key(planned.order(case))


def make(plan: Path, case: str, folder: Path) -> None:
    """Write image.nii, segments.nii, thrombi.nii and planted.json of a case into `folder`."""
    planned = load_plan(plan)
    write_case(render_case(planned, planned.order(case)), folder)


def write_case(phantom: Phantom, folder: Path, truth: tuple[str, ...] = LABELS) -> None:
    """Write image.nii, planted.json and the named label volumes, whose zeros take no space."""
    write_nifti(phantom, folder, truth)
    for name in truth:
        make_sparse(folder / f"{name}.nii")


def render_case(plan: CohortPlan, order: CaseOrder) -> Phantom:
    """The phantom of an order; its segments and thrombi are drawn as the plan's annotation says.

    Whether it shows a thrombus is as the order has it: where none of the drawn thrombi reaches a voxel,
    the examination (not the person) is drawn once more.
    """
    settings = plan.settings_of(order)
    person = order.seed if order.person_seed is None else order.person_seed
    for attempt in range(_ATTEMPTS):
        seed = derive(order.seed, "again", attempt) % 2**31 if attempt else order.seed
        scenario = sample(seed, plan.modality, order.dvt, settings, person_seed=person)
        phantom = render(scenario)
        if bool(phantom.planted) == order.dvt:
            drawn = annotate(phantom.segments, phantom.thrombi, plan.annotation, seed)
            return replace(phantom, segments=drawn[0], thrombi=drawn[1])
    raise CohortError(
        f"no thrombus of case {order.case!r} shows in its images after {_ATTEMPTS} attempts; use thinner "
        "slices or more coverage"
    )
