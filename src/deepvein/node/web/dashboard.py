"""The dashboard's figures; nothing of single patients."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from deepvein.node.dashboard import dashboard
from deepvein.node.web.answers import refusals
from deepvein.node.web.caller import Reader

if TYPE_CHECKING:
    from deepvein.node.database.database import Database

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"], responses=refusals(401))


class _Told(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ShareTold(_Told):
    """A share with Wilson's 95 % interval."""

    hits: int
    count: int
    value: float | None
    low: float | None
    high: float | None


class WeekTold(_Told):
    """One week, from Monday `begin`."""

    begin: date
    received: int
    screened: int
    positive: ShareTold
    studies_agreed: ShareTold
    findings_accepted: ShareTold


class DriftTold(_Told):
    """Of one value: the recent studies against the first ones of the same models; p corrected by Holm."""

    models: str
    name: str
    recent: int
    reference: int
    recent_median: float | None
    reference_median: float | None
    statistic: float | None
    p: float | None
    alarm: bool


class DashboardTold(_Told):
    """All figures."""

    weeks: list[WeekTold]
    minutes_median: float | None
    minutes_p90: float | None
    drift: list[DriftTold]


@router.get("")
def figures(caller: Reader, request: Request) -> DashboardTold:
    """What the node did in the last twelve weeks."""
    del caller
    database: Database = request.app.state.database
    with database.reading() as session:
        return DashboardTold.model_validate(dashboard(session))
