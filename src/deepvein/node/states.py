"""The words that the database keeps: how far studies, jobs and deliveries are, and who a user is."""

from __future__ import annotations

from enum import StrEnum


class StudyState(StrEnum):
    """How far a study is.

    RECEIVING: images may still come. LEFT_OUT: complete, and no rule says that it is screened.
    """

    RECEIVING = "receiving"
    QUEUED = "queued"
    SCREENED = "screened"
    FAILED = "failed"
    LEFT_OUT = "left_out"


class JobState(StrEnum):
    """How far a job is.

    DEAD: given up, its reason tells why. SUPERSEDED: a later image opened the study again.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    SUPERSEDED = "superseded"


class Priority(StrEnum):
    """What is screened first, in this order; OFF_PEAK waits for the quiet hours."""

    STAT = "stat"
    ROUTINE = "routine"
    OFF_PEAK = "off-peak"

    @property
    def rank(self) -> int:
        """0 for what comes first."""
        return list(Priority).index(self)


class ReviewState(StrEnum):
    """How far a reader's review of a result is."""

    DRAFT = "draft"
    SIGNED = "signed"


class DeliveryState(StrEnum):
    """How far a result is on its way to one destination.

    COMMITTING: all objects were accepted, and the peer is asked to commit itself to keep them. FAILED: given
    up. SUPERSEDED: a newer result took its place before it was delivered.
    """

    WAITING = "waiting"
    SENDING = "sending"
    COMMITTING = "committing"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Role(StrEnum):
    """What a user may do: administrators all, readers see studies and results and decide on findings."""

    READER = "reader"
    ADMINISTRATOR = "administrator"
