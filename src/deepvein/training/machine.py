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

    processes: on each of `nodes` machines; they are started here unless `torchrun` has, whose numbers
    then count and not these. Without torchrun, several machines find each other by MASTER_ADDR,
    MASTER_PORT and NODE_RANK in the environment.
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
        if not started_outside():
            return self.processes, self.nodes
        here, everywhere = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["WORLD_SIZE"])
        return here, everywhere // here

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
    """True in a process that torchrun has started."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def _fabric_class() -> type[Fabric]:
    try:
        from lightning_fabric import Fabric
    except ImportError:  # the same engine as a part of the large package
        from lightning.fabric import Fabric
    fabric: type[Fabric] = Fabric
    return fabric
