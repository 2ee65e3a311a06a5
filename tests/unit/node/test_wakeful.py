from __future__ import annotations

import queue
import socket
from types import SimpleNamespace

import pytest

from deepvein.node.wakeful import _limit_silence, _Socket, make_wakeful


@pytest.fixture
def made():
    """An association that has not begun, and the other end of its connection."""
    ours, theirs = socket.socketpair()

    class Inner:
        socket = ours
        looks = 0

        @property
        def ready(self) -> bool:
            Inner.looks += 1
            return True

        def send(self, data: bytes) -> None:
            self.socket.sendall(data)

    class Idle:
        restarts = 0

        def restart(self) -> None:
            Idle.restarts += 1

    association = SimpleNamespace(
        network_timeout=60.0,
        run=lambda: None,
        dul=SimpleNamespace(socket=Inner(), _run_loop_delay=0.001, _idle_timer=Idle()),
        dimse=SimpleNamespace(msg_queue=queue.Queue()),
    )
    make_wakeful(association)
    yield association, theirs
    ours.close()
    theirs.close()


def test_all_else_is_as_it_was(made):
    association, theirs = made
    association.dul.socket.send(b"answer")
    assert theirs.recv(6) == b"answer"
    assert association.dul.socket.ready
    association.dul.socket._inner.socket = None
    assert not association.dul.socket.ready


def test_as_many_bytes_as_were_asked_for_or_what_came_before_the_end(made):
    association, theirs = made
    sent = bytes(range(256)) * 2
    theirs.sendall(sent)
    theirs.shutdown(socket.SHUT_WR)
    assert association.dul.socket.recv(500) == sent[:500]
    assert association.dul._idle_timer.restarts == 1
    assert association.dul.socket.recv(500) == sent[500:]


def test_a_connection_that_another_thread_closes_is_for_the_inner_socket_to_judge(made):
    association, _ = made
    association.dul.socket.socket.close()
    assert association.dul.socket.ready


def test_a_connection_that_is_gone_has_ended(made):
    association, _ = made
    association.dul.socket._inner.socket = None
    assert association.dul.socket.recv(6) == b""
    with pytest.raises(EOFError):
        association.dul.socket.discard()


def test_what_comes_for_nobody_is_forgotten(made):
    association, theirs = made
    theirs.sendall(b"GET / HTTP/1.1\r\n")
    association.dul.socket.unread(b"read already")
    association.dul.socket.discard()
    association.dul.socket.discard()
    theirs.close()
    with pytest.raises(EOFError):
        association.dul.socket.discard()


def test_who_asks_for_a_message_in_vain_is_told(made):
    messages = made[0].dimse.msg_queue
    with pytest.raises(queue.Empty):
        messages.get(block=False)
    messages.put("message")
    assert messages.queue[0] == "message"
    assert messages.get(block=False) == "message"


def test_bytes_that_were_given_back_come_first(made):
    association, theirs = made
    connection = association.dul.socket
    theirs.sendall(b"efgh")
    connection.unread(b"cd")
    connection.unread(b"ab")
    connection._inner.looks = 0
    assert connection.ready
    assert connection.recv(3) == b"abc"
    assert connection.recv(5) == b"defgh"


class Line:
    """A connection over which `came` bytes come in each of the system's waits, of `wait_s` each."""

    def __init__(self, came: list[int], wait_s: float) -> None:
        self.came, self.wait_s, self.time_s = came, wait_s, 0.0
        self.socket = self

    def recv_into(self, buffer: memoryview, count: int, *options: int) -> int:
        del count, options
        self.time_s += self.wait_s
        came = min(self.came.pop(0), len(buffer))
        if not came:
            raise BlockingIOError("Resource temporarily unavailable")
        return came

    def setsockopt(self, *_: int) -> None: ...


def slow(line: Line, alive: list[float]) -> _Socket:
    return _Socket(line, 60.0, lambda: alive.append(line.time_s), lambda: line.time_s)


def test_bytes_within_a_pdu_are_a_sign_of_life():
    line, alive = Line([0, 0, 40_000] * 5, 15.0), list[float]()
    assert len(slow(line, alive).recv(200_000)) == 200_000
    assert line.time_s > 3 * 60.0
    assert alive == [45.0, 90.0, 135.0, 180.0, 225.0]


def test_who_falls_silent_in_the_middle_of_a_piece_is_given_up():
    line = Line([5] + [0] * 100, 15.0)
    with pytest.raises(OSError, match="fell silent"):
        slow(line, []).recv(8)
    assert line.time_s == 75.0


def test_who_lets_a_pdu_drip_is_given_up():
    line = Line([1] * 10_000, 15.0)
    with pytest.raises(OSError, match="a PDU of 20000 bytes comes too slowly"):
        slow(line, []).recv(20_000)
    assert line.time_s == 90.0


def test_the_system_tells_a_few_times_that_nothing_came(made):
    association, theirs = made
    _limit_silence(association.dul.socket.socket, 0.05)
    association.dul.socket._silence_s = 0.05
    theirs.sendall(b"half")
    with pytest.raises(TimeoutError):
        association.dul.socket.recv(8)


def test_who_takes_no_answers_is_given_up(made):
    association, _ = made
    _limit_silence(association.dul.socket.socket, 0.05)
    with pytest.raises(OSError, match="unavailable"):
        association.dul.socket.socket.sendall(bytes(2**26))
