"""Which files are a case's by nnU-Net's `dataset.json`, where its `dataset` names them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_TABLE = "dataset.json"
_LARGEST = 2**26


@dataclass(frozen=True)
class ToldFile:
    """case: its name. key: tells it from all others. kind: "image" or "mask". channel: of an image, from 0.
    table: the file that says so."""

    case: str
    key: tuple[str, ...]
    kind: str
    channel: int
    table: Path


def told_files(root: Path) -> dict[Path, ToldFile]:
    """The files that tables below `root` name, by their absolute paths; {} where none names any.

    Paths in a table are absolute or relative to its folder, and may hold variables of the environment, as
    nnU-Net v2 reads them (`get_filenames_of_train_images_and_targets`). What is no such table names none.
    """
    tables = []
    for table in sorted(root.rglob(_TABLE)):
        try:
            told = dict(_files(json.loads(table.read_bytes()[:_LARGEST])["dataset"], table))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        tables.append(told)
    # nnU-Net copies the table beside what it makes, where relative paths lead nowhere.
    there = [told for told in tables if any(path.exists() for path in told)]
    found = {path: one for told in there or tables for path, one in told.items()}
    if len({one.table for one in found.values()}) < 2:
        return found
    return {
        path: replace(one, key=(one.table.parent.name, one.case)) for path, one in found.items()
    }


def _files(cases: dict[str, Any], table: Path) -> Iterator[tuple[Path, ToldFile]]:
    for case, files in cases.items():
        for channel, image in enumerate(files["images"]):
            yield _path(image, table), ToldFile(case, (case,), "image", channel, table)
        if files.get("label"):
            yield _path(files["label"], table), ToldFile(case, (case,), "mask", 0, table)


def _path(named: str, table: Path) -> Path:
    return Path(os.path.abspath(table.parent / os.path.expandvars(named)))
