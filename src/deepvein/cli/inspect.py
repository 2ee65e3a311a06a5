"""`deepvein inspect`: what is in a study, and whether and why it can be screened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepvein.cli.options import ModalityOption, modality_of
from deepvein.cli.terminal import Terminal

Study = Annotated[
    Path, typer.Argument(help="DICOM folder, zip or DICOMDIR; NIfTI or NRRD file.", metavar="STUDY")
]


def inspect(terminal: Terminal, *, study: Study, modality: ModalityOption = None) -> None:
    """Say what is in a study: series, geometry, coverage, problems, and whether it can be screened."""
    from deepvein.studies.inspection import inspect as inspect_study

    inspection = inspect_study(study, modality_of(modality))
    terminal.emit(inspection)
