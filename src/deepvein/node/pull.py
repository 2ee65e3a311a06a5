"""Studies are fetched from archives that do not send by themselves: asked for, counted, asked for again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select

from deepvein.node.database.schema import InstanceRow, ObjectRow, QuarantinedRow

if TYPE_CHECKING:
    from deepvein.node.database.database import Database

_LOG = logging.getLogger(__name__)

Found = tuple[str, str]
"""Series and SOP Instance UID of an instance."""


class SourceError(Exception):
    """An archive could not be asked; it is asked again later."""


class Source(Protocol):
    """An archive that is asked. All raise SourceError if it is away or says no."""

    @property
    def name(self) -> str: ...

    @property
    def days(self) -> int: ...

    @property
    def every_s(self) -> float: ...

    def studies(self, dates: str) -> list[str]:
        """UIDs of the studies of these dates (YYYYMMDD-YYYYMMDD) that are of its modalities."""
        ...

    def instances(self, study_uid: str) -> list[Found]:
        """All instances of a study that are of its modalities."""
        ...

    def fetch(self, study_uid: str, instances: list[Found]) -> None:
        """Have these instances come in; some may not."""
        ...


class Puller:
    """Asks one archive from time to time and fetches what is not here.

    What an archive counts is compared with what has arrived, never with what it says about its sending: some
    end a transfer at the first instance that is refused. What is missing is asked for at the next time.
    """

    def __init__(
        self, source: Source, database: Database, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.source, self.database, self.clock = source, database, clock
        self._next = clock()
        self._left: list[str] = []
        self._failed = 0

    def step(self) -> bool:
        """Go on with the next study, of those that the archive names when it is time to ask it; False if there
        was nothing to fetch."""
        if not self._left:
            if self.clock() < self._next:
                return False
            self._next = self.clock() + self.source.every_s
            self._left = self._studies()
            self._failed = 0
        fetched = bool(self._left) and self._fetched(self._left.pop(0))
        if self._failed and not self._left:
            _LOG.warning(
                "studies could not be fetched",
                extra={"source": self.source.name, "failed": self._failed},
            )
        return fetched or bool(self._left)

    def _studies(self) -> list[str]:
        today = date.today()
        first = today - timedelta(days=self.source.days)
        # Where the archive stands it may be tomorrow.
        last = today + timedelta(days=1)
        try:
            return self.source.studies(f"{first:%Y%m%d}-{last:%Y%m%d}")
        except SourceError as error:
            told = {"source": self.source.name, "reason": str(error)}
            _LOG.warning("an archive could not be asked", extra=told)
            return []

    def _fetched(self, study: str) -> bool:
        try:
            missing = self._missing(self.source.instances(study))
            if missing:
                self.source.fetch(study, missing)
        except SourceError:  # one that it cannot give must not keep the others from us
            self._failed += 1
            return False
        return bool(missing)

    def _missing(self, instances: list[Found]) -> list[Found]:
        uids = [uid for _, uid in instances]
        with self.database.reading() as session:
            here: set[str] = set()
            for column in (InstanceRow.uid, QuarantinedRow.uid, ObjectRow.uid):
                here.update(session.scalars(select(column).where(column.in_(uids))))
        return [one for one in instances if one[1] not in here]
