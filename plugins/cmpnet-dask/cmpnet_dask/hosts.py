"""The workers of a cluster as the client sees them: who may train, and who has room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from cmpnet.events import Capacity

QUICK = 0.1  # seconds: jobs that take less wait for one another on the worker, not for the client


@dataclass
class Host:
    """One worker.

    Attributes:
        address: its address, which a worker that is started again does not keep.
        slots: its number of threads.
        state: whether it prepares, trains, was refused, or has no memory left.
        busy: number of jobs that it has.
    """

    address: str
    slots: int
    state: Literal["entering", "ready", "refused", "paused"] = "entering"
    busy: int = 0


@dataclass
class Hosts:
    """Every worker by its address.

    Attributes:
        limit: number of jobs that the user wants side by side; None is no limit.
        notes: sentences about workers, since they were last shown.
        paused: addresses of those that have had no memory since they joined.
    """

    limit: int | None = None
    notes: list[str] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)
    _every: dict[str, Host] = field(default_factory=dict)
    _seconds: float = 1.0  # that a job takes: a running mean

    def __contains__(self, address: str) -> bool:
        return address in self._every

    @property
    def ready(self) -> list[Host]:
        """Those that train."""
        return [host for host in self._every.values() if host.state == "ready"]

    @property
    def entering(self) -> bool:
        """Whether one of them prepares."""
        return any(host.state == "entering" for host in self._every.values())

    @property
    def slots(self) -> int:
        """The number of jobs that run side by side."""
        offered = sum(host.slots for host in self.ready)
        return offered if self.limit is None else min(offered, self.limit)

    def capacity(self) -> Capacity:
        """What there is, with the notes, which are then forgotten."""
        notes, self.notes = tuple(self.notes), []
        return Capacity(len(self.ready), self.slots, notes)

    def update(self, seen: dict[str, tuple[int, bool]]) -> tuple[list[Host], list[Host]]:
        """Take over what the scheduler says; the workers that are new, and those that have gone.

        Args:
            seen: number of threads of each worker, and whether it is paused.
        """
        gone = [self._every.pop(address) for address in [*self._every] if address not in seen]
        new = []
        self.paused = {a for a, (_, paused) in seen.items() if paused and a not in self._every}
        for address, (threads, paused) in seen.items():
            if address in self.paused:
                continue
            if address not in self._every:
                self._every[address] = Host(address, threads)
                new.append(self._every[address])
            host = self._every[address]
            if host.state in ("ready", "paused"):
                host.state = "paused" if paused else "ready"
        return new, gone

    def took(self, seconds: float) -> None:
        """Note how long a job took, from the client to the worker and back."""
        self._seconds += (seconds - self._seconds) / 8

    def free(self, busy: int) -> Host | None:
        """The worker with most room for a job; None if no job should be given out.

        Quick jobs are given out twice as many as there are slots, so that no slot waits for the
        way of a job from here to there, some 10 ms.

        Args:
            busy: number of jobs that are given out.
        """
        ahead = 2 if self._seconds < QUICK else 1
        if busy >= ahead * self.slots:
            return None
        with_room = (host for host in self.ready if host.busy < ahead * host.slots)
        return min(with_room, key=lambda host: host.busy / host.slots, default=None)

    def forget(self, addresses: Iterable[str]) -> None:
        """Have workers prepare again, as if they were new."""
        for address in addresses:
            self._every.pop(address, None)
