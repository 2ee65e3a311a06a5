"""`deepvein models`."""

from __future__ import annotations

from deepvein.cli.terminal import Terminal


def models(terminal: Terminal) -> None:
    """To come."""
    raise NotImplementedError
