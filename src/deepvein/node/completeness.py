"""When a study is complete: nobody is sending it, and nothing new came for a while."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from deepvein.node.database.schema import SendingRow, SeriesRow, StudyRow
from deepvein.node.queue import enqueue
from deepvein.node.rules import Rule, SeriesFacts, decide
from deepvein.node.standstill import Standstill
from deepvein.node.states import StudyState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database


_LOOK_S = 0.2
"""How often is looked for new images and for senders that have ended."""


@dataclass(frozen=True)
class CompletenessSettings:
    """quiet_s: how long nothing new came. patience_s: after so long it is complete although somebody seems
    to be sending still, for instance a receiver that was switched off for good."""

    quiet_s: float = 30.0
    patience_s: float = 900.0


class Completeness:
    """Watches the studies that are being received."""

    def __init__(
        self,
        database: Database,
        settings: CompletenessSettings,
        rules: Sequence[Rule],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database, self.settings, self.rules = database, settings, rules
        self._standstill = Standstill[int, int](clock)
        self._next_s = math.inf

    def pause_s(self) -> float:
        """How long there is nothing to decide, if nothing happens."""
        return min(_LOOK_S, self._next_s)

    def step(self) -> bool:
        """Look once; whether a study was complete."""
        with self.database.reading() as session:
            seen = session.execute(
                select(StudyRow.id, StudyRow.arrivals, func.count(SendingRow.id))
                .outerjoin(SendingRow, SendingRow.study_id == StudyRow.id)
                .where(StudyRow.state == StudyState.RECEIVING)
                .group_by(StudyRow.id, StudyRow.arrivals)
            ).all()
        still = self._standstill.seconds({number: arrivals for number, arrivals, _ in seen})
        left_s = {
            (number, arrivals): (self.settings.patience_s if senders else self.settings.quiet_s)
            - still[number]
            for number, arrivals, senders in seen
        }
        complete = [one for one, left in left_s.items() if left <= 0]
        self._next_s = min((left for left in left_s.values() if left > 0), default=math.inf)
        for number, arrivals in complete:
            self._decide(number, arrivals)
        return bool(complete)

    def _decide(self, number: int, arrivals: int) -> None:
        """Hand a complete study on, unless another image came or another process was faster."""
        with self.database.writing() as session:
            study = session.scalar(select(StudyRow).where(StudyRow.id == number).with_for_update())
            if study is None or study.state is not StudyState.RECEIVING:
                return
            if study.arrivals != arrivals:
                return
            decision = decide(_facts(session, study), study.calling_ae, self.rules)
            if decision.screen:
                study.state, study.reason = StudyState.QUEUED, ""
                enqueue(session, study, decision.priority)
            else:
                study.state, study.reason = StudyState.LEFT_OUT, decision.reason


def _facts(session: Session, study: StudyRow) -> list[SeriesFacts]:
    rows = session.scalars(select(SeriesRow).where(SeriesRow.study_id == study.id))
    return [
        SeriesFacts(one.modality, one.body_part, (one.description, study.description))
        for one in rows
    ]
