from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime

import pytest

from deepvein.node.logs import log_as_json


def test_a_line_is_an_object_whose_time_is_told_apart_in_every_zone(capsys, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    begun = time.time()
    log_as_json()
    logging.getLogger("deepvein.node").warning("it is so", extra={"study": 7})
    monkeypatch.delenv("TZ")
    time.tzset()
    told = json.loads(capsys.readouterr().err)
    moment = told.pop("time")
    assert told == {
        "level": "WARNING", "part": "deepvein.node", "message": "it is so", "study": 7,
    }  # fmt: skip
    assert moment.endswith("Z")
    seconds = datetime.fromisoformat(moment).astimezone(UTC).timestamp()
    assert seconds == pytest.approx(begun, abs=60.0)
