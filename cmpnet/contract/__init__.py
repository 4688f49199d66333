"""What a registered name promises, by kind.

Each function is a generator: it yields a promise, then checks it. It raises AssertionError, with a
sentence, at the first promise that is broken. Four callers share them: ``cmpnet check``,
``cmpnet list --check``, :mod:`cmpnet.testing` and the pytest plugin, which must know the promises
before it checks any.
"""

from collections.abc import Iterator
from enum import StrEnum

SEEDS = (1000, 1001)
Promises = Iterator[str]
UNCHECKED = " (not checked: "  # between a promise and the reason why it is not checked


class NamePromise(StrEnum):
    """Before a name does anything."""

    IMPORTS = "imports"
    PARTS = "its task, loss and learner exist"
    DATA = "its data"
    SUITE = "its arms and measures exist"


class NetworkPromise(StrEnum):
    """Of an architecture with a loss, in the order in which they are checked."""

    SENT = "can be sent to a worker process"
    TRAINS = "trains"
    SAME_SEED = "same seed, same numbers"
    OTHER_SEED = "another seed, other numbers"
    SIDE_BY_SIDE = "side by side as alone"
    LEARNS = "a step changes the weights"
    OUTPUTS = "outputs as promised"
    PREDICTS = "same predictions twice"
    SAVES = "saves and loads"
    LAYERS = "layers"


class TaskPromise(StrEnum):
    """Of a task's data."""

    LOADS = "loads data"
    SAME_SEED = "same seed, same data"
    OTHER_SEED = "another seed, other data"
    DISJOINT = "train and test are disjoint"
    VALIDATION = "validation samples"
    POOL = "items of its pool"
    FINGERPRINT = "fingerprint"
    OUTLINE = "outline"
    MEASURES = "measures"


class JudgingPromise(StrEnum):
    """Of a task that a network learns."""

    WRONG = "wrong()"
    WRONG_OF_NONE = "wrong() of no samples"
    WRONG_OF_NAN = "wrong() of NaN"
    METRICS = "its metrics"
    DETAILS = "details()"


class MetricPromise(StrEnum):
    """Of a metric."""

    MEASURES = "measures outputs"
    SAME_VALUE = "same outputs, same value"


class ExecutorPromise(StrEnum):
    """Of an executor."""

    JOBS = "every job once, in order"
    ISOLATION = "isolation"
    SAME_NUMBERS = "the same numbers as in one process"


class OptimizerPromise(StrEnum):
    """Of an optimizer, beside those of a network that it trains."""

    RATE = "follows the learning rate"


class SchedulePromise(StrEnum):
    """Of a schedule."""

    FACTORS = "finite factors of at least 0"
    SAME_FACTORS = "same factors twice"


class AugmentationPromise(StrEnum):
    """Of an augmentation, beside those of a network that learns with it."""

    SHAPE = "keeps shape and type"
    GENERATOR = "draws from its generator alone"
