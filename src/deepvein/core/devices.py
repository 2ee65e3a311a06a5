"""Choosing where to compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepvein.core.errors import UsageError

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps")


def resolve_device(name: str = "auto") -> torch.device:
    """The torch device called `name`; `auto` takes cuda, then mps, then cpu.

    Raises UsageError for an unknown name or a device that this machine does not have.
    """
    import torch

    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if name not in available:
        raise UsageError(f"unknown device {name!r} (known: {', '.join(DEVICES)})")
    if not available[name]:
        usable = ", ".join(device for device, there in available.items() if there)
        raise UsageError(f"device {name!r} is not available on this machine; use {usable} or auto")
    return torch.device(name)
