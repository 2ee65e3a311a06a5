"""What a report writer is, and the registry that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deepvein.core.registry import Registry
from deepvein.findings.screening import Screening


@dataclass(frozen=True)
class ReportContext:
    """What a report may say beyond the screening itself; everything is optional.

    model_folders: folders of the models that spoke, or of bundles that hold them: `model.safetensors`,
    `CARD.md`, and `bundle.json` or `model.json` with what was measured.
    settings: a frozen settings dataclass that the screening ran with, kept in the manifest.
    outputs: files written before the manifest is, which lists them with their hashes.
    """

    model_folders: tuple[Path, ...] = ()
    settings: object | None = None
    outputs: tuple[Path, ...] = ()


EMPTY_CONTEXT = ReportContext()


class Writer(Protocol):
    """Writes one format of a screening into an existing folder and returns the files it made.

    An empty tuple means that the format has nothing to say about this study. Use `reports.write`
    rather than a writer itself: it guards what lies in the folder already.
    """

    def __call__(
        self, screening: Screening, folder: Path, context: ReportContext = EMPTY_CONTEXT
    ) -> tuple[Path, ...]: ...


WRITERS: Registry[Writer] = Registry("report writer")
