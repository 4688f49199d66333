"""The process that imports and checks: it may hang or die."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any, cast

from cmpnet import errors, judging, own_files, provenance, suites
from cmpnet.arms import Shared, learner_of, resolve
from cmpnet.checking.subjects import Subject, is_file, subject_of, whole
from cmpnet.contract import (
    SEEDS,
    UNCHECKED,
    JudgingPromise,
    NamePromise,
    NetworkPromise,
    Promises,
    executors,
    metrics,
    networks,
    recipes,
    tasks,
)
from cmpnet.errors import CmpnetError, NoDataError, NoValueError, UsageError
from cmpnet.file_contents import KINDS, Record
from cmpnet.registry import HOME, NO_OPTIONS, Entry, Registry, blame
from cmpnet.spec import (
    ANY_BACKEND,
    Architecture,
    Arm,
    Augmentation,
    Loss,
    Metric,
    Optimizer,
    Options,
    Task,
)
from cmpnet.syntax import parse_arm

LONGEST = 2000  # characters of a fault
Send = Callable[[object], None]


def serve(request: Mapping[str, Any], send: Send) -> None:
    """Check what a request names: a message when a promise begins, and one when it is checked."""
    registry = Registry(request["disabled"], request["plugins"])
    if "names" in request:
        for noun, name in request["names"]:
            entry = registry.find(noun, name)
            _report(subject_of(entry), _promises(registry, entry), send)
        return
    name = request["file"]
    found: list[tuple[Subject, Promises]] = []
    _report(whole(name), _look_into(registry, name, found), send if not request["skip"] else _drop)
    for subject, promises in found[request["skip"] :]:
        _report(subject, iter(()) if request.get("only_names") else promises, send)


def _drop(message: object) -> None:
    """Send nothing: it was sent before."""


def _report(subject: Subject, promises: Promises, send: Send) -> None:
    fields, promise = astuple(subject), str(NamePromise.IMPORTS)
    send((fields, promise, None))
    try:
        for following in promises:
            send((fields, promise, ""))
            promise = following
            send((fields, promise, None))
    except AssertionError as error:
        fault = str(error) or errors.text_of(error)
    except NoDataError:
        promise, fault = f"{promise}{UNCHECKED}the task needs a file of the user's own)", ""
    except CmpnetError as error:
        fault = str(error)
    except BaseException as error:  # SystemExit and the like
        fault = str(errors.broken_plugin(subject.name, subject.owner, subject.version, error))
    else:
        fault = ""
    send((fields, promise, " ".join(fault.split())[:LONGEST]))


def _look_into(registry: Registry, name: str, found: list[tuple[Subject, Promises]]) -> Promises:
    """Import a file, and note what is in it with its promises."""
    names, options = parse_arm(name)
    path, _, wanted = names.partition(":")
    if not own_files.is_in_file(name):
        suite = Subject("suite", Path(path).name, Path(path).name, "")
        found.append((suite, _suite_promises(registry, name)))
        return
    entries = registry.entries_in(path, wanted)
    if not entries:
        raise errors.nothing_in_file(Path(path).name)
    for entry in entries:
        promises = _promises(registry, entry, options)
        found.append((subject_of(entry), promises if wanted else _if_values(promises)))
    yield from ()


def _if_values(promises: Promises) -> Promises:
    """The promises of something in a file, which need not be checkable without its arguments."""
    try:
        yield from promises
    except NoValueError as error:
        values = " and ".join(error.parameters)
        yield f"{NetworkPromise.TRAINS}{UNCHECKED}it needs a value for {values})"


def _promises(registry: Registry, entry: Entry, options: Options = NO_OPTIONS) -> Promises:
    """The promises of a name, after its import.

    Args:
        registry: the names.
        entry: the name.
        options: options of a network or loss, which plain code of a file is tried with.
    """
    name = entry.qualified
    if entry.noun in KINDS and entry.noun != "suite":
        provenance.depends(cast(Record, registry.load(entry, options)))
    typed = f"[{','.join(f'{key}={value}' for key, value in options.items())}]" * bool(options)
    match entry.noun:
        case "suite":
            yield from _suite_promises(registry, name)
        case "executor":
            make = registry.executor(name)
            yield from executors.promises(
                make, networks.small(resolve(f"{HOME}:baseline", registry))
            )
        case "architecture":
            yield NamePromise.PARTS
            yield from _arm_promises(resolve(f"{name}{typed}", registry))
        case "loss":
            loss = registry.loss(name, options)
            if (arm := _trained_by(registry, entry, loss, typed)) is None:
                reason = "no network here has the outputs that it needs)"
                yield f"{NetworkPromise.TRAINS}{UNCHECKED}{reason}"
            else:
                yield from _arm_promises(arm)
        case "metric":
            metric = registry.metric(name)
            yield from metrics.promises(metric, _giving(registry, entry, metric))
        case "schedule":
            yield from recipes.schedule_promises(registry.record("schedule", name))
        case "optimizer" | "augmentation":
            record = registry.record(entry.noun, name)
            arm = _trained_with(registry, entry, record)
            if isinstance(record, Augmentation):
                yield from recipes.augmentation_promises(record, arm)
            if arm is None:
                reason = f"no network here is for {record.backend})"
                yield f"{NetworkPromise.TRAINS}{UNCHECKED}{reason}"
            else:
                yield from _arm_promises(arm)
                if isinstance(record, Optimizer):
                    yield from recipes.optimizer_promises(networks.small(arm))
        case "task":
            task = registry.task(name)
            yield from tasks.promises(task, {})
            if (arm := _learning(registry, entry, task)) is None:
                yield f"{JudgingPromise.WRONG}{UNCHECKED}no network here learns it)"
            else:
                yield from tasks.judging_promises(task, networks.small(arm))


def _suite_promises(registry: Registry, name: str) -> Promises:
    suites.load(registry, name)
    yield NamePromise.SUITE
    suites.check(registry, name)


def _arm_promises(arm: Arm) -> Promises:
    yield NamePromise.DATA
    with blame(arm.task.name, arm.owners["task"]):
        arm.task.load(SEEDS[0], **arm.key.task_options)
    yield from networks.promises(networks.small(arm))


def _trained_by(registry: Registry, entry: Entry, loss: Loss, typed: str) -> Arm | None:
    """An arm that the loss trains: the network that it is the default of, or else cmpnet's own.

    Args:
        registry: the names.
        entry: the loss.
        loss: its record.
        typed: its options as they are typed.
    """

    def distance(pair: tuple[Entry, Architecture]) -> tuple[bool, bool]:
        own, network = pair
        return network.loss not in (loss.name, entry.qualified), own.owner != HOME

    for own, network in sorted(_networks(registry, entry.owner), key=distance):
        with contextlib.suppress(CmpnetError):
            if set(loss.needs) <= network.outputs.keys() and (
                learner_of(network, own.owner).backend == loss.backend
            ):
                return resolve(f"{own.qualified}:{entry.qualified}{typed}", registry)
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
            try:
                arm = resolve(own.qualified, registry, Shared(metric=entry.qualified))
                data = arm.task.load(SEEDS[0], **arm.key.task_options)
            except CmpnetError:
                continue
            try:
                judging.check_metrics(arm, data)
            except UsageError:  # it asks for something else
                continue
            except CmpnetError:  # it does not work: its promises say so
                pass
            return networks.small(arm)
    return None


def _networks(registry: Registry, owner: str) -> Iterator[tuple[Entry, Architecture]]:
    """Networks of a distribution, then cmpnet's: another's could hang or be broken."""
    for home in dict.fromkeys((owner, HOME)):
        entries = registry.entries_in(home) if is_file(home) else registry.entries("architecture")
        for entry in entries:
            if (entry.noun, entry.owner) == ("architecture", home):
                with contextlib.suppress(CmpnetError):
                    yield entry, cast(Architecture, registry.load(entry))
