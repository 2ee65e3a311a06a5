"""`deepvein report`: reports of what was screened before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepvein.cli.options import report_names
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import ReportError, UsageError

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

    from deepvein.reports.writing import drafted, place, told
    from deepvein.screening.record import context_of, load_screening

    with terminal.progress() as progress:
        context = context_of(folder)
        screening = load_screening(folder, study=study, progress=progress)
        with drafted(screening, names, folder, context=context, progress=progress) as draft:
            said = [remark.sentence for remark in draft.remarks]
            if said and not draft.manifest.outputs:
                raise UsageError(" ".join(said))
            written = place(draft, folder, overwrite=overwrite, join=True)
    if draft.failed:
        raise ReportError(told(draft.failed))
    for line in (*map(str, written), *said):
        terminal.show(line)
    terminal.emit({"folder": folder, "written": written, "remarks": said})
