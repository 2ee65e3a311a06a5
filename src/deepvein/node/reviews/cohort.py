"""Signed studies as a cohort: what readers corrected is what the next model learns from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from deepvein.cohorts.case import Case
from deepvein.cohorts.cohort import Cohort
from deepvein.core.errors import CohortError
from deepvein.findings.screening import Verdict
from deepvein.node.database.schema import ResultRow, ReviewRow, StudyRow
from deepvein.node.reviews.signing import SEGMENTS
from deepvein.node.states import ReviewState
from deepvein.reports.manifest import MANIFEST, read_manifest
from deepvein.reports.nifti import THROMBI
from deepvein.studies.study import Modality

if TYPE_CHECKING:
    from deepvein.node.database.database import Database


def reviewed_cohort(database: Database, folder: Path, out: Path) -> Cohort:
    """The studies that are signed, with their last signature, as a cohort of the folder `out`.

    folder: the node's. Images and masks are named where they lie, and read when they are used. Thrombi are
    the reader's; the veins are the software's, so that a network which learns both keeps what it knew of
    them. A study that its reader called not assessable is left out, and so is one that was opened again by new
    images since. CohortError if none is left.
    """
    signed = aliased(ResultRow)
    query = (
        select(StudyRow, signed)
        .join(ResultRow, ResultRow.study_id == StudyRow.id)
        .join(ReviewRow, ReviewRow.result_id == ResultRow.id)
        .join(signed, signed.id == ReviewRow.signed_result_id)
        .where(
            ReviewRow.state == ReviewState.SIGNED,
            ResultRow.revision == StudyRow.revision,
            signed.superseded.is_(False),
        )
        .order_by(StudyRow.id)
    )
    with database.reading() as session:
        rows = session.execute(query).all()
    cases = [
        _case(study, result, folder)
        for study, result in rows
        if result.verdict != Verdict.NOT_ASSESSABLE.value
    ]
    if not cases:
        raise CohortError(f"no study of {folder} is signed yet: nothing can be learned from it")
    return Cohort(out.resolve(), tuple(cases))


def _case(study: StudyRow, result: ResultRow, folder: Path) -> Case:
    place = folder / result.folder
    manifest = read_manifest(place / MANIFEST)
    if manifest is None:
        raise CohortError(
            f"{place} holds no {MANIFEST}: the signed result of study {study.id} is gone"
        )
    segments = (place / SEGMENTS).absolute()
    return Case(
        case=f"study-{study.id}",
        patient=study.patient_id or study.uid,
        modality=Modality(manifest.answer.modality),
        image=Path(manifest.inputs.location).absolute(),
        segments=segments if segments.is_file() else None,
        thrombi=(place / THROMBI).absolute(),
        has_dvt=result.findings > 0,
    )
