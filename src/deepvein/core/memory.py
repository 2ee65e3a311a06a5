"""How much memory this process and its children may still take."""

from __future__ import annotations

from math import inf
from pathlib import Path

_MEMORY = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def available_bytes(memory: Path = _MEMORY, group: Path = _GROUP) -> float:
    """What the machine has left, and the container if it has a limit; infinite where the system does not tell.

    memory: what Linux says of the machine. group: the files of the control group (version 2).
    """
    free = inf
    try:
        for line in memory.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free = float(line.split()[1]) * 1024
        free = min(free, _number(group / "memory.max") - _number(group / "memory.current"))
    except (OSError, ValueError, IndexError):  # another system, or no limit
        return free
    return max(free, 0.0)


def _number(path: Path) -> float:
    """The number in a file of a control group, which says "max" where there is no limit."""
    text = path.read_text().strip()
    return inf if text == "max" else float(text)
