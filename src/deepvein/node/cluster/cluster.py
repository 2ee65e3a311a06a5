"""The processes of a Ray cluster as an `Executor`: one a graphics processor, or several a machine without."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from deepvein.core.errors import UsageError, WorkerError
from deepvein.core.executor import Place, ProcessLostError
from deepvein.node.cluster.versions import Versions
from deepvein.node.cluster.worker import Machine, Worker

logger = logging.getLogger(__name__)

_GLANCE_S = 2.0
"""How often the cluster is asked which machines it has."""

_PATIENCE_S = 120.0
"""How long a cluster may have no worker before the work is given up."""

_STARTS = 3
"""A machine whose workers end so often before they are ready is left out."""


@dataclass
class _Slot:
    """A worker and its machine; ready once it has told its versions, busy while it has an item."""

    actor: Any
    node: str
    ready: bool = False
    busy: bool = False


class Cluster:
    """An `Executor` on the machines that `machines` tells, those that join later included.

    Parameters
    ----------
    machines
        The machines that are there now; asked again and again.
    patience_s
        How long to wait while there is none.
    """

    def __init__(
        self, machines: Callable[[], Sequence[Machine]], patience_s: float = _PATIENCE_S
    ) -> None:
        self._ask = machines
        self._patience_s = patience_s
        self._machines: dict[str, Machine] = {}
        self._slots: list[_Slot] = []
        self._starting: dict[Any, _Slot] = {}
        self._running: dict[Any, _Slot] = {}
        self._failures: dict[str, int] = {}
        self._versions = Versions.here()
        self._asked = 0.0
        self._last_seen = time.monotonic()

    def places(self) -> Sequence[Place]:
        """Machines with their workers that are ready, 0 where they are about to be."""
        if not self._asked:
            self._look()
        counts: dict[str, int] = {}
        for slot in self._slots:
            counts[slot.node] = counts.get(slot.node, 0) + slot.ready
        return [
            Place(node, ready, self._machines[node].room)
            for node, ready in counts.items()
            if node in self._machines
        ]

    def begin(self, place: str, work: Callable[[Any], Any], item: Any) -> Any:
        """Give an item to an idle worker of a machine."""
        slot = next(one for one in self._slots if one.node == place and one.ready and not one.busy)
        future = slot.actor.do.remote(work, item)
        slot.busy = True
        self._running[future] = slot
        return future

    def first_ended(self, running: Collection[Any]) -> Collection[Any]:
        import ray

        while True:
            waited = [*running, *self._starting]
            ended: list[Any] = []
            if waited:
                ended, _ = ray.wait(waited, num_returns=1, timeout=_GLANCE_S)
            else:
                time.sleep(_GLANCE_S / 4)
            started = [one for one in ended if one in self._starting]
            for one in started:
                self._admit(one)
            if time.monotonic() > self._asked + _GLANCE_S:
                self._look()
            done = [one for one in ended if one in self._running]
            if done or started:
                return done
            self._require_somebody()

    def result(self, ended: Any) -> Any:
        import ray
        from ray import cloudpickle, exceptions

        slot = self._running.pop(ended)
        slot.busy = False
        try:
            return cloudpickle.loads(ray.get(ended))
        except exceptions.RayTaskError as error:
            raise (error.cause if isinstance(error.cause, Exception) else error) from None
        except (
            exceptions.RayActorError,
            exceptions.ObjectLostError,
            exceptions.OutOfMemoryError,
            exceptions.NodeDiedError,
        ) as error:
            raise ProcessLostError(self._replaced(slot, error)) from error

    def give_up(self, running: Collection[Any]) -> None:
        """End the workers that are busy; the others stay, with their models, for what may follow."""
        for future in running:
            slot = self._running.pop(future, None)
            if slot is not None:
                self._end(slot)
        self._asked = 0.0

    def _look(self) -> None:
        """Ask which machines there are: give the new ones workers, and forget those that are gone."""
        self._asked = time.monotonic()
        self._machines = {one.node: one for one in self._ask()}
        self._slots = [one for one in self._slots if one.node in self._machines or one.busy]
        for future, slot in list(self._starting.items()):
            if slot.node not in self._machines:
                del self._starting[future]
        for machine in self._machines.values():
            have = sum(slot.node == machine.node for slot in self._slots)
            if self._failures.get(machine.node, 0) < _STARTS:
                for _ in range(machine.workers - have):
                    self._start(machine)

    def _start(self, machine: Machine) -> None:
        """Begin to start a worker on a machine."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        kind = ray.remote(
            num_cpus=machine.threads,  # Ray tells the numerical libraries so many threads, too
            num_gpus=1 if machine.graphics else 0,
            max_restarts=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(machine.node, soft=False),
        )(Worker)
        try:
            slot = _Slot(kind.remote(), machine.node)
        except (
            ModuleNotFoundError
        ) as error:  # by Ray's client port its server knows the worker, too
            raise self._lacking("the head") from error
        self._slots.append(slot)
        self._starting[slot.actor.versions.remote()] = slot

    def _admit(self, started: Any) -> None:
        """A worker is ready, if it has the right versions; or it has failed to start."""
        import ray
        from ray import exceptions

        slot = self._starting.pop(started)
        machine = self._machines.get(slot.node)
        name = slot.node if machine is None else machine.name
        try:
            there: Versions = ray.get(started)
        except exceptions.RayError as error:
            self._slots.remove(slot)
            if "No module named" in str(error):
                raise self._lacking(f"machine {name}") from error
            failures = self._failures[slot.node] = self._failures.get(slot.node, 0) + 1
            logger.warning("a worker on %s ended before it was ready", name)
            if failures == _STARTS:
                logger.warning("%s gets no more work: its workers do not start", name)
            return
        self._versions.require(there, name)
        slot.ready = True

    def _lacking(self, who: str) -> UsageError:
        return UsageError(
            f"{who} of the cluster lacks deepvein or what it needs: install 'deepvein[cluster]' "
            f"{self._versions.deepvein} on all machines"
        )

    def _replaced(self, slot: _Slot, error: Exception) -> str:
        """Put another worker in a lost one's place, if its machine is there still; tells how it was lost."""
        name = self._machines[slot.node].name if slot.node in self._machines else slot.node
        self._end(slot)
        self._look()
        there = slot.node in self._machines
        logger.warning("a worker on %s was lost: %s", name, str(error).partition("\n")[0])
        return f"on {name}" if there else f"with the machine {name}"

    def _end(self, slot: _Slot) -> None:
        """End a worker, and with it what it does."""
        import ray

        self._slots.remove(slot)
        ray.kill(slot.actor)

    def _require_somebody(self) -> None:
        if self._slots:
            self._last_seen = time.monotonic()
        elif time.monotonic() > self._last_seen + self._patience_s:
            raise WorkerError(
                f"the cluster has had no machine to work on for {self._patience_s:.0f} s; what is done is "
                "kept, start machines and go on with --resume"
            )
