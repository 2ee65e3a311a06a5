"""All files of a report at once, or none; nothing of anybody else's is overwritten."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from deepvein.core.errors import UsageError
from deepvein.core.progress import Progress, silent
from deepvein.core.provenance import sha256
from deepvein.findings.screening import Screening
from deepvein.reports.writer import EMPTY_CONTEXT, WRITERS, ReportContext

MANIFEST = "manifest.json"


def write(
    screening: Screening,
    folder: Path | str,
    names: Iterable[str] | None = None,
    *,
    context: ReportContext = EMPTY_CONTEXT,
    overwrite: bool = False,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Write the named reports (all by default) into `folder`, which is made if it does not exist.

    The files are made in a hidden folder beside their destination and moved when all are whole, so
    that an interrupted run leaves the folder as it was. A file that an earlier run wrote and nobody
    changed since, as its manifest tells, is replaced, or removed if this run no longer writes it; any
    other file is left alone and raises UsageError unless `overwrite` is set.
    Returns the files in the order of writing. Raises UnknownNameError for an unknown name.
    """
    wanted = tuple(dict.fromkeys(WRITERS.names() if names is None else names))
    writers = [WRITERS.get(name) for name in wanted]
    # The manifest lists the files of the others.
    ordered = sorted(zip(wanted, writers, strict=True), key=lambda entry: entry[0] == "manifest")
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: give a folder for the reports")
    made = _make(folder)
    try:
        with tempfile.TemporaryDirectory(prefix=".deepvein-", dir=folder) as hidden:
            stage = Path(hidden)
            staged: list[Path] = []
            for done, (name, writer) in enumerate(ordered):
                progress(f"writing {name}", done, len(ordered))
                staged += writer(screening, stage, replace(context, outputs=tuple(staged)))
            written = _move(tuple(staged), stage, folder, overwrite)
            progress("writing", len(ordered), len(ordered))
    except BaseException:
        for empty in made:
            if not any(empty.iterdir()):
                empty.rmdir()
        raise
    return written


def _make(folder: Path) -> tuple[Path, ...]:
    """Make the folder with its parents; returns those that did not exist, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror or error}") from error
    return tuple(missing)


def _move(staged: tuple[Path, ...], stage: Path, folder: Path, overwrite: bool) -> tuple[Path, ...]:
    names = [path.relative_to(stage) for path in staged]
    ours = _earlier(folder)
    foreign = [
        str(name)
        for name in names
        if (folder / name).exists() and not overwrite and not _unchanged(folder, name, ours)
    ]
    if foreign:
        raise UsageError(
            f"{folder} holds {', '.join(foreign)}, which this run would overwrite: choose another "
            "folder, or allow overwriting"
        )
    stale = [Path(name) for name in ours if Path(name) not in names]
    replaces_manifest = Path(MANIFEST) in names
    for name in stale:
        if replaces_manifest and _unchanged(folder, name, ours):
            (folder / name).unlink()
    for path, name in zip(staged, names, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (folder / name).is_dir():
            shutil.rmtree(path, ignore_errors=True)
            raise UsageError(f"{folder / name} is a folder: choose another folder for the reports")
        os.replace(path, folder / name)
    return tuple(folder / name for name in names)


def _earlier(folder: Path) -> dict[str, str]:
    """Names and hashes of what an earlier run wrote, its manifest with an empty hash for it cannot
    hold its own; empty if there is no manifest or it is not ours."""
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not str(document["schema"]).startswith("deepvein/"):
            return {}
        outputs = {str(entry["name"]): str(entry["sha256"]) for entry in document["outputs"]}
        return {**outputs, MANIFEST: ""}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _unchanged(folder: Path, name: Path, ours: dict[str, str]) -> bool:
    known = ours.get(name.as_posix())
    path = folder / name
    return known is not None and path.is_file() and known in ("", sha256(path))
