"""What the commands for a node share: its settings, its database, and the extra that they need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvein.core.errors import MissingExtraError, OutputError, UsageError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="TOML file with the node's settings.", show_default=False),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        "-f",
        help="Folder for images, results and database; in place of the settings' one.",
        show_default=False,
    ),
]


@contextmanager
def needs_extra(command: str) -> Iterator[None]:
    """Say which extra is missing where an import of the node's packages fails in the block."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"deepvein {command}", "node") from error


def begun(command: str, config: Path | None, folder: Path | None) -> NodeSettings:
    """The settings of a node that works already, whose database need not answer; UsageError where there is
    none."""
    settings, _ = _found(command, config, folder, there=True, anew=False)
    return settings


@contextmanager
def opened(
    command: str,
    config: Path | None,
    folder: Path | None,
    *,
    there: bool = False,
    anew: bool = False,
) -> Iterator[tuple[NodeSettings, Database]]:
    """A node's settings and its database, open; made if it is not there.

    there: UsageError instead where it is not, for what asks about a node that works already. anew: it is made
    also where a node was that has lost it.
    """
    settings, url = _found(command, config, folder, there=there, anew=anew)
    from deepvein.node.database.database import AWAY, in_words, open_database

    database = open_database(url, unhurried=True)
    try:
        yield settings, database
    except AWAY as error:
        raise OutputError(
            f"the database cannot be used now ({in_words(error)}): nothing was changed, try again later"
        ) from error
    finally:
        database.close()


def _found(
    command: str, config: Path | None, folder: Path | None, *, there: bool, anew: bool
) -> tuple[NodeSettings, URL]:
    """A node's settings and where its database is; errors are those of `opened`."""
    with needs_extra(command):
        from deepvein.node.belonging import require_database
        from deepvein.node.configuration import node_settings
        from deepvein.node.database.database import database_url
    settings = node_settings(config, folder)
    url = database_url(settings.database, settings.folder)
    if not anew:
        require_database(url, settings.folder)
    is_file = url.get_backend_name() == "sqlite"
    if there and is_file and not Path(url.database or "").is_file():
        raise UsageError(
            f"{settings.folder} holds no node: give the folder of one that `deepvein serve` has begun"
        )
    return settings, url
