"""What a training runs on; nothing of it is meant to change the result."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from deepvein.core.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class Machine:
    """device: auto, cpu, cuda, cuda:N or mps; auto takes the fastest that is there.

    processes: on each of `nodes` machines; they are started here unless `torchrun` has, whose numbers
    then count and not these. Without torchrun, several machines find each other by MASTER_ADDR,
    MASTER_PORT and NODE_RANK in the environment.
    precision: auto is bf16-mixed on graphics processors that have it and 32-true elsewhere.
    workers: threads that prepare batches ahead; None for none on the CPU and up to four beside a
    graphics processor.
    """

    device: str = "auto"
    processes: int = 1
    nodes: int = 1
    precision: Literal["auto", "32-true", "bf16-mixed", "16-mixed"] = "auto"
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.processes < 1 or self.nodes < 1:
            raise SettingsError(
                f"processes and nodes must be 1 or larger, got {self.processes} and {self.nodes}"
            )
        if self.workers is not None and self.workers < 0:
            raise SettingsError(f"workers must be 0 or larger, got {self.workers}")

    def fabric(self) -> Fabric:
        """The engine that runs it. Raises UsageError if the device is not there."""
        import torch

        fabric_class = _fabric_class()
        kind, _, index = self._resolve().partition(":")
        precision = self.precision
        if precision == "auto":
            bf16 = kind == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
            precision = "bf16-mixed" if bf16 else "32-true"
        processes, nodes = self.group
        strategy = "ddp" if started_outside() else "ddp_spawn" if processes * nodes > 1 else "auto"
        devices: Any = [int(index)] if index else processes
        fabric: Fabric = fabric_class(
            accelerator=kind,
            devices=devices,
            num_nodes=nodes,
            strategy=strategy,
            precision=precision,
        )
        return fabric

    @property
    def group(self) -> tuple[int, int]:
        """Processes on each machine, and machines."""
        if not started_outside():
            return self.processes, self.nodes
        here, everywhere = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["WORLD_SIZE"])
        return here, everywhere // here

    @property
    def preparing_threads(self) -> int:
        """The number of threads that prepare batches ahead."""
        if self.workers is not None:
            return self.workers
        if not self._resolve().startswith("cuda"):
            return 0
        return max(0, min(4, (os.cpu_count() or 1) // self.group[0] - 1))

    @property
    def preparing_device(self) -> str:
        """Where examples are prepared: on the graphics processor if there is one that can, else the CPU."""
        return "cuda" if self._resolve().startswith("cuda") else "cpu"

    def _resolve(self) -> str:
        import torch

        there = {
            "cuda": torch.cuda.is_available(),
            "mps": torch.backends.mps.is_available(),
            "cpu": True,
        }
        name = next(one for one, is_there in there.items() if is_there)
        name = name if self.device == "auto" else self.device
        kind, colon, index = name.partition(":")
        if kind not in there or (colon and (kind != "cuda" or not index.isdigit())):
            raise UsageError(
                f"unknown device {self.device!r} (known: auto, cpu, cuda, cuda:N, mps)"
            )
        if not there[kind]:
            usable = ", ".join(one for one, is_there in there.items() if is_there)
            raise UsageError(
                f"device {name!r} is not available on this machine; use {usable} or auto"
            )
        return name


def started_outside() -> bool:
    """True in a process that torchrun has started."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def _fabric_class() -> type[Fabric]:
    try:
        from lightning_fabric import Fabric
    except ImportError:  # the same engine as a part of the large package
        from lightning.fabric import Fabric
    fabric: type[Fabric] = Fabric
    return fabric
