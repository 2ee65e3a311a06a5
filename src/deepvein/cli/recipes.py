"""`deepvein recipes`."""

from __future__ import annotations

from deepvein.cli.terminal import Terminal


def recipes(terminal: Terminal) -> None:
    """To come."""
    raise NotImplementedError
