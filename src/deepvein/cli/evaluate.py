"""`deepvein evaluate`."""

from __future__ import annotations

from deepvein.cli.terminal import Terminal


def evaluate(terminal: Terminal) -> None:
    """To come."""
    raise NotImplementedError
