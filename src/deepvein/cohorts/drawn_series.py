"""The series of a study on which its masks were drawn, where another one would be screened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepvein.cohorts.case import Case
from deepvein.cohorts.import_files import ImportFile, ImportNotes
from deepvein.cohorts.opening import open_case
from deepvein.core.errors import InputError, NothingToScreenError
from deepvein.studies.location import StudyLocation


def drawn_upon(case: Case, masks: Sequence[ImportFile], cache: Path, notes: ImportNotes) -> Case:
    """The case with the series that all of its masks name as its image, if that of its study is another one
    and the series has a folder of its own, as in a session of XNAT; `notes` are told."""
    named = {series for mask in masks for series in mask.drawn_on}
    if len(named) != 1 or named & set(open_case(case, cache).image_series):
        return case
    folder = _folder_of(named.pop(), StudyLocation.parse(case.image).path)
    if folder is None:
        return case
    other = replace(case, image=folder)
    try:
        open_case(other, cache)
    except (InputError, NothingToScreenError):
        return case
    notes.guesses.append(
        f"the image of case {case.case!r} is {folder}, on which its masks were drawn, although another series "
        "of the study would be screened"
    )
    return other


def _folder_of(series: str, study: Path) -> Path | None:
    """The folder below `study` that holds this series and no other; None if there is none."""
    from deepvein.studies.dicom.files import files_below, read_headers

    if not study.is_dir():
        return None
    own: set[Path] = set()
    others: set[Path] = set()
    for header in read_headers(files_below(study)):
        (own if header.series_uid == series else others).add(header.path.parent)
    if len(own) != 1 or own & others or own == {study}:
        return None
    return own.pop()
