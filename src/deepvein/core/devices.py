"""Where to compute, and how exactly: one rule for the names of devices and for precision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deepvein.core.errors import UsageError

if TYPE_CHECKING:
    import torch

Precision = Literal["auto", "32-true", "bf16-mixed", "16-mixed"]
"""auto is bf16-mixed on graphics processors that have it and 32-true elsewhere."""

KNOWN = "auto, cpu, cuda, cuda:N, mps"
_NAME = re.compile(r"auto|cpu|cuda(:\d+)?|mps")


def resolve_device(name: str = "auto") -> torch.device:
    """The torch device called `name`: cpu, cuda, cuda:0, cuda:1 …, mps or auto.

    `auto` takes cuda, then mps, then cpu. Raises UsageError for an unknown name, and for a device that this
    machine does not have, with those that it has.
    """
    import torch

    check_device(name)
    return torch.device(_there()[0] if name == "auto" else name)


def check_device(name: str) -> None:
    """Raise UsageError as `resolve_device` does; torch is loaded only if a name needs it."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"unknown device {name!r} (known: {KNOWN})")
    if name not in ("auto", "cpu") and name not in (there := _there()):
        raise UsageError(
            f"device {name!r} is not available on this machine; use {', '.join(there)} or auto"
        )


def has_bf16(device: torch.device) -> bool:
    """Whether the processor itself multiplies in bfloat16, so that it is the faster precision."""
    import torch

    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported") if device.type == "cpu" else ()
    return any(getattr(torch.cpu, name, lambda: False)() for name in names)


def sound_precision(precision: Precision, device: torch.device, spatial: bool) -> Precision:
    """The precision in which a network learns rightly, `auto` and what is too coarse replaced.

    spatial: whether it has 3D convolutions, whose gradients in bfloat16 come out wrong on a CPU (torch
    2.13, oneDNN); it is trained in 32-true there.
    """
    if precision == "auto":
        return "bf16-mixed" if device.type == "cuda" and has_bf16(device) else "32-true"
    return "32-true" if spatial and device.type == "cpu" else precision


def _there() -> tuple[str, ...]:
    """The names of all devices of this machine, the fastest first."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    cuda = ("cuda", *(f"cuda:{index}" for index in range(count))) if count else ()
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return (*cuda, *mps, "cpu")
