"""Names and colours of labels as ITK-SNAP and 3D Slicer write them beside label maps."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from deepvein.anatomy.naming import names_thrombus

_SUFFIXES = (".txt", ".label", ".labels", ".ctbl", ".lut", ".csv")
_VOLUMES = (".nii", ".nii.gz", ".nrrd", ".nhdr")
_LARGEST = 2**18
"""Bytes of a table; a thousand names need a quarter of it."""
_LEVELS = 3
"""One table may serve the folders of all patients, and lie beside or above them."""
_ITK_SNAP = re.compile(r'(\d{1,9})(?:\s+\d+){3}\s+[\d.]+\s+\d+\s+\d+\s+"(.*)"')
"""IDX R G B A VIS MSH "LABEL"."""
_SLICER = re.compile(r"(\d{1,9})\s+(?![\d.]+\s)(\S+)(?:\s+[\d.]+){3,4}")
"""Index, name with _ for spaces, R G B A; FreeSurfer's tables are alike."""
_NAMELESS = {"(none)", ""}


def colour_tables(mask: Path) -> tuple[Path, ...]:
    """The tables that may name the labels of a mask: of the nearest folder, its own or up to two above, that
    holds any, those whose names have most words in common with the mask's path. Of thrombi and veins in files
    of their own, a table that is called after the one kind is not the other's."""
    words = _words(mask.name)
    others = set[str]()
    for folder in mask.parents[:_LEVELS]:
        every = _listed(folder)
        others = others.union(*(_words(path.name) for path in every if _is_other(path, mask)))
        found = [
            path
            for path in every
            if _is_table(path) and table_names(path) and not _is_of(path, others, words, mask)
        ]
        shared = [len(_words(path.stem) & words) for path in found]
        if found:
            return tuple(path for path, n in zip(found, shared, strict=True) if n == max(shared))
        words |= _words(folder.name)
    return ()


def table_names(path: Path) -> Mapping[int, str]:
    """Label -> name of one table; empty for a file that is none."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError:
        return {}
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    told = _of_csv(text) if path.suffix.lower() == ".csv" else _of_lines(text)
    return {label: name for label, name in told.items() if name not in _NAMELESS}


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_table(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES) and path.is_file()


def _is_of(table: Path, others: Collection[str], words: Collection[str], mask: Path) -> bool:
    """Whether a table is called after another file than the mask, and of another kind."""
    own = _words(table.stem)
    is_other_kind = names_thrombus(table.stem) != names_thrombus(mask.name)
    return is_other_kind and own.isdisjoint(words) and not own.isdisjoint(others)


def _is_other(path: Path, mask: Path) -> bool:
    return path != mask and path.name.lower().endswith(_VOLUMES)


def _words(name: str) -> set[str]:
    return {word for word in re.split(r"[\W_]+", name.lower()) if word}


def _of_lines(text: str) -> dict[int, str]:
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    told = [_ITK_SNAP.fullmatch(line) or _SLICER.fullmatch(line) for line in lines]
    found = [(int(one[1]), one[2].strip("' ")) for one in told if one is not None]
    return dict(found) if len(found) == len(lines) else {}


def _of_csv(text: str) -> dict[int, str]:
    """The columns LabelValue and Name, as 3D Slicer has written them since 5.6."""
    if not text.startswith("LabelValue,"):
        return {}
    try:
        rows = csv.DictReader(io.StringIO(text))
        return {int(row["LabelValue"]): (row["Name"] or "").strip() for row in rows}
    except (ValueError, KeyError, TypeError, csv.Error):
        return {}
