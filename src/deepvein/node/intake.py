"""From files that are on disk to studies in the database: idempotent, so that any crash is made good.

A file is forced to the disk in the receiver's folder first; then its sender is told yes; then it is entered
here, and last it is moved to its place. Whatever is found in the receiver's folder at its start goes the
same way again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from deepvein.core.files import storage_error
from deepvein.core.provenance import sha256
from deepvein.node.database.columns import now
from deepvein.node.database.database import AWAY
from deepvein.node.database.schema import (
    InstanceRow,
    JobRow,
    ObjectRow,
    SendingRow,
    SeriesRow,
    StudyRow,
)
from deepvein.node.instance import Instance, UnusableInstanceError, read_instance
from deepvein.node.ledger import Ledger
from deepvein.node.placing import Placing, placed
from deepvein.node.quarantine import quarantine
from deepvein.node.states import JobState, StudyState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)

_LACKING = (StudyState.QUEUED, StudyState.FAILED)
"""States of a study that wants for an image which was removed; of others images may be, when they were read."""

_ATTEMPTS = 5
"""Two receivers may enter the same new study at the same moment; one of them begins again."""


@dataclass(frozen=True)
class Arrived:
    """A file in the receiver's folder.

    association: what it came by, and is open still; empty for what came otherwise. sha256: of its bytes,
    empty if nobody has computed it yet. named: its name begins with the SHA-256 that its bytes have if all of
    them are there, and nobody has compared them; if they are not, no sender was told yes. uid: SOP Instance UID
    as its sender told it, empty if none did.
    """

    path: Path
    calling_ae: str = ""
    association: str = ""
    sha256: str = ""
    named: bool = False
    uid: str = ""


@dataclass(frozen=True)
class Stuck:
    """A file that could not be read, or moved to its place, and why; it lies where it lay."""

    arrived: Arrived
    reason: str


@dataclass(frozen=True)
class _Looked:
    """An arrived file after a look at it: `instance` if it can be used, else the reason why not."""

    arrived: Arrived
    sha256: str
    bytes: int
    instance: Instance | None
    reason: str = ""


@dataclass(frozen=True)
class _Place:
    """Where a file belongs, None if it is not needed; and whether it brought an instance that was not here."""

    path: Path | None
    new: bool = False


def enter(database: Database, store: Store, receiver: str, files: Sequence[Arrived]) -> list[Stuck]:
    """Enter files into the database and move them to their places; those that could not be.

    An instance that is there already changes nothing. One that cannot be used is put into quarantine with
    the reason. A new image of a study that was complete opens it again. What is stuck counts as not here:
    call again with it later. Raises OutputError where the disk is full, and what `database.AWAY` names; then
    it can be called again with all.
    """
    looked, stuck, gone = list[_Looked](), list[Stuck](), list[Arrived]()
    for one in files:
        try:
            found = _look(one)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and one.path.parent.is_dir():
                gone.append(one)
                continue
            stuck.append(Stuck(one, f"its file cannot be read ({error.strerror or error})"))
        else:
            if found is not None:
                looked.append(found)
    stuck += _removed(database, store, gone)
    try:
        places = _all_entered(database, store, receiver, looked)
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001  (one file must not keep the others out)
        if len(looked) > 1:
            for alone in looked:
                stuck.extend(enter(database, store, receiver, [alone.arrived]))
            return stuck
        _LOG.error("an instance could not be entered", extra={"error": type(error).__name__})
        looked = [
            replace(looked[0], instance=None, reason=f"internal error, {type(error).__name__}")
        ]
        places = _all_entered(database, store, receiver, looked)
    return stuck + _placed(database, store, looked, places)


def ended(database: Database, receiver: str, association: str | None = None) -> None:
    """An association of a receiver has ended, or all of them (None): their studies may be complete."""
    query = delete(SendingRow).where(SendingRow.receiver == receiver)
    if association is not None:
        query = query.where(SendingRow.association == association)
    with database.writing() as session:
        session.execute(query)


def _look(arrived: Arrived) -> _Looked | None:
    """Look at a file; None if there is nothing to enter. OSError where it cannot be read."""
    size, digest = arrived.path.stat().st_size, arrived.sha256 or sha256(arrived.path)
    if arrived.named and not arrived.path.name.startswith(digest):
        arrived.path.unlink()
        _LOG.warning("a part of an image went, whose sender was not told that it is here")
        return None
    try:
        return _Looked(arrived, digest, size, read_instance(arrived.path))
    except UnusableInstanceError as error:
        return _Looked(arrived, digest, size, None, str(error))


def _removed(database: Database, store: Store, gone: Sequence[Arrived]) -> list[Stuck]:
    """Of files that are gone those that did not go their way before, although their senders were told yes."""
    told = [one for one in gone if one.sha256 and not store.quarantined(one.sha256).exists()]
    if not told:
        return []
    sums, uids = [one.sha256 for one in told], [one.uid for one in told]
    with database.reading() as session:
        entered = set(
            session.scalars(select(InstanceRow.sha256).where(InstanceRow.sha256.in_(sums)))
        )
        own = set(session.scalars(select(ObjectRow.uid).where(ObjectRow.uid.in_(uids))))
    reason = "it was removed before it could be taken in: send its study again"
    return [Stuck(one, reason) for one in told if one.sha256 not in entered and one.uid not in own]


def _all_entered(
    database: Database, store: Store, receiver: str, looked: Sequence[_Looked]
) -> list[_Place]:
    """Enter files in one transaction; their places."""
    for attempt in range(_ATTEMPTS if looked else 0):
        try:
            with database.writing() as session, session.no_autoflush:
                found = [one.instance for one in looked if one.instance is not None]
                ledger = Ledger(session, found)
                places = [_entered(ledger, store, receiver, one) for one in looked]
                ledger.write()
                return places
        except IntegrityError:
            if attempt == _ATTEMPTS - 1:
                raise
    return []


def _placed(
    database: Database, store: Store, looked: Sequence[_Looked], places: Sequence[_Place]
) -> list[Stuck]:
    """Move files to their places; those that could not be moved, which are taken out of the database again."""
    pairs = list(zip(looked, places, strict=True))
    troubles = placed(
        database,
        store,
        [Placing(one.arrived.path, to.path, one.sha256, one.bytes) for one, to in pairs],
    )
    stuck, new = list[Stuck](), list[Instance]()
    for one, to in pairs:
        error = troubles.get(one.arrived.path)
        if error is not None:
            reason = f"it cannot be moved to its place ({error.strerror or error})"
            stuck.append(Stuck(one.arrived, reason))
            if to.new and one.instance is not None:
                new.append(one.instance)
    if new:
        with database.writing() as session:
            Ledger(session, new).withdraw(new)
    for error in troubles.values():
        full = storage_error(error)
        if full is not None:
            raise full from error
    return stuck


def _entered(ledger: Ledger, store: Store, receiver: str, looked: _Looked) -> _Place:
    """Enter one file."""
    instance = looked.instance
    if instance is None:
        return _quarantined(ledger.session, store, looked, looked.reason)
    if instance.uid in ledger.own:
        return _Place(None)  # a result of ours that an archive has sent back
    study = ledger.studies.get(instance.study_uid)
    if study is None:
        study = _new_study(instance, looked.arrived.calling_ae)
        ledger.add_study(study)
    elif study.patient_id != instance.patient_id:
        reason = "its study is already here under another Patient ID"
        return _quarantined(ledger.session, store, looked, reason)
    there = ledger.instances.get((study.id, instance.uid))
    if there is not None:
        if there.sha256 == looked.sha256:
            place = store.absolute(there.path)
            if study.state in _LACKING and not place.exists():  # somebody has removed it
                _came(ledger, study, instance)
                _note(ledger, receiver, looked, study)
            return _Place(place)
        reason = "an instance with its SOP Instance UID and other content is already here"
        return _quarantined(ledger.session, store, looked, reason)
    place = store.instance(instance.study_uid, instance.series_uid, instance.uid)
    _add(ledger, study, looked, instance, store.relative(place))
    _note(ledger, receiver, looked, study)
    return _Place(place, new=True)


def _note(ledger: Ledger, receiver: str, looked: _Looked, study: StudyRow) -> None:
    if looked.arrived.association:
        ledger.note_sending(receiver, looked.arrived.association, study)


def _new_study(instance: Instance, calling_ae: str) -> StudyRow:
    return StudyRow(
        uid=instance.study_uid,
        state=StudyState.RECEIVING,
        revision=1,
        arrivals=0,
        instance_count=0,
        bytes=0,
        calling_ae=calling_ae[:64],
        patient_id=instance.patient_id,
        patient_name=instance.patient_name,
        birth_date=instance.birth_date,
        sex=instance.sex,
        accession_number=instance.accession_number,
        study_date=instance.study_date,
        study_time=instance.study_time,
        description=instance.study_description,
    )


def _add(ledger: Ledger, study: StudyRow, looked: _Looked, instance: Instance, path: str) -> None:
    series = ledger.series.get((study.id, instance.series_uid))
    if series is None:
        series = SeriesRow(
            study_id=study.id,
            uid=instance.series_uid,
            modality=instance.modality,
            body_part=instance.body_part,
            description=instance.series_description,
            number=instance.series_number,
            instance_count=0,
        )
        ledger.add_series(series)
    ledger.add_instance(
        InstanceRow(
            study_id=study.id,
            series_id=series.id,
            uid=instance.uid,
            sop_class=instance.sop_class,
            transfer_syntax=instance.transfer_syntax,
            path=path,
            bytes=looked.bytes,
            sha256=looked.sha256,
        )
    )
    series.instance_count += 1
    study.instance_count += 1
    study.bytes += looked.bytes
    _came(ledger, study, instance)


def _came(ledger: Ledger, study: StudyRow, instance: Instance) -> None:
    study.arrivals += 1
    study.changed = now()
    if study.state is not StudyState.RECEIVING and instance.is_screened:
        _reopen(ledger.session, study)


def _reopen(session: Session, study: StudyRow) -> None:
    """The study is incomplete again; a screening that has not begun would look at too little."""
    for job in session.scalars(
        select(JobRow).where(
            JobRow.study_id == study.id,
            JobRow.revision == study.revision,
            JobRow.state == JobState.WAITING,
        )
    ):
        job.state, job.reason = JobState.SUPERSEDED, "another image came before it began"
    study.state, study.reason = StudyState.RECEIVING, ""
    study.revision += 1


def _quarantined(session: Session, store: Store, looked: _Looked, reason: str) -> _Place:
    found = looked.instance
    return _Place(
        quarantine(
            session,
            store,
            looked.sha256,
            reason,
            study_uid="" if found is None else found.study_uid,
            uid="" if found is None else found.uid,
            calling_ae=looked.arrived.calling_ae,
        )
    )
