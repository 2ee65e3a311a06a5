"""Many damaged inputs, each read in a guarded process with limits on time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deepvein.studies.guard import DecodingError, Limits, guarded
from fuzz.reading import read_one
from fuzz.seeds import SEEDS

LIMITS = Limits(seconds=20.0, memory_bytes=3 * 2**30)
"""More is a failure, whatever comes out at the end."""


@dataclass(frozen=True)
class Failure:
    """kind, seed and number make the input again."""

    kind: str
    seed: int
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.kind}, --seed {self.seed}, input {self.number}:\n{self.text}"


def failures(
    count: int, seed: int = 0, start: int = 0, kinds: tuple[str, ...] = tuple(SEEDS), keep: str = ""
) -> Iterator[Failure | None]:
    """The failure, or None, of each of `count` inputs, the formats in turn."""
    for number in range(start, start + count):
        kind = kinds[number % len(kinds)]
        try:
            text = guarded(read_one, LIMITS, kind=kind, seed=seed, number=number, keep=keep)
        except DecodingError as error:
            text = str(error)
        yield Failure(kind, seed, number, text) if text else None
