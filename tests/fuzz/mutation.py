"""Damage, drawn from a generator: bytes, lengths, types and tags, numbers in texts, sizes, order, ends."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

Rng = np.random.Generator

_NUMBERS = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_ELEMENT = re.compile(rb"..\x00?.[A-Z]{2}", re.DOTALL)
_ODD_WORDS = (b"nan", b"-1", b"0", b"1e308", b"1e12", b"99999999999", b"", b"abc", b"1e-30", b"inf")
_ODD_INTEGERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_KINDS = (b"DS", b"IS", b"SQ", b"UN", b"OB", b"OW", b"US", b"SS", b"FD", b"LO", b"UI", b"AT", b"ZZ")


def mutate(data: bytes, rng: Rng) -> bytes:
    """`data` with one to four kinds of damage; it may come back empty."""
    out = data
    for _ in range(int(rng.choice([1, 1, 1, 2, 4]))):
        way = _WAYS[int(rng.integers(len(_WAYS)))]
        out = way(out, rng) if out else out
    return out


def _flip_bits(data: bytes, rng: Rng) -> bytes:
    out = bytearray(data)
    for place in rng.integers(len(out), size=int(rng.integers(1, 9))):
        out[place] ^= 1 << int(rng.integers(8))
    return bytes(out)


def _overwrite(data: bytes, rng: Rng) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + rng.bytes(stop - start) + data[stop:]


def _blank(data: bytes, rng: Rng) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + bytes([int(rng.choice([0, 255]))]) * (stop - start) + data[stop:]


def _delete(data: bytes, rng: Rng) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + data[stop:]


def _double(data: bytes, rng: Rng) -> bytes:
    start, stop = _span(data, rng)
    return data[:stop] + data[start:]


def _truncate(data: bytes, rng: Rng) -> bytes:
    return data[: int(rng.integers(len(data)))]


def _swap(data: bytes, rng: Rng) -> bytes:
    a, b = sorted(int(place) for place in rng.integers(len(data), size=2))
    size = min(int(rng.integers(1, 65)), b - a, len(data) - b)
    return (
        data[:a] + data[b : b + size] + data[a + size : b] + data[a : a + size] + data[b + size :]
    )


def _integer(data: bytes, rng: Rng) -> bytes:
    size = int(rng.choice([1, 2, 4]))
    place = int(rng.integers(max(1, len(data) - size)))
    value = int(rng.choice(_ODD_INTEGERS)) & ((1 << 8 * size) - 1)
    return data[:place] + value.to_bytes(size, "little") + data[place + size :]


def _number(data: bytes, rng: Rng) -> bytes:
    """A number of a text, often of a header's first lines, becomes an odd one."""
    found = list(_NUMBERS.finditer(data[:8192]))
    if not found:
        return data
    one = found[int(rng.integers(len(found)))]
    word = _ODD_WORDS[int(rng.integers(len(_ODD_WORDS)))]
    if rng.random() < 0.5:
        # Formats of fixed lengths break elsewhere if a value grows.
        word = word[: one.end() - one.start()].ljust(one.end() - one.start())
    return data[: one.start()] + word + data[one.end() :]


def _element(data: bytes, rng: Rng) -> bytes:
    """The tag, type or length of a DICOM element changes."""
    found = [one.start() for one in _ELEMENT.finditer(data[:8192])]
    if not found:
        return data
    start = found[int(rng.integers(len(found)))]
    out = bytearray(data)
    part = int(rng.integers(3))
    if part == 0:
        out[start : start + 4] = rng.bytes(4)
    elif part == 1:
        out[start + 4 : start + 6] = _KINDS[int(rng.integers(len(_KINDS)))]
    else:
        out[start + 6 : start + 8] = int(rng.choice(_ODD_INTEGERS) & 0xFFFF).to_bytes(2, "little")
    return bytes(out[: len(data)])


def _span(data: bytes, rng: Rng) -> tuple[int, int]:
    """A piece of up to 64 bytes, or of up to a quarter of all; headers are hit as often as the rest."""
    within = len(data) if rng.random() < 0.5 else min(len(data), 1024)
    start = int(rng.integers(within))
    most = 64 if rng.random() < 0.8 else max(2, len(data) // 4)
    return start, min(len(data), start + int(rng.integers(1, most + 1)))


_WAYS: tuple[Callable[[bytes, Rng], bytes], ...] = (
    _flip_bits,
    _overwrite,
    _blank,
    _delete,
    _double,
    _truncate,
    _swap,
    _integer,
    _number,
    _number,
    _element,
    _element,
)
