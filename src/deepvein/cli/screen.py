"""`deepvein screen`."""

from __future__ import annotations

from deepvein.cli.terminal import Terminal


def screen(terminal: Terminal) -> None:
    """To come."""
    raise NotImplementedError
