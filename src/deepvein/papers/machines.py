"""How to train on the machine at hand."""

from __future__ import annotations

import os

from deepvein.training.machine import Machine


def fitting(device: str = "auto") -> tuple[Machine, int]:
    """The machine for a device, and how many trainings it does at a time.

    On a CPU one for each core, in bfloat16 where the processor multiplies it itself; elsewhere one.
    """
    import torch

    cuda = torch.cuda.is_available() and device in ("auto", "cuda")
    if cuda or device == "mps" or (device == "auto" and torch.backends.mps.is_available()):
        return Machine(device=device), 1
    half = any(
        getattr(torch.cpu, name, lambda: False)()
        for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    machine = Machine(device="cpu", precision="bf16-mixed" if half else "32-true")
    return machine, os.cpu_count() or 1
