"""`deepvein models`: the models that come with deepvein, and those that serve in a node."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.cli.command import EXIT_CODES, command
from deepvein.cli.node import Config, Folder, begun, opened
from deepvein.cli.options import ModalityName, modality_named
from deepvein.cli.terminal import Terminal

if TYPE_CHECKING:
    from deepvein.screening.bundle import BundleFolder, Measurement
    from deepvein.studies.study import Modality

app = typer.Typer(
    help="The models that come with deepvein, and those that serve in a node.",
    epilog=EXIT_CODES,
)

LICENCE = "Apache-2.0"
"""Of the code and of the weights alike."""


@dataclass(frozen=True)
class ModelRow:
    """What is said about one bundled model; size_mb in millions of bytes."""

    name: str
    version: str
    modality: str
    summary: str
    training_data: str
    licence: str
    size_mb: float
    folder: Path
    card: Path


def models(terminal: Terminal, *, context: typer.Context) -> None:
    """List the bundled models: what they screen, what they learned from and what they reached."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from deepvein.screening.bundle import bundled

    known = bundled()
    rows = [_row(found) for found in known]
    for row, found in zip(rows, known, strict=True):
        title = Text.assemble(
            (row.name, "bold"), f" {row.version} · {row.modality} · {row.size_mb} MB"
        )
        lines = [
            Text(row.summary),
            Text(f"Trained on: {row.training_data}"),
            *(
                Text(_sentence(measured, found.bundle.modality))
                for measured in found.bundle.measured
            ),
            Text(f"Licence: {row.licence} · research use only, not a medical device"),
            Text(f"Card: {row.card}", overflow="fold"),
        ]
        terminal.show(Group(title, Padding(Group(*lines), (0, 0, 1, 2))))
    if not rows:
        terminal.show("No model comes with this copy of deepvein.")
    terminal.emit(
        [
            {**asdict(row), "measured": found.bundle.measured}
            for row, found in zip(rows, known, strict=True)
        ]
    )


def promote(
    terminal: Terminal,
    *,
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="Folder of a bundle, such as `deepvein bundle` makes."
        ),
    ],
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Let a bundle of models serve in a node: the next study is screened with it, without a restart.

    It is copied into the node's folder, so that MODEL may go. `deepvein evaluate MODEL --against ...` tells
    before whether it is better; `deepvein models back` lets serve again what served before.
    """
    from deepvein.screening.bundle import load_bundle
    from deepvein.training.checkpoints import load_model

    for one in load_bundle(model).model_folders:
        load_model(one)  # what is damaged is refused here, not by the next study
    with opened("models", config, folder) as (settings, database):
        from deepvein.node.service import Service

        service = Service(settings.folder)
        now = service.promote(model, database)
        _told(terminal, now)


def back(
    terminal: Terminal,
    *,
    modality: Annotated[ModalityName, typer.Argument(metavar="ct|mr")],
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Let the models serve again in a node that served before the present ones."""
    with opened("models", config, folder, there=True) as (settings, database):
        from deepvein.node.service import Service

        _told(terminal, Service(settings.folder).back(modality_named(modality), database))


def serving(terminal: Terminal, *, config: Config = None, folder: Folder = None) -> None:
    """Say which models serve in a node, and what served before them."""
    settings = begun("models", config, folder)
    from deepvein.node.service import Service
    from deepvein.studies.study import Modality

    service = Service(settings.folder)
    rows = []
    for modality in Modality:
        *before, now = service.history(modality)
        said = [f"{one.bundle.name} {one.bundle.version}" for one in reversed(before)]
        after = f", before it {', '.join(said)}" if said else ""
        terminal.show(f"{modality.value}: {now.bundle.name} {now.bundle.version}{after}")
        rows.append({**asdict(_row(now)), "before": said})
    terminal.emit(rows)


def _told(terminal: Terminal, now: BundleFolder) -> None:
    bundle = now.bundle
    terminal.show(
        f"{bundle.name} {bundle.version} serves from the next {bundle.modality.value} study on"
    )
    terminal.emit(_row(now))


def _row(found: BundleFolder) -> ModelRow:
    bundle = found.bundle
    size = sum(path.stat().st_size for path in found.folder.rglob("*") if path.is_file())
    return ModelRow(
        name=bundle.name,
        version=bundle.version,
        modality=bundle.modality.value,
        summary=bundle.summary,
        training_data=bundle.training_data,
        licence=LICENCE,
        size_mb=round(size / 1e6, 1),
        folder=found.folder,
        card=found.card,
    )


def _sentence(measured: Measurement, modality: Modality) -> str:
    """The figures that have an aim, all if none has; the card has the rest."""
    from deepvein.laboratory.cards.aims import aim_of
    from deepvein.screening.bundle import of_patients

    aimed = [metric for metric in measured.metrics if aim_of(metric.name, modality) is not None]
    figures = []
    for metric in aimed or measured.metrics:
        interval = "" if metric.low is None else f" ({metric.low:.2f} to {metric.high:.2f})"
        figures.append(f"{metric.name} {metric.value:.2f}{interval}")
    cases = f"{measured.cases} cases, {measured.with_dvt} with DVT{of_patients(measured.patients)}"
    return f"Measured on {measured.cohort} ({cases}): {', '.join(figures)}"


app.callback(invoke_without_command=True, epilog=EXIT_CODES)(command(models))
for _one in (promote, back, serving):
    app.command(_one.__name__, epilog=EXIT_CODES)(command(_one))
