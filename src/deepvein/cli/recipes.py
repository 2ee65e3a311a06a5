"""`deepvein recipes`: what can be trained."""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.cli.terminal import Terminal


@dataclass(frozen=True)
class RecipeRow:
    """What is said about one recipe; parameters: of its network."""

    name: str
    task: str
    modality: str
    network: str
    parameters: int
    summary: str
    source: str


def recipes(terminal: Terminal) -> None:
    """List the recipes that `deepvein train` knows: task, network, number of parameters, source."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from deepvein.laboratory import RECIPES

    rows = [
        RecipeRow(
            name=name,
            task=recipe.task.value,
            modality=recipe.modality.value,
            network=recipe.network,
            parameters=recipe.parameters,
            summary=recipe.summary,
            source=recipe.source,
        )
        for name, recipe in RECIPES.items()
    ]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("recipe", no_wrap=True)
    for title in ("task", "modality", "network"):
        table.add_column(title)
    table.add_column("parameters", justify="right")
    table.add_column("what")
    for row in rows:
        table.add_row(
            row.name, row.task, row.modality, row.network, f"{row.parameters:,}", row.summary
        )
    terminal.show(table)
    terminal.emit(rows)
