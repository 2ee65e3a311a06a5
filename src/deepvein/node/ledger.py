"""The rows that a batch of files touches: read at once, so that many files cost few questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from deepvein.node.database.schema import (
    InstanceRow,
    ObjectRow,
    SendingRow,
    SeriesRow,
    StudyRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from deepvein.node.instance import Instance


class Ledger:
    """What the database holds of these instances, and what is added to it in this transaction.

    Studies that are there are locked until its end, so that another receiver's counts are not overwritten.

    own: SOP Instance UIDs of results of ours. studies: rows by UID; series, instances: by number of the study
    and UID.
    """

    def __init__(self, session: Session, found: Collection[Instance]) -> None:
        self.session = session
        self._new: list[InstanceRow] = []
        uids = {one.uid for one in found}
        self.own = set(session.scalars(select(ObjectRow.uid).where(ObjectRow.uid.in_(uids))))
        self.studies = {
            row.uid: row
            for row in session.scalars(
                select(StudyRow)
                .where(StudyRow.uid.in_({one.study_uid for one in found}))
                .order_by(StudyRow.id)  # all lock in one order
                .with_for_update()
            )
        }
        numbers = [row.id for row in self.studies.values()]
        self.series = {
            (row.study_id, row.uid): row
            for row in session.scalars(
                select(SeriesRow).where(
                    SeriesRow.study_id.in_(numbers),
                    SeriesRow.uid.in_({one.series_uid for one in found}),
                )
            )
        }
        self.instances = {
            (row.study_id, row.uid): row
            for row in session.scalars(
                select(InstanceRow).where(
                    InstanceRow.study_id.in_(numbers), InstanceRow.uid.in_(uids)
                )
            )
        }
        self._sending = {
            tuple(row)
            for row in session.execute(
                select(SendingRow.receiver, SendingRow.association, SendingRow.study_id).where(
                    SendingRow.study_id.in_(numbers)
                )
            )
        }

    def add_study(self, row: StudyRow) -> None:
        """Enter a study; it has a number then."""
        self.session.add(row)
        self.session.flush()
        self.studies[row.uid] = row

    def add_series(self, row: SeriesRow) -> None:
        """Enter a series; it has a number then."""
        self.session.add(row)
        self.session.flush()
        self.series[row.study_id, row.uid] = row

    def add_instance(self, row: InstanceRow) -> None:
        """Enter an instance, when `write` is called."""
        self._new.append(row)
        self.instances[row.study_id, row.uid] = row

    def note_sending(self, receiver: str, association: str, study: StudyRow) -> None:
        """Note that an association brings images of a study."""
        key = (receiver, association, study.id)
        if key not in self._sending:
            self._sending.add(key)
            self.session.add(
                SendingRow(receiver=receiver, association=association, study_id=study.id)
            )

    def write(self) -> None:
        """Enter all new instances in one statement."""
        self.session.bulk_save_objects(self._new)
        self._new.clear()

    def withdraw(self, found: Collection[Instance]) -> None:
        """Take instances out again, as if they had never come: their files did not reach their places."""
        for one in found:
            study = self.studies.get(one.study_uid)
            row = None if study is None else self.instances.pop((study.id, one.uid), None)
            if study is None or row is None:
                continue
            series = self.series[study.id, one.series_uid]
            series.instance_count -= 1
            study.instance_count -= 1
            study.bytes -= row.bytes
            self.session.delete(row)
