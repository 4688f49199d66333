"""Whether registered names keep their promises, each distribution in a process of its own.

An import that never ends, ``os._exit`` or a KeyboardInterrupt is a broken promise like any other:
the process ends, and the next one goes on with the next name.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from cmpnet import errors, judging, suites
from cmpnet.arms import Shared, learner_of, resolve
from cmpnet.contract import SEEDS, Promises, executors, metrics, networks, recipes, tasks
from cmpnet.errors import CmpnetError, NoDataError
from cmpnet.registry import GROUPS, HOME, Entry, Registry, blame
from cmpnet.runtime import supervised
from cmpnet.runtime.imports import canonical
from cmpnet.spec import (
    ANY_BACKEND,
    Architecture,
    Arm,
    Augmentation,
    Loss,
    Metric,
    Optimizer,
    Task,
)

TIMEOUT = 60.0  # seconds that one promise may take
IMPORTS = "imports"  # the first promise
LONGEST = 2000  # characters of a fault


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of a name, checked.

    Attributes:
        entry: the name.
        promise: what is checked.
        fault: why the promise is broken; "" if it is kept.
    """

    entry: Entry
    promise: str
    fault: str = ""


def entries_of(registry: Registry, names: Sequence[str]) -> list[Entry]:
    """The entries that names of architectures, losses, ... or distributions mean; none is all.

    Raises:
        CmpnetError: a name means nothing.
    """
    every = [entry for noun in GROUPS for entry in registry.entries(noun)]
    if not names:
        return every
    chosen: dict[Entry, None] = {}
    for name in names:
        meant = [
            entry
            for entry in every
            if canonical(name) == entry.owner
            or name in (registry.typed_name(entry), entry.qualified)
        ]
        if not meant and not faults_of(registry, [name]):
            known = {registry.typed_name(entry) for entry in every} | {e.owner for e in every}
            raise errors.unknown_name("name or distribution", name, known)
        chosen |= dict.fromkeys(meant)
    return [*chosen]


def faults_of(registry: Registry, names: Sequence[str]) -> list[str]:
    """The sentences about damaged metadata of some distributions; no names is all."""
    return [f for f in registry.faults if not names or any(name in f.split() for name in names)]


def check(
    registry: Registry, entries: Iterable[Entry], timeout: float = TIMEOUT
) -> Iterator[Check]:
    """The promises of some names as they are checked; after a broken one, the next name's.

    Args:
        registry: the names.
        entries: those to check.
        timeout: seconds that one promise may take.
    """
    for _, group in itertools.groupby(sorted(entries, key=_owner_order), key=_owner_order):
        todo = [*group]
        while todo:
            done = yield from _in_a_process(registry, todo, timeout)
            todo = todo[done:]


def verdicts(
    registry: Registry, entries: Iterable[Entry], timeout: float = TIMEOUT
) -> dict[Entry, str]:
    """The first fault of each name, "" if it keeps all of its promises."""
    found: dict[Entry, str] = {}
    for one in check(registry, entries, timeout):
        found[one.entry] = found.get(one.entry) or one.fault
    return found


def _owner_order(entry: Entry) -> tuple[bool, str]:
    return entry.owner != HOME, entry.owner


def _in_a_process(
    registry: Registry, entries: Sequence[Entry], timeout: float
) -> Generator[Check, None, int]:
    """The checks of names of one distribution, up to one that ends the process; how many names."""
    request = {
        "disabled": sorted(registry.disabled),
        "plugins": registry.plugins,
        "names": [(entry.noun, entry.qualified) for entry in entries],
    }
    number, promise = 0, IMPORTS
    try:
        for number, promise, fault in supervised.messages(__name__, request, timeout):
            if fault is not None:  # else it has just begun
                yield Check(entries[number], promise, fault)
    except supervised.EndedError as end:
        yield Check(entries[number], promise, str(end))
        return number + 1
    return len(entries)


# -- the process that checks ----------------------------------------------------------------------

Send = Callable[[object], None]


def serve(request: Mapping[str, Any], send: Send) -> None:
    """Check the names of a request: a message when a promise begins, and one when it is checked."""
    registry = Registry(request["disabled"], request["plugins"])
    for number, (noun, name) in enumerate(request["names"]):
        _report(number, registry.find(noun, name), registry, send)


def _report(number: int, entry: Entry, registry: Registry, send: Send) -> None:
    promise = IMPORTS
    send((number, promise, None))
    try:
        for following in _promises(registry, entry):
            send((number, promise, ""))
            promise = following
            send((number, promise, None))
    except AssertionError as error:
        fault = str(error) or errors.text_of(error)
    except NoDataError:
        promise, fault = f"{promise} (not checked: the task needs a file of the user's own)", ""
    except CmpnetError as error:
        fault = str(error)
    except BaseException as error:  # SystemExit and the like
        fault = str(errors.broken_plugin(entry.name, entry.owner, entry.version, error))
    else:
        fault = ""
    send((number, promise, " ".join(fault.split())[:LONGEST]))


def _promises(registry: Registry, entry: Entry) -> Promises:
    """The promises of a name, after its import."""
    name = entry.qualified
    match entry.noun:
        case "suite":
            suites.load(registry, name)
            yield "its arms and measures exist"
            suites.check(registry, name)
        case "executor":
            make = registry.executor(name)
            yield from executors.promises(
                make, networks.small(resolve(f"{HOME}:baseline", registry))
            )
        case "architecture":
            registry.load(entry)
            yield "its task, loss and learner exist"
            yield from _arm_promises(resolve(name, registry))
        case "loss":
            loss = registry.loss(name)
            if (arm := _trained_by(registry, entry, loss)) is None:
                yield "trains (not checked: no network here has the outputs that it needs)"
            else:
                yield from _arm_promises(arm)
        case "schedule":
            yield from recipes.schedule_promises(registry.record("schedule", name))
        case "optimizer" | "augmentation":
            record = registry.record(entry.noun, name)
            if isinstance(record, Augmentation):
                yield from recipes.augmentation_promises(record)
            if (arm := _trained_with(registry, entry, record)) is None:
                yield f"trains (not checked: no network here is for {record.backend})"
            else:
                yield from _arm_promises(arm)
                if isinstance(record, Optimizer):
                    yield from recipes.optimizer_promises(networks.small(arm))
        case "metric":
            metric = registry.metric(name)
            yield from metrics.promises(metric, _giving(registry, entry, metric))
        case "task":
            task = registry.task(name)
            yield from tasks.promises(task, {})
            if (arm := _learning(registry, entry, task)) is None:
                yield "wrong() and details() (not checked: no network here learns it)"
            else:
                yield from tasks.judging_promises(task, networks.small(arm))


def _arm_promises(arm: Arm) -> Promises:
    yield "its data"
    with blame(arm.task.name, arm.owners["task"]):
        arm.task.load(SEEDS[0], **arm.key.task_options)
    yield from networks.promises(networks.small(arm))


def _trained_by(registry: Registry, entry: Entry, loss: Loss) -> Arm | None:
    """An arm that the loss trains: the network that it is the default of, or else cmpnet's own."""

    def distance(pair: tuple[Entry, Architecture]) -> tuple[bool, bool]:
        own, network = pair
        return network.loss not in (loss.name, entry.qualified), own.owner != HOME

    for own, network in sorted(_networks(registry, entry.owner), key=distance):
        with contextlib.suppress(CmpnetError):
            if set(loss.needs) <= network.outputs.keys() and (
                learner_of(network, own.owner).backend == loss.backend
            ):
                return resolve(f"{own.qualified}:{entry.qualified}", registry)
    return None


def _trained_with(registry: Registry, entry: Entry, record: Optimizer | Augmentation) -> Arm | None:
    """An arm that the optimizer or augmentation trains."""
    for own, network in _networks(registry, entry.owner):
        with contextlib.suppress(CmpnetError):
            if record.backend in (learner_of(network, own.owner).backend, ANY_BACKEND):
                chosen = Shared({entry.noun: entry.qualified})
                return resolve(own.qualified, registry, chosen)
    return None


def _learning(registry: Registry, entry: Entry, task: Task) -> Arm | None:
    """An arm that learns the task."""
    for own, network in _networks(registry, entry.owner):
        if network.task == task.name:
            return resolve(own.qualified, registry)
    return None


def _giving(registry: Registry, entry: Entry, metric: Metric) -> Arm | None:
    """An arm of the same distribution whose task gives what the metric asks for."""
    for own, _ in _networks(registry, entry.owner):
        if own.owner != HOME:
            with contextlib.suppress(CmpnetError):
                arm = resolve(own.qualified, registry, Shared(metric=entry.qualified))
                judging.check_metrics(arm, arm.task.load(SEEDS[0], **arm.key.task_options))
                return networks.small(arm)
    return None


def _networks(registry: Registry, owner: str) -> Iterator[tuple[Entry, Architecture]]:
    """Networks of a distribution, then cmpnet's: another's could hang or be broken."""
    for home in dict.fromkeys((owner, HOME)):
        for entry in registry.entries("architecture"):
            if entry.owner == home:
                with contextlib.suppress(CmpnetError):
                    yield entry, cast(Architecture, registry.load(entry))
