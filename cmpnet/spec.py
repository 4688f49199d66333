"""The nouns: what an architecture, a loss, a task and a result are.

Plain frozen records, standard library alone, so that a plugin (and ``cmpnet list``) can be read
without importing any framework. Shapes use R repeats, N samples, B batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, Protocol

API_VERSION = 1
"""Version of these records; a spec made for another one is refused with a sentence."""

Array = Any  # a numpy array in data and predictions, the backend's tensor inside a learner
Output = Mapping[str, Array]  # a net's output: verdict (B, 2), logit (B,), digits (B, 2, 10), ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """Inclusive bounds of a number, put on an option by ``Annotated[float, Bounds(0, 1)]``."""

    low: float
    high: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How one repeat is trained: made once, never changed, stored with the result."""

    epochs: Annotated[int, Bounds(1, 100_000), "passes over the training samples"] = 25
    batch_size: Annotated[int, Bounds(1, 1_000_000), "samples a step"] = 100
    lr: Annotated[float, Bounds(1e-12, 1000), "learning rate, the peak of the schedule"] = 0.1
    optimizer: Annotated[
        Literal["sgd", "momentum", "adam", "adamw"], "momentum is SGD with momentum 0.9"
    ] = "sgd"
    schedule: Annotated[
        Literal["constant", "cosine", "onecycle"], "learning rate over the steps"
    ] = "constant"
    device: Annotated[str, "cpu, cuda or cuda:N"] = "cpu"


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a repeat's data: inputs ``x`` (N, ...) and named targets, each (N, ...)."""

    x: Array
    targets: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Data:
    """The data of one repeat."""

    train: Split
    test: Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is learnt: where the samples come from and what counts as an error.

    ``load(seed, **options)`` gives one repeat's data, from its seed alone; its keyword-only
    parameters are the task's options. ``wrong(output, targets)`` says which of N samples are
    misjudged, as (N,) booleans. ``fingerprint(**options)`` checks the source of the data (raising
    :class:`cmpnet.CmpnetError` where it cannot be used) and names its content, so that a stored
    result is only ever reused for the same data.

    Two more for pictures, both optional. ``details(output, targets, mistakes)`` gives short lists
    of numbers to keep with a repeat, by name: ``output`` is the net's for the test samples after
    the last epoch, only the entries its loss trains, ``mistakes`` the places of the misjudged ones.
    The names that pictures know: "pairs" and "wrong_pairs", counts of test samples and of errors
    by (first, second) class; "confusion", counts by (true, predicted) class; "confidence" and
    "predicted", for each mistake the probability of its verdict and its predicted classes.
    ``outline(**options)`` gives the true border of a task in the plane, [x, y] of a closed line.
    """

    name: str
    summary: str
    load: Callable[..., Data]
    wrong: Callable[[Output, Mapping[str, Array]], Array]
    fingerprint: Callable[..., str]
    details: Callable[[Output, Mapping[str, Array], Array], Mapping[str, Array]] | None = None
    outline: Callable[..., Array] | None = None
    unit: str = "samples"
    source: str = ""
    api_version: int = API_VERSION


TORCH = "cmpnet.learners.torch:TorchLearner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A network by name. ``build(**options)`` makes the net of ONE repeat.

    ``gives`` names the entries of the net's output with their shapes; ``learner`` is the dotted
    path of the :class:`Learner` class that trains it (torch unless a plugin brings its own).
    """

    name: str
    summary: str
    build: Callable[..., Any]
    gives: Mapping[str, str]
    task: str
    loss: str
    recipe: TrainConfig = field(default_factory=TrainConfig)
    learner: str = TORCH
    source: str = ""
    api_version: int = API_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A training loss by name: ``fn(output, batch, *, ...)``, one number for the batch.

    ``output`` and ``batch`` map names to the backend's tensors; a learner that is not torch's may
    ask for another ``fn``. The keyword-only parameters of
    ``fn`` are the loss's options; one called ``progress`` is no option: the loop gives it the
    share of training done, in [0, 1). ``needs`` names what it reads of the output.
    """

    name: str
    summary: str
    fn: Callable[..., Any]
    needs: tuple[str, ...]
    learner: str = TORCH
    source: str = ""
    api_version: int = API_VERSION


Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One thing compared: names and option values alone, so it can travel to another process.

    Every option is there, defaults too: what is stored is what was run. ``label`` is how tables
    call it and takes no part in what makes two arms the same.
    """

    label: str
    architecture: str
    loss: str
    task: str
    architecture_options: Options
    loss_options: Options
    task_options: Options
    config: TrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Per epoch: mean training loss over its steps, errors in evaluation mode at its end."""

    train_loss: list[float] = field(default_factory=list)
    train_error: list[float] = field(default_factory=list)
    test_error: list[float] = field(default_factory=list)


Status = Literal["ok", "diverged", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatResult:
    """The raw numbers of one training; means are computed from these, never stored instead.

    Errors are fractions at the last epoch, in evaluation mode; None unless ``status`` is ok.
    ``error_count`` is the number of misjudged test samples (the unit of the report's SD),
    ``train_count`` that of train samples, ``mistakes`` the places of the former in the test data,
    which the task gives again for this seed; ``details`` is what the task keeps for pictures.
    """

    seed: int
    status: Status
    train_error: float | None = None
    test_error: float | None = None
    error_count: int | None = None
    train_count: int | None = None
    train_samples: int = 0
    test_samples: int = 0
    seconds: float = 0.0
    parameters: int = 0
    curves: Curves = field(default_factory=Curves)
    mistakes: list[int] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    cause: str = ""


class Layer(NamedTuple):
    """One layer of a net: the shape it gives for one sample, and its own parameters."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


class Learner(Protocol):
    """The one seam between the training loop and a backend.

    Made for R repeats at once as ``Learner(architecture, loss, arm, datasets, seeds)``: the specs,
    the arm with all its option values, and R data sets with the R seeds the weights come from. A
    backend that trains one repeat at a time is given R = 1 when ``side_by_side`` is false.
    """

    side_by_side: bool
    devices: tuple[str, ...]  # kinds of device it computes on: "cpu", "cuda"
    parameters: int  # of one repeat's net

    def step(self, rows: Array, *, lr: float, progress: float) -> Array:
        """One optimizer step on the training samples ``rows`` (R, B); the losses before it (R,)."""

    def predict(self, part: Literal["train", "test"]) -> Mapping[str, Array]:
        """The output for a whole part in evaluation mode, numpy, by name, each (R, N, ...)."""

    def weights(self) -> Sequence[Mapping[str, Array]]:
        """R mappings of names to numpy arrays: everything a checkpoint needs."""

    def load(self, weights: Sequence[Mapping[str, Array]]) -> None:
        """Take the weights that ``weights`` gave, of the same names and shapes."""

    def layers(self) -> Sequence[Layer]:
        """The layers of one repeat's net in the order in which they run."""
