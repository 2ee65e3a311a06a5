"""`deepvein report`: reports of what was screened before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepvein.cli.options import report_names
from deepvein.cli.terminal import Terminal

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of one study's results.")]
Names = Annotated[
    str, typer.Option("--write", help="Reports to write, such as html,seg.", show_default=False)
]
StudyPath = Annotated[
    Path | None,
    typer.Option("--study", help="Where the study lies now, if it was moved.", show_default=False),
]


def report(
    terminal: Terminal,
    *,
    folder: Folder,
    write: Names,
    study: StudyPath = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace reports that were changed since.")
    ] = False,
) -> None:
    """Write further reports of a study that was screened before; no model is asked again.

    FOLDER needs findings.json and the NIfTI masks (--write json,nifti), and the study must be there.
    """
    names = report_names(write)

    from deepvein.reports import write as write_reports
    from deepvein.screening.record import context_of, load_screening

    with terminal.progress() as progress:
        context = context_of(folder)
        screening = load_screening(folder, study=study, progress=progress)
        written = write_reports(
            screening,
            folder,
            names,
            context=context,
            overwrite=overwrite,
            join=True,
            progress=progress,
        )
    for path in written:
        terminal.show(str(path))
    terminal.emit({"folder": folder, "written": written})
