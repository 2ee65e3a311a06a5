"""The folds of a data set as nnU-Net keeps them: `splits_final.json` beside the folders of images, or in the
folder of the same name where the data set was preprocessed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.filenames import stem_of
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.studies.location import StudyLocation

_TABLE = "splits_final.json"
_FIRST = "_0000"
"""Ends the names of images, and not those of cases."""
_LARGEST = 2**24


def with_folds(
    cases: Mapping[ImportFile, Case], root: Path, notes: ImportNotes
) -> dict[ImportFile, Case]:
    """The cases, each with the fold that validates on it; `notes` are told what was read.

    No fold is set by a table that cannot be read, that validates twice on a case, or that has a patient in two
    folds, as nnU-Net divides by image.
    """
    found = dict(cases)
    for table in sorted(root.rglob(_TABLE)):
        own = {image: _name(image) for image in cases if _is_for(table, image, root)}
        if not own:
            continue
        folds = _folds(table)
        if folds is None:
            notes.leave(table, "it is no list of folds with train and val as nnU-Net writes it")
            continue
        told = {
            image: folds[name] for image, names in own.items() for name in names if name in folds
        }
        torn = _torn({image: cases[image].patient for image in told}, told)
        if torn:
            notes.guesses.append(
                f"{table} {torn}; fold is left empty: divide by patient with `deepvein cohort split --folds`"
            )
            continue
        for image, held in told.items():
            found[image] = replace(cases[image], fold=held[0])
        without = len(own) - len(told)
        notes.guesses.append(
            f"fold is set for {len(told)} images by {table}, which validates on each once"
            + (f"; {without} images are in none of its folds" if without else "")
        )
    return found


def _name(image: ImportFile) -> tuple[str, ...]:
    """What nnU-Net may call an image: as its table does, else with and without the number of its channel."""
    if image.case:
        return (image.case,)
    stem = stem_of(StudyLocation.parse(image.path).path)
    return tuple(dict.fromkeys((stem, stem.removesuffix(_FIRST))))


def _is_for(table: Path, image: ImportFile, root: Path) -> bool:
    """Whether a table lies above an image, or in a folder called as one above it."""
    above = [one for one in image.path.parents if one.is_relative_to(root)]
    return table.parent in above or table.parent.name in {one.name for one in above if one != root}


def _folds(table: Path) -> dict[str, list[int]] | None:
    """The folds that validate on each name; None for what is no such table."""
    try:
        folds = json.loads(table.read_bytes()[:_LARGEST])
        found = defaultdict(list)
        for number, fold in enumerate(folds):
            for name in dict.fromkeys(map(str, fold["val"])):
                found[name].append(number)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return dict(found)


def _torn(patients: Mapping[ImportFile, str], told: Mapping[ImportFile, list[int]]) -> str:
    """What keeps folds from being used, in words; empty for nothing."""
    twice = [image.path.name for image, held in told.items() if len(held) > 1]
    if twice:
        return f"validates more than once on {len(twice)} images, first {twice[0]}"
    places = defaultdict(set)
    for image, held in told.items():
        places[patients[image]].add(held[0])
    torn = [patient for patient, where in places.items() if len(where) > 1]
    return f"has images of one patient in several folds, first {torn[0]!r}" if torn else ""
