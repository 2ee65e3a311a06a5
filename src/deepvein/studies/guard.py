"""A process beside this one in which code outside Python decodes files.

A damaged file can make a codec run for ever, take all memory, or end the process that it runs in; of
such a process only the one beside is lost, and the file is named. What codecs print stays there too.

The process is started when first needed, serves many calls, and ends with this one. Requests are lines
of JSON, answers a line of JSON and the bytes of an array.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_PATIENCE = 10.0
"""A call may last so many times its processor time, as it may wait for a disk."""


@dataclass(frozen=True)
class Limits:
    """What one call may take. seconds: of processor time; memory_bytes: of address space in all."""

    seconds: float = 10.0
    memory_bytes: int = 3 * 2**30


class DecodingError(Exception):
    """What a function did not do in the process beside, as the end of a sentence."""


def guarded(function: Callable[..., Any], limits: Limits | None = None, /, **arguments: Any) -> Any:
    """What `function` gives for `arguments`, worked out in a process beside this one.

    function: of a module, so that it can be found there; its arguments and what it gives must be plain
    values that JSON holds, but it may also give one array. Raises DecodingError if it raises anything,
    takes more than `limits` allow, or ends its process.
    """
    server = _IDLE.take()
    ready = False
    try:
        answer = server.ask(function, limits or Limits(), arguments)
        ready = True
        return answer
    except DecodingError:
        ready = server.is_running
        raise
    finally:
        # Whoever was interrupted in the middle of an answer leaves the rest of it in the pipe.
        if ready:
            _IDLE.put(server)
        else:
            server.end()


class _Server:
    """The process beside, as it is seen from here."""

    def __init__(self) -> None:
        # The process beside finds the modules that this one finds, and no others (-P).
        paths = filter(None, sys.path)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603  (this Python, a module of ours)
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self.owner = os.getpid()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def ask(self, function: Callable[..., Any], limits: Limits, arguments: dict[str, Any]) -> Any:
        request = {
            "module": function.__module__,
            "function": function.__qualname__,
            "seconds": limits.seconds,
            "memory_bytes": limits.memory_bytes,
            "arguments": arguments,
        }
        late = threading.Event()
        clock = threading.Timer(limits.seconds * _PATIENCE, self._stop, (late,))
        clock.start()
        try:
            return self._talk(json.dumps(request))
        except (OSError, EOFError, ValueError) as error:
            raise DecodingError(self._post_mortem(limits, late.is_set())) from error
        finally:
            clock.cancel()

    def end(self) -> None:
        if self.owner == os.getpid():
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _talk(self, request: str) -> Any:
        sending, answers = self._process.stdin, self._process.stdout
        if sending is None or answers is None:
            raise EOFError
        sending.write(request.encode() + b"\n")
        sending.flush()
        answer = json.loads(answers.readline() or "")
        if "error" in answer:
            raise DecodingError(answer["error"])
        if "shape" not in answer:
            return answer["value"]
        array = np.empty(answer["shape"], dtype=answer["dtype"])
        view = array.reshape(-1).view(np.uint8).data
        done = 0
        while done < len(view):
            got = answers.readinto(view[done:])  # type: ignore[attr-defined]
            if not got:
                raise EOFError
            done += got
        return array

    def _stop(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _post_mortem(self, limits: Limits, late: bool) -> str:
        code = self._process.wait()
        if late:
            return f"it took longer than {limits.seconds * _PATIENCE:g} s"
        if hasattr(signal, "SIGPROF") and code == -signal.SIGPROF:
            return f"it took more than {limits.seconds:g} s of processor time"
        named = signal.Signals(-code).name if code < 0 else f"code {code}"
        return f"the decoder ended abruptly ({named})"


class _Idle:
    """Processes that wait for a call; each is used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Server] = []

    def take(self) -> _Server:
        with self._lock:
            # A forked child must not talk on its parent's pipes.
            self._waiting = [one for one in self._waiting if one.owner == os.getpid()]
            while self._waiting:
                server = self._waiting.pop()
                if server.is_running:
                    return server
                server.end()
        return _Server()

    def put(self, server: _Server) -> None:
        with self._lock:
            self._waiting.append(server)

    def end(self) -> None:
        with self._lock:
            for server in self._waiting:
                server.end()
            self._waiting.clear()


_IDLE = _Idle()
atexit.register(_IDLE.end)


def _serve() -> None:
    """The life of the process beside: answer until the other end is closed."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for noisy in (1, 2):
        os.dup2(nowhere, noisy)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # The process that asks decides when this one ends.
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _limit(request["seconds"], request["memory_bytes"])
        try:
            function = getattr(importlib.import_module(request["module"]), request["function"])
            found = function(**request["arguments"])
        except MemoryError:
            found = DecodingError(
                f"it needs more than {request['memory_bytes'] / 2**30:.1f} GB of memory"
            )
        except Exception as error:  # noqa: BLE001  (whatever a decoder raises is its answer)
            found = DecodingError(str(error).strip() or type(error).__name__)
        _limit(0, None)
        _answer(answers, found)


def _answer(answers: Any, found: Any) -> None:
    if isinstance(found, np.ndarray):
        found = np.ascontiguousarray(found)
        header: dict[str, Any] = {"shape": found.shape, "dtype": found.dtype.str}
    elif isinstance(found, DecodingError):
        header = {"error": str(found)}
    else:
        header = {"value": found}
    answers.write(json.dumps(header).encode() + b"\n")
    if isinstance(found, np.ndarray) and found.size:
        answers.write(found.reshape(-1).view(np.uint8).data)
    answers.flush()


def _limit(seconds: float, memory_bytes: int | None) -> None:
    """Set the limits of this process, as far as the system has them; 0 seconds: none."""
    try:
        import resource
    except ImportError:
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = resource.RLIM_INFINITY if memory_bytes is None else memory_bytes
    if most != resource.RLIM_INFINITY:
        wanted = most if wanted == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


if __name__ == "__main__":
    _serve()
