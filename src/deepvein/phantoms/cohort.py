"""Cohorts of phantoms on disk: a table and a plan, and the files if they are wanted at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deepvein.core.errors import SettingsError
from deepvein.core.files import clear_leftovers, whole_folder
from deepvein.core.progress import Progress, silent
from deepvein.core.spreadsheet import write_csv
from deepvein.core.workers import Workers, spread
from deepvein.phantoms.annotation.annotation import EXACT, Annotation
from deepvein.phantoms.library import LABELS, render_case, write_case
from deepvein.phantoms.phantom import DEFAULT, PhantomSettings
from deepvein.phantoms.plan import CaseOrder, CohortPlan, claim
from deepvein.phantoms.writing import write_dicom
from deepvein.studies.study import Modality

Write = Literal["nifti", "dicom"]

COLUMNS = (
    "case",
    "patient",
    "modality",
    "image",
    "segments",
    "thrombi",
    "has_dvt",
    "centre",
    "fold",
    "split",
)
"""The fields of `cohorts.case.Case`."""


def write_cohort(  # noqa: PLR0913  (each is a choice of the caller, by name)
    modality: Modality,
    n: int,
    folder: Path,
    seed: int = 0,
    *,
    dvt_share: float = 0.5,
    patients: int | None = None,
    annotation: Annotation = EXACT,
    settings: PhantomSettings = DEFAULT,
    write: Write | None = None,
    truth: tuple[str, ...] = LABELS,
    workers: Workers = 1,
    progress: Progress = silent,
) -> Path:
    """Lay out `n` cases, `dvt_share` of them diseased; returns the path of cohort.csv.

    Without `write` the folder holds the table and the plan (cohort.json) alone, a few kilobytes: a case's
    files are made when it is opened (`cohorts.promised`). With `write` they are made now, in a temporary
    folder each that is renamed when it is whole, so a call that was interrupted or killed goes on where it
    stopped. "dicom" adds the study as DICOM, in the case's folder `dicom`; truth: which label volumes to
    write beside the image. `progress` hears ("phantoms", done, n).

    workers: processes of this machine, or a cluster whose machines see `folder` under the same absolute
    path. patients: how many the studies belong to (see CohortPlan), by default one study each. annotation: how
    the labels are drawn. A folder that holds another cohort, or one of another generator, is refused with
    CohortError. Case k depends on (seed, modality, k, patients) and the settings alone.
    """
    if isinstance(workers, int) and workers < 1:
        raise SettingsError(f"workers must be 1 or larger, got {workers}")
    if not set(LABELS) <= set(truth):
        raise SettingsError(f"truth must hold segments and thrombi, got {truth}")
    plan = CohortPlan(modality, n, seed, dvt_share, patients, annotation, settings)
    folder.mkdir(parents=True, exist_ok=True)
    claim(plan, folder)
    table = _write_table(plan, folder)
    if write is not None:
        jobs = [_Job(plan, order, folder, write, truth) for order in plan.orders]
        missing = [job for job in jobs if not job.is_done]
        done = n - len(missing)
        try:
            for _ in spread(
                _Job.run, missing, workers, stage="phantoms", progress=progress, before=done
            ):
                pass
        finally:
            clear_leftovers(folder)  # of workers that were ended because one of them failed
    return table


@dataclass(frozen=True)
class _Job:
    """One case to write; everything that a worker process needs."""

    plan: CohortPlan
    order: CaseOrder
    folder: Path
    write: Write
    truth: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        place = self.folder / self.order.case
        return (place / "planted.json").exists() and (
            self.write != "dicom" or (place / "dicom").is_dir()
        )

    def run(self) -> None:
        phantom = render_case(self.plan, self.order)
        with whole_folder(self.folder / self.order.case, replace=True) as made:
            write_case(phantom, made, self.truth)
            if self.write == "dicom":
                write_dicom(phantom, made / "dicom")


def _write_table(plan: CohortPlan, folder: Path) -> Path:
    path = folder / "cohort.csv"
    rows = [
        {
            "case": order.case,
            "patient": order.patient,
            "modality": plan.modality.value,
            "image": f"{order.case}/image.nii",
            "segments": f"{order.case}/segments.nii",
            "thrombi": f"{order.case}/thrombi.nii",
            "has_dvt": str(order.dvt).lower(),
            "centre": order.centre,
        }
        for order in plan.orders
    ]
    write_csv(path, COLUMNS, [[row.get(name) for name in COLUMNS] for row in rows])
    return path
