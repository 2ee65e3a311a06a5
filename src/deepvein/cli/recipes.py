"""`deepvein recipes`: what can be trained."""

from __future__ import annotations

from deepvein.cli.terminal import Terminal


def recipes(terminal: Terminal) -> None:
    """List the recipes that `deepvein train` knows: task, network, number of parameters, source."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from deepvein.laboratory import RECIPES

    rows = [lazy.heading for _, lazy in RECIPES.items()]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("recipe", no_wrap=True)
    for title in ("task", "modality", "network"):
        table.add_column(title)
    table.add_column("parameters", justify="right")
    table.add_column("what")
    for row in rows:
        table.add_row(
            row.name,
            row.task.value,
            row.modality.value,
            row.network,
            f"{row.parameters:,}",
            row.summary,
        )
    terminal.show(table)
    terminal.emit(rows)
