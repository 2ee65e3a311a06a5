"""uvicorn in a thread: serves the application until it is stopped."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

from deepvein.core.errors import UsageError
from deepvein.node.web.app import create_app

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings

_GLANCE_S = 0.02


class WebServer:
    """HTTP or HTTPS on one port."""

    def __init__(self, settings: NodeSettings, database: Database) -> None:
        import uvicorn

        web = settings.web
        self.settings = web
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(settings, database),
                log_config=None,
                # Its access log would hold what people look at.
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ssl_certfile=web.certificate,
                ssl_keyfile=web.key,
                timeout_graceful_shutdown=5,
            )
        )
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; a free one if the settings say 0."""
        return 0 if self._socket is None else int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Listen; UsageError where the port is taken."""
        web = self.settings
        family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((web.host, web.port))
        except OSError as error:
            opened.close()
            raise UsageError(
                f"cannot listen on {web.host}:{web.port} ({error.strerror}): choose another port"
            ) from error
        self._socket = opened
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [opened]}, name="web", daemon=True
        )
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            time.sleep(_GLANCE_S)

    def stop(self) -> None:
        """Answer what was asked, then end."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()
