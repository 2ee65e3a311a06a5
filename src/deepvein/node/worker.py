"""The worker: takes a job, screens its study, keeps the result, and lets the deliveries begin."""

from __future__ import annotations

import logging
import math
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from deepvein.core import settings as stored
from deepvein.core.errors import (
    DeepveinError,
    GeometryError,
    InputError,
    MaskError,
    NothingToScreenError,
    OutputError,
    StudyError,
)
from deepvein.core.files import storage_error, whole_folder
from deepvein.node.audit import Deed, record
from deepvein.node.database.columns import now
from deepvein.node.database.database import AWAY, in_words
from deepvein.node.database.schema import (
    DeliveryRow,
    InstanceRow,
    ObjectRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.outcome import OUTCOME, Outcome, Screen
from deepvein.node.queue import Job, QueueSettings, beat, fail, held, own, take
from deepvein.node.states import DeliveryState, JobState, StudyState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

_LOG = logging.getLogger(__name__)


class ImagesGoneError(InputError):
    """Images of a study that were taken in are not in the node's folder any more."""


_OF_THE_STUDY = (StudyError, GeometryError, MaskError, NothingToScreenError)


@dataclass(frozen=True)
class WorkerSettings:
    """How many studies are screened at a time on this machine, each in a process of its own, and where the
    networks run ("auto", "cpu", "cuda", "cuda:1"). limit_s: after which a screening is taken for one that
    will never end: its process is ended, and it counts as failed."""

    processes: int = 1
    device: str = "auto"
    limit_s: float = 7200.0


@dataclass(frozen=True)
class Worker:
    """One worker; `name` is its own among all workers of the node.

    destinations: the names of those that get every result. limit_s: as in the settings. end: ends the
    process, when what it screens is for nothing (it takes too long, or was taken from it), and after a failure
    that no study is to blame for: a fresh process tries first whether it can screen at all. without: tells the
    modalities that it cannot screen. away: whether the node's folder is not there: studies wait then. lives: is
    called as long as it lives.
    """

    name: str
    database: Database
    store: Store
    screen: Screen
    queue: QueueSettings
    destinations: Sequence[str] = ()
    device: str = "auto"
    limit_s: float = math.inf
    end: Callable[[], None] = lambda: None
    without: Callable[[], Collection[str]] = tuple
    away: Callable[[], bool] = lambda: False
    lives: Callable[[], None] = lambda: None
    _unsure: threading.Event = field(default_factory=threading.Event, init=False)
    """The database has gone away under a step, and may have done what it was asked all the same."""

    def step(self) -> bool:
        """Do the next job; False if there was none."""
        self.lives()
        try:
            return self._step()
        except AWAY:
            self._unsure.set()
            raise

    def _step(self) -> bool:
        if self.away():
            return False
        job = held(self.database, self.name) if self._unsure.is_set() else None
        self._unsure.clear()
        job = job or take(self.database, self.name, self.queue, self.without())
        if job is None:
            return False
        _LOG.info("screening begins", extra={"study": job.study_id, "attempt": job.attempt})
        try:
            with self._beating(job):
                outcome = self._result(job)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001  (one study must not end the worker)
            self._failed(job, error)
            return True
        self._keep(job, outcome)
        return True

    @contextmanager
    def _beating(self, job: Job) -> Iterator[None]:
        """Show that the worker lives, from a thread beside it, as long as the screening may take."""
        stop, begun = threading.Event(), time.monotonic()

        def work() -> None:
            while not stop.wait(self.queue.lease_s / 4):
                self.lives()
                try:
                    if time.monotonic() - begun > self.limit_s:
                        reason = f"the screening took longer than {self.limit_s:g} s and was ended"
                        fail(self.database, job, reason, self.queue, again=True)
                    elif beat(self.database, job):
                        continue
                except AWAY as error:  # nobody can take the job either
                    away = {"study": job.study_id, "reason": in_words(error)}
                    _LOG.warning("the database is away", extra=away)
                    continue
                _LOG.error("a screening was given up", extra={"study": job.study_id})
                self.end()
                return

        thread = threading.Thread(target=work, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _result(self, job: Job) -> Outcome:
        """Screen, or take what an earlier attempt has finished but could not enter."""
        folder = self.store.result(job.study_uid, job.revision)
        if (folder / OUTCOME).is_file():
            return stored.load(Outcome, folder / OUTCOME)
        self._require_images(job)
        with whole_folder(folder, private=True, replace=True) as made:
            outcome = self.screen(self.store.study(job.study_uid), made, self.device)
            stored.save(outcome, made / OUTCOME)
        return outcome

    def _require_images(self, job: Job) -> None:
        """Raise ImagesGoneError where some were removed: what is left may look like a whole study.

        One that came late may be on its way to its place.
        """
        with self.database.reading() as session:
            paths = session.scalars(
                select(InstanceRow.path).where(InstanceRow.study_id == job.study_id)
            ).all()
        gone = sum(not self.store.absolute(path).is_file() for path in paths)
        if gone:
            raise ImagesGoneError(
                f"{gone} of the study's {len(paths)} images are not in the node's folder any more: send the "
                "study again"
            )

    def _failed(self, job: Job, error: Exception) -> None:
        full = storage_error(error)
        if full is not None:
            reason = str(full)
        elif isinstance(error, MemoryError):
            reason = "the machine has too little memory for this study"
        elif isinstance(error, DeepveinError):
            reason = str(error)
        else:
            reason = f"internal error, {type(error).__name__}: {error}"
        # The same files will say the same again.
        of_the_study = full is None and isinstance(error, _OF_THE_STUDY)
        state = fail(self.database, job, reason, self.queue, again=not of_the_study)
        # The reason may name the patient; it stands in the database alone.
        kind = type(error).__name__
        _LOG.warning(
            "screening failed", extra={"study": job.study_id, "error": kind, "state": state}
        )
        blameless = full is None and not isinstance(error, (OutputError, ImagesGoneError))
        if blameless and not of_the_study:
            self.end()

    def _keep(self, job: Job, outcome: Outcome) -> None:
        folder = self.store.result(job.study_uid, job.revision)
        found = objects_in(folder)
        with self.database.writing() as session:
            row = own(session, job)
            if row is None:
                return  # it was taken from us; who has it now finds the folder
            row.finished, row.reason = now(), ""
            row.beat += 1
            study = session.get_one(StudyRow, job.study_id, with_for_update=True)
            counts = study.revision == job.revision
            row.state = JobState.DONE if counts else JobState.SUPERSEDED
            if counts:
                self._enter(session, job, outcome, found)
                study.state, study.reason = StudyState.SCREENED, outcome.reason
                study.urgency = outcome.urgency
                record(session, Deed("screen", study_uid=study.uid, detail=outcome.verdict))
        if not counts:
            shutil.rmtree(folder, ignore_errors=True)
        _LOG.info("screening ends", extra={"study": job.study_id, "state": row.state})

    def _enter(
        self, session: Session, job: Job, outcome: Outcome, found: Sequence[ObjectRow]
    ) -> None:
        """The result takes the place of earlier ones, and goes to all destinations."""
        earlier = select(ResultRow.id).where(ResultRow.study_id == job.study_id)
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.result_id.in_(earlier), DeliveryRow.state.in_(_ON_THE_WAY))
            .values(state=DeliveryState.SUPERSEDED)
        )
        session.execute(
            update(ResultRow).where(ResultRow.study_id == job.study_id).values(superseded=True)
        )
        result = ResultRow(
            study_id=job.study_id,
            job_id=job.id,
            revision=job.revision,
            verdict=outcome.verdict,
            probability=outcome.probability,
            findings=outcome.findings,
            places=outcome.places,
            extent_mm=outcome.extent_mm,
            models=list(outcome.models),
            image=outcome.image,
            folder=self.store.relative(self.store.result(job.study_uid, job.revision)),
            seconds=outcome.seconds,
            reason=outcome.reason,
        )
        result.objects.extend(found)
        session.add(result)
        session.flush()
        session.add_all(
            DeliveryRow(result_id=result.id, destination=name) for name in self.destinations
        )


_ON_THE_WAY = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.COMMITTING)


def objects_in(folder: Path) -> list[ObjectRow]:
    """The DICOM objects of a result, not entered yet."""
    import pydicom

    found = []
    for path in sorted(folder.glob("*.dcm")):
        header = pydicom.dcmread(path, specific_tags=["SOPClassUID", "SOPInstanceUID"])
        found.append(
            ObjectRow(
                uid=str(header.SOPInstanceUID), sop_class=str(header.SOPClassUID), name=path.name
            )
        )
    return found
