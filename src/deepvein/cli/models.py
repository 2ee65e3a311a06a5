"""`deepvein models`: the models that come with deepvein."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepvein.cli.terminal import Terminal

if TYPE_CHECKING:
    from deepvein.screening.bundle import BundleFolder, Measurement
    from deepvein.studies.study import Modality

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


def models(terminal: Terminal) -> None:
    """List the bundled models: what they screen, what they learned from and what they reached."""
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

    aimed = [metric for metric in measured.metrics if aim_of(metric.name, modality) is not None]
    figures = []
    for metric in aimed or measured.metrics:
        interval = "" if metric.low is None else f" ({metric.low:.2f} to {metric.high:.2f})"
        figures.append(f"{metric.name} {metric.value:.2f}{interval}")
    cases = f"{measured.cases} cases, {measured.with_dvt} with DVT"
    return f"Measured on {measured.cohort} ({cases}): {', '.join(figures)}"
