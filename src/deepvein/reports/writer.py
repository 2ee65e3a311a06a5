"""What a report writer is, and the registry that holds them.

Reports are made in two stages: writers build documents, which may name one another, and then all files
are written at once (`reports.write`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from deepvein.core.registry import Registry
from deepvein.findings.screening import Screening
from deepvein.studies.study import Remark

if TYPE_CHECKING:
    from pydicom import Dataset

    from deepvein.reports.pictures import Pictures


@dataclass(frozen=True, eq=False)
class Document:
    """One file before it is written: its name in the folder, and what writes it to a path.

    dataset: the DICOM object that it is, for those that refer to it; None if it is none.
    """

    name: str
    save: Callable[[Path], object]
    dataset: Dataset | None = None


@dataclass(frozen=True)
class Report:
    """What one writer has to say about a screening.

    documents: () if the format has nothing to say about it.
    remarks: what readers should know about the report, such as that a part of it cannot be written; the
    reports that are built afterwards show them.
    unfit: why no such study can have the format, as the rest of a sentence; told to those alone who asked for
    it by name.
    """

    documents: tuple[Document, ...] = ()
    remarks: tuple[Remark, ...] = ()
    unfit: str = ""


@dataclass(frozen=True)
class ReportContext:
    """What a report may say beyond the screening itself; everything is optional.

    model_folders: folders of the models that spoke, or of bundles that hold them: `model.safetensors`,
    `CARD.md`, and `bundle.json` or `model.json` with what was measured.
    settings: what the screening ran with, a frozen dataclass or plain values, kept in the manifest.
    listing: the state of the study's files before they were read (`studies.listing`), kept likewise.
    documents: those of the reports that were built before.
    pictures: of this screening, drawn once for all reports; a report alone draws its own.
    """

    model_folders: tuple[Path, ...] = ()
    settings: object | None = None
    listing: str = ""
    documents: tuple[Document, ...] = ()
    pictures: Pictures | None = None


EMPTY_CONTEXT = ReportContext()


class Writer(Protocol):
    """Builds one format of a screening; the order of registration is the order of building."""

    def __call__(self, screening: Screening, context: ReportContext = EMPTY_CONTEXT) -> Report: ...


WRITERS: Registry[Writer] = Registry("report writer")
