"""`deepvein phantom audit`: proof of how hard the phantoms are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from deepvein.cli.options import check_out
from deepvein.cli.terminal import Terminal
from deepvein.core.workers import cores

if TYPE_CHECKING:
    from deepvein.laboratory.phantom_audit.settings import AuditSettings

ModalityChoice = Literal["ct", "mr", "both"]
DifficultyChoice = Literal["easy", "clinical", "hard", "all"]


def audit(
    terminal: Terminal,
    *,
    n: Annotated[int, typer.Option("--n", min=6, help="Number of studies.")] = 200,
    modality: Annotated[ModalityChoice, typer.Option("--modality", case_sensitive=False)] = "both",
    difficulty: Annotated[
        DifficultyChoice, typer.Option("--difficulty", case_sensitive=False)
    ] = "clinical",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path(
        "docs/phantom"
    ),
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes.", show_default="all cores")
    ] = None,
    real: Annotated[
        Path | None,
        typer.Option(
            "--real",
            help="Folder with NIfTI stations of real legs, named from the feet up, to show beside.",
            show_default=False,
        ),
    ] = None,
    credit: Annotated[
        str, typer.Option("--credit", help="Whose the real images are, for the picture.")
    ] = "",
) -> None:
    """Measure how lifelike and how hard the phantoms are, and write a page about it.

    The same command goes on where it was interrupted; what the code of the phantoms has not changed since
    is not measured again.
    """
    check_out(out)
    from deepvein.laboratory.phantom_audit.audit import audit as measured
    from deepvein.laboratory.phantom_audit.audit import audits
    from deepvein.laboratory.phantom_audit.galleries import draw_galleries
    from deepvein.laboratory.phantom_audit.page import write_page
    from deepvein.laboratory.phantom_audit.tables import reader_table

    made = []
    for settings in _settings(modality, difficulty, n, seed, workers or cores()):
        with terminal.progress() as progress:
            made.append(measured(settings, out, progress))
            draw_galleries(settings, out, progress, real, credit)
    page = write_page(audits(out), out)
    table = reader_table(made)
    terminal.show(table.markdown())
    terminal.show(f"Page: {page}")
    terminal.emit({"page": page, "readers": {row[0]: list(row[1:]) for row in table.rows}})


def _settings(
    modality: ModalityChoice, difficulty: DifficultyChoice, n: int, seed: int, workers: int
) -> list[AuditSettings]:
    from deepvein.laboratory.phantom_audit.settings import AuditSettings
    from deepvein.phantoms.difficulty import NAMES
    from deepvein.studies.study import Modality

    modalities = list(Modality) if modality == "both" else [Modality(modality.upper())]
    levels = [name for name in NAMES if difficulty in (name, "all")]
    return [AuditSettings(m, level, n, seed, workers) for m in modalities for level in levels]
