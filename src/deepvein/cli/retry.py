"""`deepvein retry`: what a node gave up is begun again."""

from __future__ import annotations

from typing import Annotated

import typer

from deepvein.cli.node import Config, Folder, opened
from deepvein.cli.terminal import Terminal

Studies = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[STUDY]...",
        help="Numbers of the work list, or Study Instance UIDs; without any, all that failed.",
        show_default=False,
    ),
]


def retry(
    terminal: Terminal, *, studies: Studies = None, config: Config = None, folder: Folder = None
) -> None:
    """Screen studies and send results again that failed, when the reason is gone."""
    with opened("retry", config, folder, there=True) as (settings, database):
        from deepvein.node.retry import retry as begin
        from deepvein.node.store import Store

        done = begin(database, Store(settings.folder), studies or ())
    terminal.show(f"screened again: {done.studies}; sent again: {done.deliveries}")
    terminal.emit(done)
