"""What the record beside a synthetic case says of its thrombi and no label map shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from deepvein.core.errors import CohortError
from deepvein.evaluation.thrombi import TrueThrombus

RECORD = "planted.json"


@dataclass(frozen=True)
class Planted:
    """number: that of the thrombus in the instance map. occlusive, acute: None where not known."""

    number: int
    occlusive: bool | None
    acute: bool | None


def read_planted(image: Path) -> tuple[Planted, ...]:
    """The record in the folder of a case's image, or in the image if that is a folder; () if there is none.

    Raises CohortError for a record that cannot be read.
    """
    places = (image / RECORD, image.parent / RECORD)
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        return ()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Planted(int(one["number"]), bool(one["occlusive"]), one["age"] == "acute")
            for one in record["thrombi"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CohortError(f"{path} is damaged ({error!r}); make the case again") from error


def with_planted(
    thrombi: Iterable[TrueThrombus], planted: Iterable[Planted]
) -> tuple[TrueThrombus, ...]:
    """The thrombi with what was planted under their numbers; unchanged where nothing was."""
    known = {one.number: one for one in planted}
    return tuple(
        replace(one, occlusive=known[one.number].occlusive, acute=known[one.number].acute)
        if one.number in known
        else one
        for one in thrombi
    )
