"""PostgreSQL's engine: every wait has an end, and a server that cannot serve is told of as one that is away.

A server that hangs, a line that is cut without a word or a lock that somebody else holds would otherwise block
receiver, workers and page for ever.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine import URL, Engine
    from sqlalchemy.engine.interfaces import ExceptionContext

CONNECT_S, LOCK_S, STATEMENT_S, ANSWER_S = 10.0, 20.0, 30.0, 40.0
"""The longest waits for a connection, for a lock, for a statement and for any answer of the server.

A server that lives ends its own waits first, and says which."""

_IDLE_S = 60.0
"""After which the server ends a transaction whose node does nothing: it may be gone, and its locks with it."""

_ALIVE_S, _ALIVE_EVERY_S, _ALIVE_TRIES = 30, 10, 3
"""A side that hears nothing asks after so long whether the other lives, so often, and then gives it up."""

_LOCK_HELD, _ENDED = "55P03", "57014"
_AWAY = ("08", "28", "3D", "53", "57", "58", "40", _LOCK_HELD, "25006", "42501")
"""How the codes (SQLSTATE) of errors begin for which neither statement nor values are to blame: connection,
user, database, resources, an operator, the system, transactions that met, locks, a server that only reads,
rights. The driver takes them for mistakes of ours."""


def postgresql_engine(url: URL, *, unhurried: bool) -> Engine:
    """An engine for `url`, whose errors do not tell the values, which may be patients' names.

    unhurried: statements and their answers may take as long as they need, for what reads or changes all rows.
    """
    ours = url.get_driver_name() == "pg8000"
    engine = create_engine(
        url,
        hide_parameters=True,
        # A server that was restarted is found out before a connection is used again.
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={} if ours else {"connect_timeout": int(CONNECT_S)},
    )
    if ours:
        connect = _connector(None if unhurried else ANSWER_S)
        event.listen(engine, "do_connect", lambda _dialect, _record, _, wanted: connect(wanted))

    wanted = {
        "lock_timeout": f"{LOCK_S:g}s",
        "statement_timeout": "0" if unhurried else f"{STATEMENT_S:g}s",
        "idle_in_transaction_session_timeout": "0" if unhurried else f"{_IDLE_S:g}s",
        "tcp_keepalives_idle": str(_ALIVE_S),
        "tcp_keepalives_interval": str(_ALIVE_EVERY_S),
        "tcp_keepalives_count": str(_ALIVE_TRIES),
    }
    settings = ", ".join(
        f"set_config('{name}', '{value}', false)" for name, value in wanted.items()
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        del record
        cursor = connection.cursor()
        cursor.execute(f"SELECT {settings}")
        cursor.close()
        connection.commit()

    event.listen(engine, "handle_error", _translated)
    return engine


def _connector(answer_s: float | None) -> Callable[[dict[str, Any]], Any]:
    """What opens a connection of pg8000 that waits so long for an answer, None for ever."""
    import pg8000

    base: Any = pg8000.Connection

    class Limited(base):  # type: ignore[misc]
        """A connection that tells of a wait that was too long as of a line that is cut."""

        def __init__(self, **wanted: Any) -> None:
            try:
                line = None if "unix_sock" in wanted else _line(wanted)
                with ExitStack() as stack:
                    if line is not None:  # which stays open where the server says nothing
                        stack.callback(line.close)
                    super().__init__(sock=line, timeout=CONNECT_S, **wanted)
                    stack.pop_all()
            except OSError as error:
                raise pg8000.InterfaceError(
                    f"network error: {_in_words(error, CONNECT_S)}"
                ) from error
            self._usock.settimeout(answer_s)

        def handle_messages(self, context: Any) -> None:
            try:
                super().handle_messages(context)
            except OSError as error:
                waited_s = ANSWER_S if answer_s is None else answer_s
                raise pg8000.InterfaceError(
                    f"network error: {_in_words(error, waited_s)}"
                ) from error

        def close(self) -> None:
            with suppress(pg8000.InterfaceError):  # a line that is cut needs no farewell
                super().close()

    return lambda wanted: Limited(**wanted)


def _line(wanted: Mapping[str, Any]) -> socket.socket:
    """A line to the server, which finds out that the other machine is gone also where nothing is sent: an
    unhurried wait ends by it."""
    address = (wanted.get("host", "localhost"), wanted.get("port", 5432))
    line = socket.create_connection(address, CONNECT_S, wanted.get("source_address"))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _ALIVE_S),
        ("TCP_KEEPINTVL", _ALIVE_EVERY_S),
        ("TCP_KEEPCNT", _ALIVE_TRIES),
    ):
        if hasattr(socket, name):  # Linux has all of them
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return line


def _in_words(error: OSError, waited_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"the server has not answered for {waited_s:g} s"
    return error.strerror or str(error)


def _translated(context: ExceptionContext) -> None:
    """Raise OperationalError for what is no fault of the statement."""
    said = context.original_exception.args[:1]
    if not said or not isinstance(said[0], dict):
        return
    code, words = str(said[0].get("C", "")), str(said[0].get("M", ""))
    if not code.startswith(_AWAY):
        return
    if code == _LOCK_HELD:
        words = "another session holds a lock that was waited for in vain"
    elif code == _ENDED:
        words = f"the server has ended a statement, which took more than {STATEMENT_S:g} s or was broken off"
    if code.startswith("57P"):
        context.is_disconnect = True
    raise OperationalError(context.statement, None, Exception(words), hide_parameters=True)
