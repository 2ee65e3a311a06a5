"""What the values of a node's settings may be: what can never work is told at its start, not at night.

Fields are told apart by their names, which mean the same in all settings.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from deepvein.core.errors import SettingsError
from deepvein.node.receiver import ReceiverSettings
from deepvein.node.rules import Rule
from deepvein.node.settings import NodeSettings, WebSettings

_FILES = ("_certificate", "_key", "_ca", "_file")
"""How the names of fields end that name a file to read."""

_LONGEST_TITLE, _LONGEST_NAME, _MOST_DAYS = 16, 64, 3650


def check(settings: NodeSettings) -> None:
    """Raise SettingsError with every value that cannot work, where it stands and what would work."""
    wrong = [*_wrong(settings, ""), *_folders(settings), *_twice(settings), *_plain(settings)]
    if wrong:
        raise SettingsError("; ".join(wrong))


def check_files(settings: NodeSettings) -> None:
    """Raise SettingsError with every certificate, key and secret that cannot be read.

    For who works with them: other commands may be run by people who must not read them.
    """
    wrong = list(_unreadable(settings, ""))
    if wrong:
        raise SettingsError(
            f"{'; '.join(wrong)}: put the files there, and let the node's user read them"
        )


def _unreadable(settings: Any, place: str) -> Iterator[str]:
    for field in dataclasses.fields(settings):
        value, where = getattr(settings, field.name), f"{place}{field.name}"
        for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
            if dataclasses.is_dataclass(one):
                inner = f"{where}[{number}]." if isinstance(value, tuple) else f"{where}."
                yield from _unreadable(one, inner)
        if isinstance(value, Path) and f"_{field.name}".endswith(_FILES):
            try:
                with value.open("rb"):
                    pass
            except OSError as error:
                yield f"{where} {value} cannot be read ({error.strerror or error})"


def _wrong(settings: Any, place: str) -> Iterator[str]:
    for field in dataclasses.fields(settings):
        value, where = getattr(settings, field.name), f"{place}{field.name}"
        for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
            if dataclasses.is_dataclass(one) and not isinstance(one, Rule):
                inner = f"{where}[{number}]." if isinstance(value, tuple) else f"{where}."
                yield from _wrong(one, inner)
        bounds = [_BOUNDS[one] for one in _BOUNDS if f"_{field.name}".endswith(f"_{one}")]
        for fits, wanted in bounds[:1]:
            if not fits(value):
                yield f"{where} is {value!r}: expected {wanted}"


def _folders(settings: NodeSettings) -> Iterator[str]:
    watched, own = settings.watch.folder, settings.folder.resolve()
    if watched is not None:
        watched = watched.resolve()
        if own.is_relative_to(watched) or watched.is_relative_to(own):
            yield (
                f"watch.folder {watched} and the node's folder {own} lie in each other, and what lies in the "
                "first is taken out: give another one"
            )


def _twice(settings: NodeSettings) -> Iterator[str]:
    names = [one.name for one in settings.pull.dicom]
    names += [one.name for one in settings.pull.dicomweb]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"several archives of [pull] are called {', '.join(twice)}"


def _plain(settings: NodeSettings) -> Iterator[str]:
    """What shall be encrypted, as its files say, and would not be."""
    doors: dict[str, ReceiverSettings | WebSettings] = {
        "receiver": settings.receiver,
        "web": settings.web,
    }
    for place, door in doors.items():
        lone = [one for one in ("key", "ca") if getattr(door, one, None) is not None]
        if door.certificate is None and lone:
            yield f"{place}.{lone[0]} stands without {place}.certificate, without which nothing is encrypted"
    for number, peer in enumerate(settings.destinations.dicom):
        if not peer.tls and (peer.ca, peer.certificate, peer.key) != (None, None, None):
            place = f"destinations.dicom[{number}]"
            yield f"{place} has certificates, but is not encrypted: add tls = true, or take them out"


def _are_networks(values: tuple[str, ...]) -> bool:
    """Whether these are addresses or networks; names could be anybody's."""
    try:
        return all(ip_network(one) is not None for one in values)
    except ValueError:
        return False


def _is_title(value: str) -> bool:
    plain = value.isascii() and value.isprintable() and "\\" not in value
    return plain and value.strip() != "" and len(value) <= _LONGEST_TITLE


_TITLE = (_is_title, f"an AE title, 1 to {_LONGEST_TITLE} letters, digits and the like")
_AT_LEAST_ONE = (lambda value: value >= 1, "1 or more")

_BOUNDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "port": (lambda value: 0 <= value <= 65_535, "a port, up to 65535"),
    "ae_title": _TITLE,
    "calling_ae": _TITLE,
    "move_to": _TITLE,
    "name": (
        lambda value: 0 < len(value) <= _LONGEST_NAME and value.isprintable(),
        f"1 to {_LONGEST_NAME} letters",
    ),
    "url": (
        lambda value: re.match("https?://[^/:]", value) is not None,
        "an address that begins with http:// or https://",
    ),
    "address": (
        lambda value: value == "" or _are_networks((value,)),
        "an address or a network, such as 10.1.2.3 or 10.1.2.0/24, or none for any",
    ),
    "proxies": (_are_networks, "addresses or networks of proxies, such as 10.1.2.3 or 10.1.2.0/24"),
    "quiet_hours": (
        lambda value: all(0 <= hour <= 24 for hour in value),
        "hours from 0 to 24",
    ),
    "days": (lambda value: 0 <= value <= _MOST_DAYS, f"up to {_MOST_DAYS} days"),
    "attempts": _AT_LEAST_ONE,
    "associations": _AT_LEAST_ONE,
    "processes": _AT_LEAST_ONE,
    "limit_s": (lambda value: value > 0, "seconds, more than 0"),
    "timeout_s": (lambda value: 0 < value < math.inf, "seconds, more than 0"),
    "silence_s": (lambda value: 0 < value < math.inf, "seconds, more than 0"),
    "lease_s": (lambda value: 1 <= value < math.inf, "1 second or more"),
    "s": (lambda value: 0 <= value < math.inf, "seconds, 0 or more"),
    "device": (
        lambda value: re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", value) is not None,
        "auto, cpu, or cuda, cuda:1 and so on",
    ),
    "hours": (lambda value: 0 < value < math.inf, "hours, more than 0"),
}
"""For the ending of a field's name; of several the first counts."""
