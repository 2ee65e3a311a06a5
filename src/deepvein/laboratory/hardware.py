"""How to train on the machine at hand."""

from __future__ import annotations

import os
from dataclasses import replace

from deepvein.training.machine import Machine
from deepvein.training.recipe import Recipe


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


def sound(machine: Machine, recipe: Recipe) -> Machine:
    """The machine, in single precision where a 3D network would be trained on a CPU in bfloat16."""
    spatial = recipe.examples.kind in ("chunks", "territories")
    return replace(machine, precision="32-true") if spatial and machine.device == "cpu" else machine
