"""`deepvein export`: studies of a node without identifiers."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from deepvein.cli.node import Config, Folder, needs_extra, opened
from deepvein.cli.options import Out
from deepvein.cli.terminal import Terminal

Studies = Annotated[
    list[str],
    typer.Argument(metavar="STUDY...", help="Numbers of the work list, or Study Instance UIDs."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        help="File with a secret: with the same one a patient has the same pseudonym in the next export. "
        "Whoever has it can tell who is who. Without it nobody can.",
        show_default=False,
    ),
]


def export(
    terminal: Terminal,
    *,
    studies: Studies,
    out: Out,
    key_file: KeyFile = None,
    config: Config = None,
    folder: Folder = None,
) -> None:
    """Write studies and their results as DICOM without identifiers (PS3.15, basic profile).

    What cannot be cleaned, such as printed pages and captures of screens, is left out and told.
    """
    with (
        opened("export", config, folder, there=True) as (settings, database),
        needs_extra("export"),
    ):
        from deepvein.node.export import export as write
        from deepvein.node.secret import read_secret
        from deepvein.node.store import Store

        key = secrets.token_bytes(32) if key_file is None else read_secret(key_file).encode()
        done = write(database, Store(settings.folder), studies, out, key)
    terminal.show(f"{done.files} files are in {out}")
    for one in done.left_out:
        terminal.show(f"left out of study {one.study}: {one.file} ({one.reason})")
    terminal.emit(done)
