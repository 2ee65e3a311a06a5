"""What Prometheus sees of a node: counted in the database when it asks, so that all parts tell the same."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from deepvein.node.database.columns import now
from deepvein.node.database.schema import (
    DeliveryRow,
    JobRow,
    QuarantinedRow,
    ResultRow,
    StudyRow,
)
from deepvein.node.entrance import IS_STUCK
from deepvein.node.expiry import expiries
from deepvein.node.states import DeliveryState, JobState, StudyState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings


def exposition(database: Database, settings: NodeSettings) -> tuple[str, bytes]:
    """Content type and text of the metrics in the format that Prometheus reads.

    settings: the node's, of whose folder's disk is told how much is free.
    """
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily

    class Collector:
        def collect(self) -> Iterator[Any]:
            with database.reading() as session:
                yield from _metrics(session)
            with contextlib.suppress(OSError):  # a folder that is gone has none
                yield GaugeMetricFamily(
                    "deepvein_disk_free_bytes",
                    "What is free on the disk of the node's folder.",
                    value=float(shutil.disk_usage(settings.folder).free),
                )
            days = GaugeMetricFamily(
                "deepvein_certificate_days_left",
                "Days until a certificate of the node ends.",
                labels=["used_by"],
            )
            for one in expiries(settings):
                days.add_metric([one.used_by], one.days_left)
            yield days

    registry = CollectorRegistry()
    registry.register(Collector())
    return CONTENT_TYPE_LATEST, generate_latest(registry)


def _metrics(session: Session) -> Iterator[Any]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    for name, text, column, states in (
        ("deepvein_studies", "Studies by state.", StudyRow.state, StudyState),
        ("deepvein_jobs", "Screenings by state.", JobRow.state, JobState),
        ("deepvein_deliveries", "Deliveries by state.", DeliveryRow.state, DeliveryState),
    ):
        counts = {
            row[0]: row[1] for row in session.execute(select(column, func.count()).group_by(column))
        }
        family = GaugeMetricFamily(name, text, labels=["state"])
        for state in states:
            family.add_metric([state.value], counts.get(state, 0))
        yield family
    verdicts = CounterMetricFamily("deepvein_results", "Results by verdict.", labels=["verdict"])
    for verdict, count in session.execute(
        select(ResultRow.verdict, func.count()).group_by(ResultRow.verdict)
    ):
        verdicts.add_metric([verdict], count)
    yield verdicts
    instances, size = session.execute(
        select(
            func.coalesce(func.sum(StudyRow.instance_count), 0),
            func.coalesce(func.sum(StudyRow.bytes), 0),
        )
    ).one()
    for name, text, value in (
        ("deepvein_instances", "Instances stored.", instances),
        ("deepvein_instance_bytes", "Bytes of the instances stored.", size),
        ("deepvein_quarantined", "Instances that cannot be used.", _count(session, ~IS_STUCK)),
    ):
        yield CounterMetricFamily(name, text, value=float(value))
    seconds, results = session.execute(
        select(func.coalesce(func.sum(ResultRow.seconds), 0.0), func.count(ResultRow.id))
    ).one()
    yield CounterMetricFamily(
        "deepvein_screening_seconds", "Time spent on screening.", value=float(seconds)
    )
    yield CounterMetricFamily("deepvein_screenings", "Studies screened.", value=float(results))
    yield GaugeMetricFamily(
        "deepvein_stuck_files",
        "Files that cannot be taken in for trouble with the disk, and are tried again.",
        value=float(_count(session, IS_STUCK)),
    )
    oldest = session.scalar(
        select(func.min(JobRow.created)).where(JobRow.state == JobState.WAITING)
    )
    age = 0.0 if oldest is None else max(0.0, (now() - oldest).total_seconds())
    yield GaugeMetricFamily(
        "deepvein_oldest_waiting_seconds", "Age of the oldest waiting screening.", value=age
    )


def _count(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(QuarantinedRow.id)).where(which)) or 0
