"""`--cluster`: whose processes do the work of a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from deepvein.core.workers import Workers

Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="[local:N|ray://HOST:PORT]",
        help="Processes of a Ray cluster do the work, --workers on each machine (needs the extra "
        "`cluster`); all its machines must see the folders under the same paths.",
        show_default=False,
    ),
]


@contextmanager
def workforce(
    cluster: str | None, workers: int | None, default: int = 1, device: str = "auto"
) -> Iterator[Workers]:
    """The processes of this machine that are wanted, `default` if that is not said, or those of a cluster,
    which is left at the end."""
    if cluster is None:
        yield workers or default
        return
    from deepvein.node.cluster.connection import connected

    with connected(cluster, device, workers) as joined:
        yield joined
