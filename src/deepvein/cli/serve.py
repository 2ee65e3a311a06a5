"""`deepvein serve`: the hospital's node."""

from __future__ import annotations

import logging
import os
import signal
import threading
from enum import StrEnum
from typing import Annotated

import typer

from deepvein.cli.node import Config, Folder, needs_extra
from deepvein.cli.terminal import Terminal

_ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]


class PartName(StrEnum):
    """What can be started alone."""

    RECEIVER = "receiver"
    WORKER = "worker"
    WEB = "web"


Only = Annotated[
    list[PartName] | None,
    typer.Option(
        "--only",
        help="Start this part alone; several machines may share one folder and one database.",
        show_default=False,
    ),
]


def serve(
    terminal: Terminal, *, config: Config = None, folder: Folder = None, only: Only = None
) -> None:
    """Receive studies by DICOM, have them screened, send the results on.

    It runs until Ctrl-C, SIGTERM or SIGHUP ends it; settings and certificates are read at its start alone.
    """
    with needs_extra("serve"):
        from deepvein.node.configuration import node_settings
        from deepvein.node.logs import log_as_json
        from deepvein.node.node import Node, Part

    settings = node_settings(config, folder)
    log_as_json()
    os.umask(0o077)  # folders that were made by hand are often open to everybody
    node = Node(settings, [Part(one.value) for one in only or PartName])
    ended = threading.Event()
    for number in _ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, lambda *_: ended.set())
    node.start()
    try:
        if node.receiver is not None:
            terminal.note(f"DICOM: {settings.receiver.ae_title} on port {node.receiver.port}")
        if node.web is not None:
            terminal.note(f"HTTP: port {node.web.port}")
        ended.wait()
    finally:
        node.stop()
    if node.left_behind:
        # All else has ended, and what they did is free again; the end would wait for pynetdicom's threads.
        logging.shutdown()
        os._exit(0)
