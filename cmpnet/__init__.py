"""cmpnet compares small neural architectures and losses, honestly and fast, from a terminal.

The public names are the records a plugin registers; importing them imports no framework.
"""

from cmpnet.errors import CmpnetError
from cmpnet.spec import (
    API_VERSION,
    Architecture,
    Arm,
    Bounds,
    Curves,
    Data,
    Layer,
    Learner,
    Loss,
    RepeatResult,
    Split,
    Task,
    TrainConfig,
)

__all__ = [
    "API_VERSION",
    "Architecture",
    "Arm",
    "Bounds",
    "CmpnetError",
    "Curves",
    "Data",
    "Layer",
    "Learner",
    "Loss",
    "RepeatResult",
    "Split",
    "Task",
    "TrainConfig",
]
