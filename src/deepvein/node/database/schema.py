"""All tables in one place, so that whoever needs the whole schema imports this."""

from __future__ import annotations

from deepvein.node.database.columns import Base
from deepvein.node.database.folder import FolderRow
from deepvein.node.database.people import AuditRow, FailedLoginRow, SessionRow, TokenRow, UserRow
from deepvein.node.database.reviews import ReviewRow
from deepvein.node.database.studies import (
    InstanceRow,
    QuarantinedRow,
    SendingRow,
    SeriesRow,
    StudyRow,
)
from deepvein.node.database.work import AcceptedRow, DeliveryRow, JobRow, ObjectRow, ResultRow

__all__ = [
    "AcceptedRow",
    "AuditRow",
    "Base",
    "DeliveryRow",
    "FailedLoginRow",
    "FolderRow",
    "InstanceRow",
    "JobRow",
    "ObjectRow",
    "QuarantinedRow",
    "ResultRow",
    "ReviewRow",
    "SendingRow",
    "SeriesRow",
    "SessionRow",
    "StudyRow",
    "TokenRow",
    "UserRow",
]
