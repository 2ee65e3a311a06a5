"""uvicorn in a thread: serves the application until it is stopped."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

from deepvein.core.errors import UsageError
from deepvein.node.listening import cannot_listen
from deepvein.node.tls import server_context
from deepvein.node.web.app import create_app

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings

_GLANCE_S = 0.02


class WebServer:
    """HTTP or HTTPS on one port; UsageError for certificates that cannot be used."""

    def __init__(self, settings: NodeSettings, database: Database) -> None:
        import uvicorn

        web = settings.web
        self.settings = web
        if (
            web.certificate is not None
        ):  # what cannot be used is told here, not by a thread that ends
            server_context(web.certificate, web.key, None, 0.0)
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(settings, database),
                log_config=None,
                # Its access log would hold what people look at.
                access_log=False,
                server_header=False,
                proxy_headers=bool(web.proxies),
                forwarded_allow_ips=list(web.proxies),
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
        """Listen; UsageError where the port is taken, or the server does not come up."""
        web = self.settings
        family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((web.host, web.port))
        except OSError as error:
            opened.close()
            raise cannot_listen(web.host, web.port, error) from error
        self._socket = opened
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [opened]}, name="web", daemon=True
        )
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            time.sleep(_GLANCE_S)
        if not self._server.started:
            self.stop()
            raise UsageError("the page cannot be served: the log tells why its server has ended")

    def stop(self) -> None:
        """Answer what was asked, then end."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()
