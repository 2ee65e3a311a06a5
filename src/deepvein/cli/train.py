"""`deepvein train`."""

from __future__ import annotations

from deepvein.cli.terminal import Terminal


def train(terminal: Terminal) -> None:
    """To come."""
    raise NotImplementedError
