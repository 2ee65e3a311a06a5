"""What was kept and cannot be used, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from deepvein.node.database.schema import QuarantinedRow

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from deepvein.node.store import Store


def quarantine(
    session: Session,
    store: Store,
    name: str,
    reason: str,
    *,
    study_uid: str = "",
    uid: str = "",
    calling_ae: str = "",
) -> Path:
    """List a file as one that cannot be used, once; where it is to be moved.

    name: the SHA-256 of its bytes, so that the same bytes are kept once.
    """
    place = store.quarantined(name)
    path = store.relative(place)
    if session.scalar(select(QuarantinedRow.id).where(QuarantinedRow.path == path)) is None:
        session.add(
            QuarantinedRow(
                path=path,
                reason=reason,
                study_uid=study_uid,
                uid=uid,
                calling_ae=calling_ae[:64],
            )
        )
        session.flush()
    return place
