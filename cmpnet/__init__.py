"""Compare small neural architectures and losses, honestly and fast.

    import cmpnet

    results = cmpnet.bench(["baseline", "ws-aux"], repeats=3, epochs=5)
    print(results)

The verbs are :func:`train`, :func:`bench`, :func:`load` and :func:`compare`, which return
:class:`Results`, and :func:`reproduce`. The records are what plugins register. Importing this
package imports no framework: names are loaded when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cmpnet.api import bench, compare, load, reproduce, train
    from cmpnet.errors import CmpnetError
    from cmpnet.events import Lost
    from cmpnet.protocol import Protocol
    from cmpnet.reproduction import ReproducedArm, ReproducedRepeat, Reproduction
    from cmpnet.results import ArmResults, Results, Section
    from cmpnet.run_options import RunOptions
    from cmpnet.runtime.executors import Executor
    from cmpnet.spec import (
        API_VERSION,
        Architecture,
        Arm,
        ArmKey,
        Augmentation,
        Bounds,
        Curves,
        Data,
        DataInfo,
        Layer,
        Learner,
        LocalPath,
        Loss,
        Measure,
        Metric,
        Optimizer,
        RepeatResult,
        Schedule,
        Split,
        Suite,
        Task,
        TrainConfig,
    )

__all__ = [
    "API_VERSION",
    "Architecture",
    "Arm",
    "ArmKey",
    "ArmResults",
    "Augmentation",
    "Bounds",
    "CmpnetError",
    "Curves",
    "Data",
    "DataInfo",
    "Executor",
    "Layer",
    "Learner",
    "LocalPath",
    "Loss",
    "Lost",
    "Measure",
    "Metric",
    "Optimizer",
    "Protocol",
    "RepeatResult",
    "ReproducedArm",
    "ReproducedRepeat",
    "Reproduction",
    "Results",
    "RunOptions",
    "Schedule",
    "Section",
    "Split",
    "Suite",
    "Task",
    "TrainConfig",
    "bench",
    "compare",
    "load",
    "reproduce",
    "train",
]

_HOMES = {
    **dict.fromkeys(("bench", "compare", "load", "reproduce", "train"), "cmpnet.api"),
    **dict.fromkeys(("ArmResults", "Results", "Section"), "cmpnet.results"),
    **dict.fromkeys(("ReproducedArm", "ReproducedRepeat", "Reproduction"), "cmpnet.reproduction"),
    "CmpnetError": "cmpnet.errors",
    "Executor": "cmpnet.runtime.executors",
    "Lost": "cmpnet.events",
    "Protocol": "cmpnet.protocol",
    "RunOptions": "cmpnet.run_options",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'cmpnet' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "cmpnet.spec")), name)


def __dir__() -> list[str]:
    return [*__all__]
