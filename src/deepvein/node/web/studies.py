"""One study for its page: what was found, the review so far, and images and marks to look at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from pydantic import BaseModel

from deepvein.core.errors import DeepveinError, UsageError
from deepvein.node.database.schema import ResultRow, ReviewRow, StudyRow
from deepvein.node.reviews.prepared import view_of
from deepvein.node.reviews.store import base_result, current_review, review_marks
from deepvein.node.reviews.view import packed
from deepvein.node.web.answers import refusals
from deepvein.node.web.caller import Reader
from deepvein.node.worklist import age_of
from deepvein.reports.findings_json import FINDINGS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from deepvein.node.database.database import Database
    from deepvein.node.reviews.marks import Marks
    from deepvein.node.reviews.view import View

router = APIRouter(
    prefix="/api/studies/{study_id}", tags=["study"], responses=refusals(401, 404, 409, 422)
)

StudyId = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]
Slice = Annotated[int, Query(ge=0, le=100_000)]

NIFTI = "application/x-nifti"


class ReviewState(BaseModel):
    """A review as it stands; version 0 if nobody has begun one."""

    version: int = 0
    number: int = 1
    state: Literal["none", "draft", "signed"] = "none"
    decisions: dict[str, Any] = {}
    verdict: str = ""
    comment: str = ""
    drawn: bool = False
    changed_by: str = ""
    changed: str = ""


class StudyDetail(BaseModel):
    """All that the page shows beside images. Positions are LPS millimetres."""

    id: int
    study_uid: str
    patient_name: str
    patient_id: str
    sex: str
    age: int | None
    study_date: str
    description: str
    state: str
    reason: str
    result: dict[str, Any] | None
    view: dict[str, Any] | None
    review: ReviewState


def review_state(row: ReviewRow | None) -> ReviewState:
    """What the page is told of a review."""
    if row is None:
        return ReviewState()
    return ReviewState(
        version=row.version,
        number=row.number,
        state="signed" if row.signed is not None else "draft",
        decisions=row.decisions,
        verdict=row.verdict,
        comment=row.comment,
        drawn=bool(row.labels),
        changed_by=row.changed_by,
        changed=row.changed.isoformat(),
    )


def screened(request: Request, study_id: int) -> tuple[StudyRow, ResultRow]:
    """A study and the software's last result for it; 404 if there is none."""
    database: Database = request.app.state.database
    with database.reading() as session:
        study = session.get(StudyRow, study_id)
        result = None if study is None else base_result(session, study_id)
    if study is None or result is None:
        raise HTTPException(404, f"there is no screened study {study_id}")
    return study, result


def folder_of(request: Request) -> Path:
    """The node's folder."""
    folder: Path = request.app.state.settings.folder
    return folder


def viewed(request: Request, result: ResultRow) -> View:
    """The prepared images of a result; 409 with the reason if they cannot be made."""
    try:
        return view_of(folder_of(request), result)
    except DeepveinError as error:
        raise HTTPException(409, str(error)) from error


@router.get("")
def study(study_id: StudyId, caller: Reader, request: Request) -> StudyDetail:
    """What is known of a study; that it was seen goes into the audit log."""
    database: Database = request.app.state.database
    with database.reading() as session:
        row = session.get(StudyRow, study_id)
        if row is None:
            raise HTTPException(404, f"there is no study {study_id}")
        result = base_result(session, study_id)
        review = None if result is None else current_review(session, result.id)
    with database.writing() as session:
        caller.did(session, "view", row.uid)
    found = None if result is None else _found(folder_of(request) / result.folder / FINDINGS)
    view = None if result is None or found is None else viewed(request, result).plain
    return StudyDetail(
        id=row.id,
        study_uid=row.uid,
        patient_name=row.patient_name,
        patient_id=row.patient_id,
        sex=row.sex,
        age=age_of(row.birth_date, row.study_date),
        study_date=row.study_date,
        description=row.description,
        state=row.state.value,
        reason=row.reason,
        result=found,
        view=view,
        review=review_state(review),
    )


def _found(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    wanted = (
        "verdict", "verdict_text", "probability", "operating_point", "findings", "remarks", "profile",
        "models", "notice", "synthetic",
    )  # fmt: skip
    told = {name: document.get(name) for name in wanted}
    told["modality"] = document.get("study", {}).get("modality")
    return told


class _LargeFile(FileResponse):
    """Each chunk goes through a thread and the event loop: of 24 MB there are few."""

    chunk_size = 2**22


@router.get("/image.nii", response_class=Response, responses={200: {"content": {NIFTI: {}}}})
def image(
    study_id: StudyId,
    caller: Reader,
    request: Request,
    first: Slice | None = None,
    last: Slice | None = None,
    preview: bool = False,
) -> Response:
    """The review volume, or slices `first` to before `last` of the full image (from foot to head) as NIfTI.

    preview: a smaller one instead of the review volume, if there is one.
    """
    del caller
    view = viewed(request, screened(request, study_id)[1])
    if first is None or last is None:
        return _LargeFile(view.reduced_file(preview), media_type=NIFTI)
    return Response(_slab(view, first, last), media_type=NIFTI)


def _slab(view: View, first: int, last: int) -> bytes:
    try:
        return view.slab(first, last)
    except UsageError as error:
        raise HTTPException(404, str(error)) from error


@router.get(
    "/marks/{kind}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def marks(
    study_id: StudyId,
    kind: Literal["veins", "thrombi", "review"],
    caller: Reader,
    request: Request,
    first: Slice | None = None,
    last: Slice | None = None,
    preview: bool = False,
) -> Response:
    """One byte a voxel of the same grid as the image: 1 for veins, the finding's number for thrombi, as found
    or (review) as corrected."""
    del caller
    _, result = screened(request, study_id)
    view = viewed(request, result)
    review = None
    if kind == "review":
        database: Database = request.app.state.database
        with database.reading() as session:
            review = current_review(session, result.id)
    drawn = review is not None and bool(review.labels)
    found = "thrombi" if kind == "review" else kind
    if first is not None and last is not None:
        labels = review_marks(folder_of(request), view, review) if drawn else view.marks(found)
        content = packed(_slices(labels, view, first, last))
    elif drawn:
        steps = (view.preview_steps if preview else None) or view.steps
        content = packed(review_marks(folder_of(request), view, review).reduced(steps))
    else:
        content = view.reduced_marks(found, preview)
    headers = {"content-encoding": "gzip"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _slices(labels: Marks, view: View, first: int, last: int) -> NDArray[np.uint8]:
    try:
        return labels.slab(*view.check_slab(first, last))
    except UsageError as error:
        raise HTTPException(404, str(error)) from error


@router.get(
    "/overview.png",
    response_class=FileResponse,
    responses={200: {"content": {"image/png": {}}}},
)
def overview(study_id: StudyId, caller: Reader, request: Request) -> FileResponse:
    """The legs from the front."""
    del caller
    view = viewed(request, screened(request, study_id)[1])
    return FileResponse(view.folder / "overview.png", media_type="image/png")


@router.get(
    "/findings/{number}/straight",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def straight(
    study_id: StudyId,
    number: Annotated[int, PathParameter(ge=1, le=255)],
    caller: Reader,
    request: Request,
) -> FileResponse:
    """The vein of a finding pulled straight, as `view.straight` of the study describes it: (plane, row, column)
    values of 16 bits, then a label of 8 bits for each."""
    del caller
    view = viewed(request, screened(request, study_id)[1])
    path = view.straight_file(number)
    if path is None:
        raise HTTPException(404, f"the vein of finding {number} is not known")
    return FileResponse(path, media_type="application/octet-stream")
