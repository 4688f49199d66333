"""Contract checks for plugin authors. cmpnet's own names pass them in its tests.

    from cmpnet.testing import check_arm, check_executor, check_task

    def test_my_network_keeps_the_contract_with_few_units():
        check_arm("my-network", pairs=100, hidden=8)

    def test_my_executor_keeps_the_contract():
        check_executor("my-cluster")

Each check raises AssertionError with a sentence that names the broken promise. To check all names
of a distribution, each in a process of its own and each promise as a test of its own, use the
fixture of :mod:`cmpnet.pytest_plugin`; ``cmpnet check`` is the same from the command line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from cmpnet.arms import Shared, resolve
from cmpnet.contract import Promises, executors, networks, tasks
from cmpnet.executing import choose
from cmpnet.registry import Registry
from cmpnet.runtime.executors import Executor
from cmpnet.spec import Architecture, Task


def check_arm(
    named: str | Architecture, *, registry: Registry | None = None, **options: object
) -> None:
    """Check that an architecture with a loss keeps the contract.

    The same seed gives the same numbers and another seed different ones, beside other repeats as
    alone; a step changes the weights; predictions are made in evaluation mode, with the entries
    and shapes that ``outputs`` promises; weights can be saved and loaded; the parameters of the
    layers add up to those of the network.

    Args:
        named: the arm as it is typed, or a network's record.
        registry: its names; by default those that are installed. The fixture ``cmpnet_registry``
            is one that knows files, too.
        options: options that make it small and quick.

    Raises:
        AssertionError: a promise is broken; the sentence says which.
        CmpnetError: the arm or an option is wrong.
    """
    shared = Shared({"epochs": 2, **options})
    arm = resolve(named, registry or Registry(), shared)
    shared.refuse_unused([arm.label])
    _check(networks.promises(arm))


def check_task(named: str | Task, *, registry: Registry | None = None, **options: Any) -> None:
    """Check that a task keeps the contract: data from the seed alone, train and test disjoint.

    With the option ``on``, the training part must be the same for validation samples, and disjoint
    from them.

    Args:
        named: the task as it is typed, or its record.
        registry: its names; by default those that are installed.
        options: options of its ``load``.

    Raises:
        AssertionError: a promise is broken; the sentence says which.
        CmpnetError: the name is unknown.
    """
    task = named if isinstance(named, Task) else (registry or Registry()).task(named)
    _check(tasks.promises(task, options))


def check_executor(
    executor: str | Callable[[int], Executor], text: str = "baseline", **options: object
) -> None:
    """Check that an executor keeps the contract: it brings every job to its end, once and alone.

    Jobs are taken only when there is room; their messages keep their order; jobs whose attribute
    ``isolation`` differs do not share a process; repeats have the same bits as in one process.

    Args:
        executor: its name as it is typed, or what makes one for a number of workers.
        text: an arm that it trains, as it is typed.
        options: options of the executor, and options that make the arm small and quick.

    Raises:
        AssertionError: a promise is broken; the sentence says which, and by which jobs.
        CmpnetError: a name is unknown, or an option is wrong.
    """
    registry = Registry()
    make: Callable[[int], Executor]
    if isinstance(executor, str):
        choice = choose(registry, executor, options)
        make, options = choice.make, dict(choice.rest)
    else:
        make = executor
    arm = resolve(text, registry, shared := Shared({"epochs": 1, **options}))
    shared.refuse_unused([text])
    _check(executors.promises(make, arm))


def _check(promises: Promises) -> None:
    deque(promises, maxlen=0)
