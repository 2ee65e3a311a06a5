"""Signing: the reader's corrections become a result of their own, with verified SR and corrected SEG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from deepvein.core.errors import UsageError
from deepvein.findings.screening import Screening, Verdict
from deepvein.findings.signature import Predecessor, Signature
from deepvein.node.database.columns import now
from deepvein.node.database.schema import DeliveryRow, ResultRow, ReviewRow, StudyRow
from deepvein.node.reviews.marks import Marks
from deepvein.node.reviews.store import conflict
from deepvein.node.reviews.view import RAS_ORDER
from deepvein.node.states import ReviewState
from deepvein.node.worker import objects_in
from deepvein.reports import write
from deepvein.reports.manifest import MANIFEST, read_manifest
from deepvein.reports.masks import named_veins
from deepvein.reports.writer import EMPTY_CONTEXT
from deepvein.screening.record import RECORD, context_of, load_screening
from deepvein.screening.review import Choice, Decision, Reason, Review, reviewed
from deepvein.studies.nifti import write_nifti
from deepvein.volumes.orient import orient
from deepvein.volumes.volume import Volume

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings


SEGMENTS = "segments.nii.gz"
"""Beside the reports that are signed: the deep veins, thrombi included, as encoded segments."""


@dataclass(frozen=True)
class Signer:
    """Who signs. name: of the account; person: family and given name; organization: for whom they read."""

    name: str
    person: tuple[str, str]
    organization: str


def sign(
    database: Database, settings: NodeSettings, review_id: int, seen: int, signer: Signer
) -> ReviewRow:
    """Write what a review says as DICOM objects and hand them to delivery.

    Everything is written first and entered then, so that a crash leaves a draft, which can be signed again.

    Raises
    ------
    ReviewConflictError
        The review is not at version `seen`, or is signed already.
    UsageError
        It contradicts itself, or a finding has no decision.
    StudyError
        The study cannot be read again.
    """
    folder = settings.folder
    with database.reading() as session:
        row = session.get(ReviewRow, review_id)
        if row is None or row.version != seen or row.state is not ReviewState.DRAFT:
            raise conflict(session, row)
        base = row.result
        followed = _followed(session, base, row)
        known = _predecessors(folder, followed)
    screening = load_screening(folder / base.folder)
    signature = Signature(
        row.uid, "^".join(signer.person), signer.organization, now().isoformat(), known
    )
    signed = reviewed(screening, _review(row, folder, screening), signature)
    place = f"reviews/{base.id}/{row.number}"
    _write(signed, folder / place, folder / base.folder)
    with database.writing() as session:
        result = _result(base, signed, place)
        result.objects.extend(objects_in(folder / place))
        return _enter(session, row, result, settings.destinations.names, signer)


def _review(row: ReviewRow, folder: Path, screening: Screening) -> Review:
    return Review(
        decisions={int(number): _decision(said) for number, said in row.decisions.items()},
        labels=None if not row.labels else on_study(Marks.load(folder / row.labels), screening),
        verdict=Verdict[row.verdict.upper()] if row.verdict else None,
        comment=row.comment,
    )


def _decision(said: dict[str, Any]) -> Decision:
    reason = said.get("reason")
    return Decision(
        Choice(said["choice"]), Reason[reason.upper()] if reason else None, said.get("comment", "")
    )


def on_study(marks: Marks, screening: Screening) -> NDArray[np.uint8]:
    """Marks of a view as (slice, row, column) labels on the study's own grid."""
    grid = screening.study.volume.grid
    labels = np.zeros(grid.shape, np.uint8)
    seen = orient(Volume(labels, grid), RAS_ORDER)
    if seen.grid.shape != marks.shape:
        raise UsageError(
            f"what was drawn has the shape {marks.shape}, the study now has {seen.grid.shape}"
        )
    seen.array[tuple(marks.indices.T)] = marks.values
    return labels


def _followed(session: Session, base: ResultRow, row: ReviewRow) -> ResultRow:
    """The result whose documents the signed ones follow: that of the signature before, or the software's."""
    before = session.scalar(
        select(ReviewRow).where(ReviewRow.result_id == base.id, ReviewRow.number == row.number - 1)
    )
    if before is None or before.signed_result_id is None:
        return base
    return session.get(ResultRow, before.signed_result_id) or base


def _predecessors(folder: Path, followed: ResultRow) -> tuple[Predecessor, ...]:
    return tuple(
        Predecessor(
            path.name,
            str(header.SOPClassUID),
            str(header.SOPInstanceUID),
            str(header.SeriesInstanceUID),
            str(header.StudyInstanceUID),
        )
        for path, header in _objects(folder / followed.folder)
        if header.Modality == "SR"
    )


def _objects(folder: Path) -> list[tuple[Path, Any]]:
    from pydicom import dcmread

    return [(path, dcmread(path, stop_before_pixels=True)) for path in sorted(folder.glob("*.dcm"))]


def _write(signed: Screening, folder: Path, base: Path) -> None:
    """All reports that the software's result has too; those of a signature that was not entered go."""
    manifest = read_manifest(base / MANIFEST)
    names = RECORD if manifest is None else manifest.reports
    context = EMPTY_CONTEXT if manifest is None else context_of(base)
    write(signed, folder, names, context=context, overwrite=True)
    # What a cohort needs beside the thrombi: the veins, by the names that the report gives them.
    write_nifti(Volume(named_veins(signed), signed.study.volume.grid), folder / SEGMENTS)


def _result(base: ResultRow, signed: Screening, place: str) -> ResultRow:
    return ResultRow(
        study_id=base.study_id,
        job_id=None,
        revision=base.revision,
        verdict=signed.verdict.value,
        probability=signed.probability,
        findings=len(signed.findings),
        places="; ".join(finding.place for finding in signed.findings),
        extent_mm=max((finding.extent_mm for finding in signed.findings), default=None),
        models=base.models,
        folder=place,
    )


def _enter(
    session: Session,
    seen: ReviewRow,
    result: ResultRow,
    destinations: Sequence[str],
    signer: Signer,
) -> ReviewRow:
    """Let the signed result take the place of the one before, and begin its deliveries."""
    row = session.scalar(select(ReviewRow).where(ReviewRow.id == seen.id).with_for_update())
    if row is None or row.version != seen.version or row.state is not ReviewState.DRAFT:
        raise conflict(session, row)
    session.execute(
        update(ResultRow)
        .where(ResultRow.study_id == result.study_id, ResultRow.revision == result.revision)
        .values(superseded=True)
    )
    # Not if the study was opened again meanwhile: its next result counts then.
    study = session.get_one(StudyRow, result.study_id, with_for_update=True)
    result.superseded = study.revision != result.revision
    study.changed = now()
    session.add(result)
    session.flush()
    session.add_all(DeliveryRow(result_id=result.id, destination=name) for name in destinations)
    row.state, row.version, row.signed = ReviewState.SIGNED, row.version + 1, now()
    row.signed_by, row.changed_by, row.changed = signer.name, signer.name, now()
    row.signed_result_id = result.id
    session.flush()
    return row
