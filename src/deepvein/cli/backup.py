"""`deepvein backup` and `deepvein restore`: a node's database and files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepvein.cli.node import Config, Folder, opened
from deepvein.cli.options import Out
from deepvein.cli.terminal import Terminal
from deepvein.core.errors import InputError

BackupFolder = Annotated[Path, typer.Argument(metavar="BACKUP", help="Folder of a backup.")]


def backup(terminal: Terminal, *, out: Out, config: Config = None, folder: Folder = None) -> None:
    """Write a node's database and files into a new folder, while the node works."""
    with opened("backup", config, folder, there=True) as (settings, database):
        from deepvein.node.backup import back_up
        from deepvein.node.store import Store

        files = back_up(database, Store(settings.folder), out)
    terminal.show(f"{files} files and the database are in {out}")
    terminal.emit({"out": out, "files": files})


def restore(
    terminal: Terminal, *, source: BackupFolder, config: Config = None, folder: Folder = None
) -> None:
    """Bring a backup back into an empty folder and database; no node may run in them."""
    if not (source / "database.jsonl.gz").is_file():
        raise InputError(f"{source} holds no backup: give the folder that `deepvein backup` wrote")
    with opened("restore", config, folder, anew=True) as (settings, database):
        from deepvein.node.backup import restore as bring_back
        from deepvein.node.store import Store

        rows = bring_back(source, database, Store(settings.folder))
    terminal.show(f"{rows} rows and their files are in {settings.folder}")
    terminal.emit({"folder": settings.folder, "rows": rows})
