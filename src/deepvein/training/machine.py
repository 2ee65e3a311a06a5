"""What a training runs on; nothing of it is meant to change the result."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deepvein.core.devices import Precision, has_bf16, resolve_device, sound_precision
from deepvein.core.errors import SettingsError
from deepvein.core.workers import cores

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class Machine:
    """device: as `core.devices.resolve_device` takes it.

    processes: on each of `nodes` machines; they are started here unless `torchrun` or SLURM's `srun` has,
    whose numbers then count and not these. Several machines need one of the two to find each other.
    precision: see `core.devices.Precision`.
    workers: threads that prepare batches ahead; None for none on the CPU and up to four beside a
    graphics processor.
    """

    device: str = "auto"
    processes: int = 1
    nodes: int = 1
    precision: Precision = "auto"
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
        fabric_class = _fabric_class()
        place = resolve_device(self.device)
        processes, nodes = self.group
        strategy = "ddp" if started_outside() else "ddp_spawn" if processes * nodes > 1 else "auto"
        devices: Any = processes if place.index is None else [place.index]
        fabric: Fabric = fabric_class(
            accelerator=place.type,
            devices=devices,
            num_nodes=nodes,
            strategy=strategy,
            precision=sound_precision(self.precision, place, spatial=False),
        )
        return fabric

    @property
    def group(self) -> tuple[int, int]:
        """Processes on each machine, and machines."""
        if started_by_torchrun():
            here, everywhere = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["WORLD_SIZE"])
            return here, everywhere // here
        if started_by_srun():
            everywhere, nodes = int(os.environ["SLURM_NTASKS"]), int(os.environ["SLURM_NNODES"])
            return everywhere // nodes, nodes
        return self.processes, self.nodes

    @property
    def is_first(self) -> bool:
        """Whether this process is the one of all that speaks and writes the model."""
        rank = "RANK" if started_by_torchrun() else "SLURM_PROCID" if started_by_srun() else ""
        return not rank or os.environ[rank] == "0"

    @property
    def preparing_threads(self) -> int:
        """The number of threads that prepare batches ahead."""
        if self.workers is not None:
            return self.workers
        if resolve_device(self.device).type != "cuda":
            return 0
        return max(0, min(4, cores() // self.group[0] - 1))

    @property
    def preparing_device(self) -> str:
        """Where examples are prepared: on the graphics processor if there is one that can, else the CPU."""
        place = resolve_device(self.device)
        return str(place) if place.type == "cuda" else "cpu"

    def sound_for(self, spatial: bool) -> Machine:
        """The machine at the precision in which a network, perhaps a spatial one, learns rightly
        (`core.devices.sound_precision`)."""
        place = resolve_device(self.device)
        return replace(self, precision=sound_precision(self.precision, place, spatial))


def side_by_side(device: str = "auto") -> tuple[Machine, int]:
    """The machine for many trainings on a device, and how many it does at a time.

    On a CPU one for each core, in bfloat16 where the processor has it; elsewhere one.
    """
    place = resolve_device(device)
    if place.type != "cpu":
        return Machine(device=device), 1
    return Machine(device="cpu", precision="bf16-mixed" if has_bf16(place) else "32-true"), cores()


def started_outside() -> bool:
    """True in a process that torchrun or srun has started beside others."""
    return started_by_torchrun() or started_by_srun()


def started_by_torchrun() -> bool:
    """True in a process of torchrun's."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def started_by_srun() -> bool:
    """True in a process of a step of several tasks that SLURM's srun has started."""
    return "SLURM_STEP_ID" in os.environ and int(os.environ.get("SLURM_NTASKS", "1")) > 1


def _fabric_class() -> type[Fabric]:
    try:
        from lightning_fabric import Fabric
    except ImportError:  # the same engine as a part of the large package
        from lightning.fabric import Fabric
    fabric: type[Fabric] = Fabric
    return fabric
