"""Structured logs: one JSON object a line on stderr, without anything that tells who a patient is.

Studies are named by their number in the database. Libraries say what peers sent, which may name patients,
in their debugging messages; those are not let through.
"""

from __future__ import annotations

import logging
import time

_LOUD = (
    "pynetdicom",
    "pydicom",
    "highdicom",
    "uvicorn",
    "alembic",
    "sqlalchemy",
    "dicomweb_client",
)


def log_as_json(level: int = logging.INFO) -> None:
    """Let this process log that way; to be called once, by whoever started the process."""
    from pythonjsonlogger.json import JsonFormatter

    handler = logging.StreamHandler()
    formatter = JsonFormatter(
        "%(asctime)s %(levelname)s %(name)s %(message)s",
        rename_fields={"asctime": "time", "levelname": "level", "name": "part"},
    )
    # In UTC, and saying so: hours that summer time repeats stay apart.
    formatter.converter = time.gmtime
    formatter.default_time_format, formatter.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)
