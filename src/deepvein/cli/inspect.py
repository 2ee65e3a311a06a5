"""`deepvein inspect`: what is in a study, and whether and why it can be screened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.cli.options import ModalityOption, modality_of
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import DeepveinError, NothingToScreenError

if TYPE_CHECKING:
    from rich.table import Table

    from deepvein.studies.account import FileRecord
    from deepvein.studies.inspection import Inspection

Location = Annotated[
    Path,
    typer.Argument(
        metavar="STUDY",
        help="DICOM folder, zip or DICOMDIR; NIfTI or NRRD file; or a folder of studies.",
    ),
]


Why = Annotated[
    bool,
    typer.Option("--why", help="Also list each file and what became of it."),
]


def inspect(
    terminal: Terminal, *, study: Location, modality: ModalityOption = None, why: Why = False
) -> None:
    """Say what is in a study: series, geometry, stations, problems, and whether it can be screened.

    Writes nothing. Ends with 4 if nothing in there can be screened.
    """
    from deepvein.studies.discovery import find_studies
    from deepvein.studies.inspection import files_beside
    from deepvein.studies.inspection import inspect as inspect_study

    wanted = modality_of(modality)
    found: list[Inspection] = []
    with terminal.progress() as progress:
        locations = find_studies(study, progress)
        for location in locations:
            try:
                seen = inspect_study(location, wanted, progress=progress)
                found.append(seen if why else replace(seen, files=()))
            except DeepveinError as error:
                if len(locations) == 1:
                    raise
                terminal.complain(f"{location}: ", str(error))
    beside = files_beside(study, locations) if why and study.is_dir() else ()
    for inspection in found:
        _show(terminal, inspection)
    if beside:
        terminal.show(f"{len(beside)} file(s) of {study} lie beside what was found:")
        terminal.show(_files(beside))
    alone = replace(found[0], beside=beside) if len(locations) == 1 else None
    terminal.emit(alone or {"studies": found} | ({"beside": beside} if why else {}))
    if not any(inspection.screenable for inspection in found):
        raise typer.Exit(NothingToScreenError.exit_code)


def _show(terminal: Terminal, inspection: Inspection) -> None:
    from rich.text import Text

    answer = (
        ("can be screened", "green") if inspection.screenable else ("cannot be screened", "red")
    )
    reason = f", {inspection.reason}" if inspection.screenable else ""
    terminal.show(Text.assemble((inspection.name, "bold"), ": ", answer, reason))
    if inspection.synthetic:
        terminal.show("  A synthetic study, not a patient.")
    geometry = inspection.geometry
    if geometry is not None:
        slices, rows, columns = geometry.shape
        sizes = " × ".join(f"{size:.2f}" for size in geometry.spacing_mm)
        low, high = geometry.position_mm
        terminal.show(
            f"  {slices} {geometry.plane} slices of {rows} × {columns}, voxels of {sizes} mm, "
            f"z {low:.0f} to {high:.0f} mm"
        )
    for problem in inspection.problems:
        mark = ("✗", "red") if problem.blocking else ("!", "yellow")
        terminal.show(Text.assemble("  ", mark, f" {problem.text}"))
    for remark in inspection.remarks:
        terminal.show(f"  · {remark.text}")
    if inspection.series:
        terminal.show(_series(inspection))
    if inspection.files:
        terminal.show(_files(inspection.files))


def _files(records: Sequence[FileRecord]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("file", "is", "why", box=SIMPLE_HEAD, pad_edge=False)
    for record in records:
        table.add_row(record.name, record.fate.value, record.why)
    return table


def _series(inspection: Inspection) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("", "series", "what", "size", "z in mm", "why", box=SIMPLE_HEAD, pad_edge=False)
    for one in inspection.series:
        span = "" if one.position_mm is None else "{:.0f} to {:.0f}".format(*one.position_mm)
        table.add_row(
            "→" if one.chosen else str(one.rank or ""),
            one.number,
            f"{one.modality} {one.description}".strip(),
            f"{one.slices} × {one.rows} × {one.columns}",
            span,
            one.reason,
        )
    return table
