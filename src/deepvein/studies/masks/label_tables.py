"""What the labels of a NIfTI or NRRD file are called, where its header or a file beside it says so."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deepvein.core.errors import MaskError
from deepvein.studies.masks.colour_tables import colour_tables, table_names
from deepvein.studies.nifti import is_nifti, nifti_extensions

_TABLE = "dataset.json"
_LEVELS = 4
"""Folders of a subject, a session and a kind lie below that of a data set in BIDS."""
_NAMELESS = (".nii", ".nii.gz", ".nrrd", ".nhdr")
_LARGEST = 2**20
"""Bytes of a table that is read; 255 names need a few thousand."""
_LABEL = re.compile(
    rb"<Label\s[^<>]*?\bKey=[\"'](\d{1,9})[\"'][^<>]*>\s*(?:<!\[CDATA\[)?([^<>\]]*)"
)


def label_tables(path: Path) -> tuple[Path, ...]:
    """The tables that may name the labels of a mask, the nearest first: in BIDS a .tsv of its own name, or one
    beside it or above whose name asks for less (`desc-clot_dseg.tsv` for `sub-1_desc-clot_dseg.nii.gz`); then
    nnU-Net's `dataset.json` beside it, or beside its folder where that is called as nnU-Net calls folders of
    labels; then those of ITK-SNAP and 3D Slicer (`colour_tables`)."""
    return (*_of_data_sets(path), *_coloured(path))


def _of_data_sets(path: Path) -> Iterator[Path]:
    yield from _of_bids(path)
    folders = [path.parent]
    if path.parent.name.lower().startswith("labels"):
        folders.append(path.parent.parent)
    yield from (one for folder in folders if (one := folder / _TABLE).is_file())


def _coloured(path: Path) -> tuple[Path, ...]:
    name = path.name.lower()
    itself = name.endswith(".seg.nrrd")
    return colour_tables(path) if name.endswith(_NAMELESS) and not itself else ()


def _of_bids(path: Path) -> Iterator[Path]:
    stem = path.name.partition(".nii")[0]
    words = stem.split("_")
    if not words[0].startswith("sub-"):
        own = path.with_name(f"{stem}.tsv")
        yield from [own] if own.is_file() else []
        return
    for folder in path.parents[:_LEVELS]:
        tables = [(one.stem.split("_"), one) for one in sorted(folder.glob("*.tsv"))]
        near = [told for told in tables if told[0][-1] == words[-1] and {*told[0]} <= {*words}]
        yield from (table for _, table in sorted(near, key=lambda told: -len(told[0])))
        if (folder / "dataset_description.json").exists():
            return


def named_labels(path: Path) -> dict[int, str]:
    """Label -> name, without 0, from the label table in the header, as TotalSegmentator and Connectome
    Workbench write it, else from `label_tables`; empty where neither names single labels.

    Raises StudyError if the file cannot be read, and MaskError if two tables that are as near call labels
    otherwise.
    """
    found: dict[int, str] = {}
    for content in nifti_extensions(path) if is_nifti(path) else ():
        told = _LABEL.findall(content[:_LARGEST])
        found |= {int(key): html.unescape(name.decode("utf-8", "replace")) for key, name in told}
    for table in () if found else _of_data_sets(path):
        found = found or (_in_tsv(table) if table.suffix == ".tsv" else _in_dataset(table))
    found = found or _agreeing(_coloured(path), path)
    return {label: name.strip() for label, name in sorted(found.items()) if label > 0}


def _agreeing(tables: Sequence[Path], mask: Path) -> dict[int, str]:
    """What the tables say; MaskError where they do not say the same."""
    named = [table_names(table) for table in tables]
    for table, names in zip(tables, named, strict=True):
        if names != named[0]:
            raise MaskError(
                f"{tables[0].name} and {table.name} call the labels of {mask} otherwise; keep the one that is "
                "right, or call it after the mask"
            )
    return dict(named[0]) if named else {}


def _in_tsv(table: Path) -> dict[int, str]:
    """The columns `index` and `name`, as BIDS has them."""
    try:
        text = table.read_bytes()[:_LARGEST].decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text), delimiter="\t")
        return {int(row["index"]): row["name"] or "" for row in rows}
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return {}


def _in_dataset(table: Path) -> dict[int, str]:
    """Both ways of nnU-Net: `"thrombus": 2` and, before version 2, `"2": "thrombus"`. Of regions, which hold
    several labels each, a label has the name of the smallest; none where two are as small."""
    try:
        told = json.loads(table.read_bytes()[:_LARGEST])["labels"]
        return dict(_pairs(told))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _pairs(told: Mapping[str, Any]) -> list[tuple[int, str]]:
    if all(isinstance(value, str) for value in told.values()):
        return [(int(key), value) for key, value in told.items()]
    regions = {name: value if isinstance(value, list) else [value] for name, value in told.items()}
    held: dict[int, list[tuple[int, str]]] = {}
    for name, labels in regions.items():
        for label in labels:
            held.setdefault(int(label), []).append((len(labels), name))
    smallest = {label: sorted(names) for label, names in held.items()}
    if any(len(names) > 1 and names[0][0] == names[1][0] for names in smallest.values()):
        return []
    return [(label, names[0][1]) for label, names in smallest.items()]
