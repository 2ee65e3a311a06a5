"""Where a cluster is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deepvein.core.errors import UsageError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Address:
    """processes: of a cluster that is started on this machine for one run; 0 for one that runs already.

    url: of the latter, as Ray takes it: `ray://HOST:PORT` for its client port, `HOST:PORT` on one of its
    machines.
    """

    processes: int = 0
    url: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """`local:N`, `ray://HOST:PORT` or `HOST:PORT`; UsageError for anything else."""
        local = re.fullmatch(r"local:([1-9]\d{0,3})", text)
        if local:
            return cls(processes=int(local[1]))
        if re.fullmatch(r"(ray://)?[\w.-]+:\d{1,5}", text) and not text.startswith("local:"):
            return cls(url=text)
        raise UsageError(
            f"--cluster {text!r} is no cluster; give local:N for N processes of this machine, "
            "ray://HOST:PORT, or HOST:PORT on a machine of the cluster"
        )

    @property
    def is_loopback(self) -> bool:
        """Whether nothing is sent beyond this machine."""
        host = self.url.removeprefix("ray://").rpartition(":")[0]
        return not self.url or host in _LOOPBACK

    def __str__(self) -> str:
        return self.url or f"local:{self.processes}"
