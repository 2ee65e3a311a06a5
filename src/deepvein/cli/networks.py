"""`deepvein networks`: the architectures that recipes can take."""

from __future__ import annotations

from dataclasses import dataclass

from deepvein.cli.terminal import Terminal


@dataclass(frozen=True)
class NetworkRow:
    """What is said about one architecture; parameters: at its own defaults."""

    name: str
    output: str
    parameters: int
    pretrained: tuple[str, ...]
    summary: str
    source: str


def networks(terminal: Terminal) -> None:
    """List the networks that recipes and `deepvein train --network` know: what they give, size, source."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from deepvein.networks import NETWORKS

    rows = [
        NetworkRow(
            name=name,
            output=spec.output,
            parameters=spec.parameters(spec.settings()),
            pretrained=spec.transfer.choices,
            summary=spec.summary,
            source=spec.source,
        )
        for name, spec in NETWORKS.items()
    ]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("network", no_wrap=True)
    table.add_column("gives")
    table.add_column("parameters", justify="right")
    table.add_column("published weights")
    table.add_column("what")
    for row in rows:
        table.add_row(
            row.name, row.output, f"{row.parameters:,}", ", ".join(row.pretrained), row.summary
        )
    terminal.show(table)
    terminal.emit(rows)
