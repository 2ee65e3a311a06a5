"""What must be the same on all machines of a cluster."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass

from deepvein.core.errors import UsageError


@dataclass(frozen=True)
class Versions:
    """Of one machine; python is major and minor alone."""

    deepvein: str
    python: str
    torch: str
    ray: str

    @classmethod
    def here(cls) -> Versions:
        """Of this process, without loading what it names."""
        from importlib.metadata import version

        from deepvein._version import __version__

        python = ".".join(platform.python_version_tuple()[:2])
        return cls(__version__, python, version("torch"), version("ray"))

    def require(self, other: Versions, machine: str) -> None:
        """UsageError if another machine has other versions than these."""
        there = asdict(other)
        wrong = [
            f"{name} {there[name]} in place of {version}"
            for name, version in asdict(self).items()
            if there[name] != version
        ]
        if wrong:
            raise UsageError(
                f"machine {machine} of the cluster has {', '.join(wrong)}; install the same on all machines"
            )
