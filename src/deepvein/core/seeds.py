"""Independent random streams from one seed, each under a name; no global state."""

from __future__ import annotations

import hashlib

import numpy as np

from deepvein.core.errors import SettingsError


def derive(seed: int, *names: str | int) -> int:
    """A 64-bit seed for the stream called `names`, the same on every machine."""
    if seed < 0:
        raise SettingsError(f"a seed is 0 or larger, got {seed}")
    text = "/".join([str(seed), *(str(name) for name in names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A generator for the stream called `names`: streams of other names do not disturb it."""
    return np.random.Generator(np.random.PCG64(derive(seed, *names)))
