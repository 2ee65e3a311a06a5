"""Studies and their results, without identifiers, as DICOM files for research."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from deepvein.core.files import whole_folder
from deepvein.node.audit import Deed, record
from deepvein.node.database.schema import InstanceRow, ObjectRow, ResultRow, StudyRow
from deepvein.node.deidentifier import Deidentifier
from deepvein.node.instance import SCREENED_CLASSES
from deepvein.node.worklist import study_named

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_RESULTS = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.66.4",  # segmentation
        "1.2.840.10008.5.1.4.1.1.88.34",  # Comprehensive 3D SR
        "1.2.840.10008.5.1.4.1.1.88.59",  # key object selection
        "1.2.840.10008.5.1.4.1.1.11.1",  # grayscale softcopy presentation state
    }
)
"""Kinds of our own objects that can be cleaned; a printed page cannot."""


@dataclass(frozen=True)
class LeftOut:
    """A file of a study that was not exported, and why."""

    study: int
    file: str
    reason: str


@dataclass(frozen=True)
class Exported:
    """How many files were written, and what was left out."""

    files: int
    left_out: tuple[LeftOut, ...]


def export(
    database: Database, store: Store, studies: Sequence[str], out: Path, key: bytes
) -> Exported:
    """Write studies, named by number or Study Instance UID, and their results that count into a new folder.

    Only objects that can be cleaned are written: CT and MR images that do not say that something is burned
    into them, and our segmentations, reports, key objects and presentation states. The rest is told. The
    same key gives the same patient the same pseudonym. UsageError for a study that is not there.
    """
    import pydicom

    deidentifier = Deidentifier(key)
    left_out: list[LeftOut] = []
    written = 0
    with database.reading() as session:
        rows = [study_named(session, name) for name in dict.fromkeys(studies)]
        files = [(row, *one) for row in rows for one in _files(session, store, row)]
    with whole_folder(out, private=True) as folder:
        for study, path, allowed in files:
            dataset = pydicom.dcmread(path)
            reason = _obstacle(dataset, allowed)
            if reason:
                left_out.append(LeftOut(study.id, path.name, reason))
                continue
            place = folder / deidentifier.pseudonym(str(dataset.get("PatientID", "")))
            deidentifier.clean(dataset)
            place = place / dataset.StudyInstanceUID / dataset.SeriesInstanceUID
            place.mkdir(parents=True, exist_ok=True)
            dataset.save_as(place / f"{dataset.SOPInstanceUID}.dcm", enforce_file_format=True)
            written += 1
    with database.writing() as session:
        for row in rows:
            record(session, Deed("export", study_uid=row.uid, detail="without identifiers"))
    return Exported(written, tuple(left_out))


def _files(
    session: Session, store: Store, study: StudyRow
) -> Iterator[tuple[Path, frozenset[str]]]:
    """The files of a study and of the results that count, and the kinds of objects that may be in them."""
    images = select(InstanceRow.path).where(InstanceRow.study_id == study.id)
    for path in session.scalars(images.order_by(InstanceRow.id)):
        yield store.absolute(path), SCREENED_CLASSES
    results = (
        select(ResultRow.folder, ObjectRow.name)
        .join(ObjectRow, ObjectRow.result_id == ResultRow.id)
        .where(ResultRow.study_id == study.id, ResultRow.superseded.is_(False))
        .order_by(ObjectRow.id)
    )
    for folder, name in session.execute(results):
        yield store.absolute(folder) / name, _RESULTS


def _obstacle(dataset: Any, allowed: frozenset[str]) -> str:
    if dataset.SOPClassUID not in allowed:
        return "nobody can say what else stands in such an object"
    if dataset.get("BurnedInAnnotation") == "YES":
        return "something is burned into its pixels"
    return ""
