"""The records that plugins register and results are made of.

Frozen dataclasses and protocols that need the standard library alone, so reading them imports no
framework. Shapes use R for repeats, N for samples and B for the samples of a batch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal, NamedTuple, Protocol

API_VERSION = 2
"""Version of these records. A plugin written for another version is refused by name."""

Array = Any  # numpy for data and predictions, the backend's tensor inside a learner
Output = Mapping[str, Array]  # what a network returns, by name
Options = Mapping[str, Any]
Shape = tuple[int, ...]  # of one sample
CLASSES = "classes"  # in the shape of an output: as many as the data has classes
OutputShape = tuple[int | Literal["classes"], ...]
Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")
MEASURED_ON = "on"  # name reserved for a task option; see Task
VALIDATION = "validation"
ERROR = "error"  # the metric that counts: the share of misclassified samples
RecipeNoun = Literal["optimizer", "schedule", "augmentation"]  # what a TrainConfig names
NAMED_PARTS = ("architecture", "loss", "task")  # what an ArmKey names
RECIPE_PARTS: tuple[RecipeNoun, ...] = ("optimizer", "schedule", "augmentation")
ANY_BACKEND = "any"

# -- options --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bounds:
    """Inclusive bounds of a numeric option: ``Annotated[float, Bounds(0, 1)]``.

    Attributes:
        low: the smallest value that is allowed.
        high: the largest value that is allowed.
    """

    low: float
    high: float = float("inf")


@dataclass(frozen=True, slots=True)
class LocalPath:
    """Marks a text option as a path on this machine: ``Annotated[str | None, LocalPath()]``.

    Labels show its last component only; exports and checkpoints leave it out.
    """


@dataclass(frozen=True, slots=True)
class OneLine:
    """Marks a text without control characters, which could do something to a terminal."""


Line = Annotated[str, OneLine()]
Size = Annotated[int, Bounds(0)]
Share = Annotated[float, Bounds(0, 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a repeat is trained.

    Attributes:
        epochs: passes over the training samples.
        batch_size: samples per optimizer step.
        lr: learning rate; with a schedule, its peak.
        optimizer: name of the update rule.
        schedule: name of the course of the learning rate over the steps of the training.
        augmentation: name of the random change of training samples.
        device: ``cpu``, ``cuda`` or ``cuda:N``.
        optimizer_options: options of the optimizer by name. An arm's key has those that differ
            from the optimizer's defaults or that the recipe gives: so the keys that were stored
            when there were no such options stay equal to those of today.
        schedule_options: options of the schedule, likewise.
        augmentation_options: options of the augmentation, likewise.
    """

    epochs: Annotated[int, Bounds(1, 100_000), "passes over the training samples"] = 25
    batch_size: Annotated[int, Bounds(1, 1_000_000), "samples per step"] = 100
    lr: Annotated[float, Bounds(1e-12, 1000), "learning rate, the peak of the schedule"] = 0.1
    optimizer: Annotated[Line, "update rule: see 'cmpnet list optimizers'"] = "sgd"
    schedule: Annotated[Line, "learning rate over the steps: 'cmpnet list schedules'"] = "constant"
    augmentation: Annotated[
        Line, "random change of training samples: 'cmpnet list augmentations'"
    ] = "none"
    device: Annotated[str, "where to compute: cpu, cuda or cuda:N"] = "cpu"
    optimizer_options: Options = field(default_factory=dict)
    schedule_options: Options = field(default_factory=dict)
    augmentation_options: Options = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """The fields by name, without the options of the parts."""
        return {n: value for n, value in asdict(self).items() if not n.endswith("_options")}

    def options(self) -> dict[str, Options]:
        """The options of the optimizer, the schedule and the augmentation, by part."""
        return {part: getattr(self, f"{part}_options") for part in RECIPE_PARTS}


# -- data and tasks -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Split:
    """The training or the test part of a data set.

    Attributes:
        x: inputs (N, ...).
        targets: named targets, each (N, ...).
    """

    x: Array
    targets: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Data:
    """The data of one repeat.

    Attributes:
        train: samples to train on.
        test: samples that only the reported error is measured on.
        classes: names of the classes, in the order of their numbers; empty where the task has none.
    """

    train: Split
    test: Split
    classes: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def info(self) -> DataInfo:
        """What a network may know of it."""
        targets = {name: tuple(values.shape[1:]) for name, values in self.train.targets.items()}
        return DataInfo(tuple(self.train.x.shape[1:]), targets, self.classes)


@dataclass(frozen=True, slots=True)
class DataInfo:
    """What a network may know of the data that it is built for.

    A ``build`` function that has a keyword ``data: DataInfo`` is given it; ``data`` is then not an
    option.

    Attributes:
        shape: shape of one input sample: (4,) for four numbers, (3, 28, 28) for an RGB image.
        targets: shape of one sample of each target; () for a class.
        classes: names of the classes, in the order of their numbers; empty where the task has none.
    """

    shape: Shape
    targets: Mapping[str, Shape]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of a finished repeat that a suite's claims can compare.

    Attributes:
        summary: what it measures, in one line.
        of: ``of(repeat, data, options)`` returns the number, or None where the repeat has none;
            ``options`` are the task's.
        unit: printed after the number; ``points`` are points of % and scale a fraction by 100.
        needs_data: whether ``of`` reads the repeat's data, which is otherwise None.
        per_epoch: ``per_epoch(curves)`` returns one value per epoch, if the measure has a curve.
        counted_on: the part whose samples it counts errors on, if it is a share of errors or a
            difference of two: counting alone then makes it vary.
    """

    summary: str
    of: Callable[[RepeatResult, Data | None, Options], float | None]
    unit: str = ""
    needs_data: bool = False
    per_epoch: Callable[[Curves], Sequence[float]] | None = None
    counted_on: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that says how good the outputs for a part are.

    Attributes:
        name: the name a user types.
        summary: what it is, in one line.
        fn: ``fn(...)`` returns one number. Its parameters are what it asks for, by name:
            ``output`` and ``targets``, the mappings of the network and the task; ``wrong``, which
            samples are misclassified (N,); or what the task's ``view`` returns, such as
            ``probabilities`` and ``truth``. NaN says that the number has no meaning for these
            samples.
        title: what tables call it; by default its name.
        unit: printed after the number; with ``%`` the number is a fraction that is shown in %, and
            differences are in points.
        better: whether lower or higher values are better.
        limits: the smallest and the largest possible value.
        depends: files that its numbers depend on beside its code, relative to the folder of the
            file that defines ``fn``, as for a :class:`Loss`.
        source: what defines it.
        api_version: version of these records that the plugin was written for.
    """

    name: str
    summary: str
    fn: Callable[..., float]
    title: str = ""
    unit: str = ""
    better: Literal["lower", "higher"] = "lower"
    limits: tuple[float, float] = (float("-inf"), float("inf"))
    depends: tuple[str, ...] = ()
    source: str = ""
    api_version: int = API_VERSION

    @property
    def shown(self) -> str:
        """What tables call it."""
        return self.title or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is learnt: where the samples come from and what counts as an error.

    Attributes:
        name: the name a user types.
        summary: what is asked, in one line.
        load: ``load(seed, **options)`` returns the :class:`Data` of one repeat, from its seed
            alone. Its keyword-only parameters are the task's options. The name ``on`` is reserved
            for an option that says what the part ``test`` consists of: "test", the default, or
            "validation" for samples that no reported error is measured on. Sweeps then measure on
            validation samples. A task whose test samples are drawn afresh for each seed needs no
            such option: sweeps use other seeds than reports do.
        wrong: ``wrong(output, targets)`` returns (N,) booleans: which samples are misclassified.
            None if nothing is: of a number, say, that is predicted.
        view: ``view(output, targets)`` returns what metrics may ask for beside ``output``,
            ``targets`` and ``wrong``, by name, with N rows each. The built-in ones ask for
            ``probabilities`` and ``log_probabilities`` (N, C) with ``truth`` (N,), the number of
            the class; or for ``prediction`` and ``truth`` (N, ...), numbers.
        metrics: names of the metrics that every repeat is measured with. The first one decides,
            unless the user names another.
        fingerprint: ``fingerprint(**options)`` checks the source of the data and returns a text
            that names its content, so that a stored result is reused for the same data only.
        details: ``details(output, targets, mistakes)`` returns short lists to keep with a repeat
            for plots. ``output`` holds the test output after the last epoch, limited to the
            entries the loss trains; ``mistakes`` the indices of the misclassified samples. Plots
            know "pairs" and "wrong_pairs" (test samples and errors by pair of classes),
            "confusion" (by true and predicted class), "confidence" and "predicted" (per mistake).
            The names of the data's classes are kept beside them as "classes".
        outline: ``outline(**options)`` returns the true boundary of a task in the plane as a
            closed line of [x, y].
        separate_channels: whether the C channels of a sample (C, H, W) are images of their own, as
            the two digits of a pair are: an augmentation then changes each by itself.
        sampled: ``sampled(seed, **options)`` returns (N, U) integers from 0: which U items of a
            finite pool each of the N test samples of this seed is made of. Repeats that share
            items are correlated; with it, intervals cover new items as well as new seeds. None if
            every repeat has test samples of its own.
        name_outputs: ``name_outputs(output)`` gives names to what a plain network returned that is
            no mapping: one tensor, or a tuple of tensors. It raises a ValueError that says what is
            allowed. None if networks must return a mapping.
        outputs: everything that networks may return for this task, with the shape of one sample.
            Plain functions are tried with it as losses.
        losses: names of losses for a plain network, which has none of its own: the first whose
            needs it returns is its default.
        measures: further measures that claims about this task may use, by name.
        unit: what its samples are called.
        item: what an item of the pool is called, in the singular.
        depends: files that its numbers depend on beside its code, such as ``("rates.json",)``,
            relative to the folder of the file that defines ``load``, or to the current folder in a
            notebook. A stored result is reused only while they are the same. Files inside a
            plugin's own package need no mention.
        source: report and section it comes from.
        api_version: version of these records that the plugin was written for.
    """

    name: str
    summary: str
    load: Callable[..., Data]
    fingerprint: Callable[..., str]
    wrong: Callable[[Output, Mapping[str, Array]], Array] | None = None
    view: Callable[[Output, Mapping[str, Array]], Mapping[str, Array]] | None = None
    metrics: tuple[str, ...] = (ERROR,)
    details: Callable[[Output, Mapping[str, Array], Array], Mapping[str, Array]] | None = None
    outline: Callable[..., Array] | None = None
    sampled: Callable[..., Array] | None = None
    name_outputs: Callable[[Any], Output] | None = None
    outputs: Mapping[str, Shape] = field(default_factory=dict)
    losses: tuple[str, ...] = ()
    separate_channels: bool = False
    measures: Mapping[str, Measure] = field(default_factory=dict)
    unit: str = "samples"
    item: str = "item"
    depends: tuple[str, ...] = ()
    source: str = ""
    api_version: int = API_VERSION


# -- networks and losses --------------------------------------------------------------------------

TORCH_LEARNER = "cmpnet.learners.torch:TorchLearner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A network.

    Attributes:
        name: the name a user types.
        summary: what it is, in one line.
        build: ``build(**options)`` returns the network of one repeat. With a keyword
            ``data: DataInfo``, it is also told the shapes of its data.
        outputs: what the network returns by name, with the shape of one sample:
            ``{"verdict": (2,), "digits": (2, 10), "logit": ()}``. "classes" in a shape stands for
            the number of classes of the data: ``{"scores": ("classes",)}``.
        task: name of the task it learns.
        loss: name of its default loss.
        recipe: its default training configuration.
        learner: dotted path ``module:Class`` of the :class:`Learner` that trains it.
        depends: files that its numbers depend on beside its code, such as ``("rates.json",)``,
            relative to the folder of the file that defines ``build``, or to the current folder in a
            notebook. A stored result is reused only while they are the same. Files inside a
            plugin's own package need no mention.
        source: report and section it comes from.
        api_version: version of these records that the plugin was written for.
    """

    name: str
    summary: str
    build: Callable[..., Any]
    outputs: Mapping[str, OutputShape]
    task: str
    loss: str
    recipe: TrainConfig = field(default_factory=TrainConfig)
    learner: str = TORCH_LEARNER
    depends: tuple[str, ...] = ()
    source: str = ""
    api_version: int = API_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A training loss.

    Attributes:
        name: the name a user types.
        summary: what it is, in one line.
        fn: ``fn(output, batch, *, ...)`` returns one number for the batch; ``output`` and
            ``batch`` map names to the backend's tensors. Its keyword-only parameters are the
            loss's options, except those that the learner gives to a loss that has them:
            ``progress``, the share of the training done, in [0, 1); ``x`` (B, ...), the samples as
            the network saw them; ``net``, the network; ``ids`` (B,), the numbers of the samples in
            the training part, from 0. A backend other than torch may define another signature.
        needs: names of the outputs it reads.
        backend: the backend it is written for, as the learner's ``backend`` names it.
        depends: files that its numbers depend on beside its code, such as ``("rates.json",)``,
            relative to the folder of the file that defines ``fn``, or to the current folder in a
            notebook. A stored result is reused only while they are the same. Files inside a
            plugin's own package need no mention.
        source: report and equation it comes from.
        api_version: version of these records that the plugin was written for.
    """

    name: str
    summary: str
    fn: Callable[..., Any]
    needs: tuple[str, ...]
    backend: str = "torch"
    depends: tuple[str, ...] = ()
    source: str = ""
    api_version: int = API_VERSION


# -- recipes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """An update rule.

    Attributes:
        name: the name a user types. Each backend may have an optimizer of the same name.
        summary: what it is, in one line.
        make: ``make(parameters, *, ...)`` is given the list of a network's parameters and returns a
            ``torch.optim.Optimizer``, or a function ``update(lr)``, which is called after each
            backward pass and changes the parameters once. Its keyword-only parameters are the
            optimizer's options. A backend other than torch may define another signature.
        backend: the backend it is written for, as the learner's ``backend`` names it.
        depends: files that its numbers depend on beside its code, as for :class:`Loss`.
        source: where it was published.
        api_version: version of these records that the plugin was written for.
    """

    name: str
    summary: str
    make: Callable[..., Any]
    backend: str = "torch"
    depends: tuple[str, ...] = ()
    source: str = ""
    api_version: int = API_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The course of the learning rate over a training. It suits every backend.

    Attributes:
        name: the name a user types.
        summary: what it is, in one line.
        factor: ``factor(progress, *, ...)`` returns the factor, at least 0, on the learning rate
            of the step before which a share ``progress`` of the training is done, in [0, 1). Its
            keyword-only parameters are the schedule's options.
        depends: files that its numbers depend on beside its code, as for :class:`Loss`.
        source: where it was published.
        api_version: version of these records that the plugin was written for.
    """

    name: str
    summary: str
    factor: Callable[..., float]
    depends: tuple[str, ...] = ()
    source: str = ""
    api_version: int = API_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """A random change of training samples. Samples to predict for are never changed.

    Attributes:
        name: the name a user types.
        summary: what it is, in one line.
        fn: ``fn(x, generator, *, ...)`` returns the samples of a step (B, ...) changed, with the
            same shape and type; it draws from ``generator`` alone, which depends on the repeat's
            seed. Its keyword-only parameters are the augmentation's options, except ``targets``:
            a function that has it is given the targets of the step by name, and returns ``x`` and
            the targets. Where a task has separate channels, a function without ``targets`` is
            given each channel as an image (B * C, 1, H, W).
        backend: the backend it is written for, as the learner's ``backend`` names it, or "any".
        depends: files that its numbers depend on beside its code, as for :class:`Loss`.
        source: where it was published.
        api_version: version of these records that the plugin was written for.
    """

    name: str
    summary: str
    fn: Callable[..., Any]
    backend: str = "torch"
    depends: tuple[str, ...] = ()
    source: str = ""
    api_version: int = API_VERSION


# -- suites ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A bench with a name, in a Python file: ``cmpnet bench --suite mine.py:NAME``.

    Its fields are the keys of a suite's .toml file, and are checked as these are.

    Attributes:
        name: the name a user types.
        title: title of its table.
        arm: for each arm its text, or a table: ``{"arm": "mine.py:MyNet", "title": "Mine"}``.
        claim: a table for each claim: ``{"says": "...", "lower": "ws", "than": "baseline"}``.
        suites: names of other suites, in place of arms.
        source: report and section it comes from.
        api_version: version of these records that it was written for.
    """

    name: str
    title: str
    arm: Sequence[str | Mapping[str, Any]] = ()
    claim: Sequence[Mapping[str, Any]] = ()
    suites: Sequence[str] = ()
    source: str = ""
    api_version: int = API_VERSION


# -- arms -----------------------------------------------------------------------------------------


ARM_SCHEMA = 2
"""Version of an arm's JSON form. Version 1 is that of cmpnet 0.1, which did not write it down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmKey:
    """Names and option values of an arm: what is stored, exported and compared.

    Every option is present, defaults included, so the key says what was run; except for ``on``,
    which is present only if the errors are measured on other samples than the test part.

    Attributes:
        label: what tables call the arm; not part of equality.
        architecture: name of the architecture.
        loss: name of the loss.
        task: name of the task.
        architecture_options: options of the architecture's ``build``.
        loss_options: options of the loss's ``fn``.
        task_options: options of the task's ``load``.
        config: training configuration.
        local_paths: names of the task options that are paths on this machine; not part of
            equality.
        metric: name of the metric that decides; not part of equality.
    """

    label: Line = field(compare=False)
    architecture: Line
    loss: Line
    task: Line
    architecture_options: Options
    loss_options: Options
    task_options: Options
    config: TrainConfig
    # A 0.1 store does not say which options are paths. It knows one.
    local_paths: tuple[Line, ...] = field(default=("data_dir",), compare=False)
    metric: Line = field(default=ERROR, compare=False)

    @property
    def measured_on(self) -> str:
        """What its errors are measured on: "test" or "validation" samples."""
        return str(self.task_options.get(MEASURED_ON, "test"))

    def portable(self) -> ArmKey:
        """The key without paths on this machine, for files that leave it."""
        options = {k: v for k, v in self.task_options.items() if k not in self.local_paths}
        return replace(self, task_options=options)

    def to_json(self) -> dict[str, Any]:
        """The key as plain JSON values; :func:`cmpnet.decoding.decode_arm` reads it back."""
        return {"schema": ARM_SCHEMA, **asdict(self), "local_paths": list(self.local_paths)}


@dataclass(frozen=True, slots=True)
class Arm:
    """One thing that is compared: a key and the records its names stand for.

    Made by :func:`cmpnet.arms.resolve`; names are looked up there and nowhere else.

    Attributes:
        key: names and option values.
        architecture: the record that ``key.architecture`` names.
        loss: the record that ``key.loss`` names.
        task: the record that ``key.task`` names.
        optimizer: the record that ``key.config.optimizer`` names.
        schedule: the record that ``key.config.schedule`` names.
        augmentation: the record that ``key.config.augmentation`` names.
        metrics: what its repeats are measured with, by name; the first one decides.
        owners: distribution of each of :attr:`records`; "" for a record of the caller's own, and
            the file's name for a record in a file of the user's own.
        files: module of each such file by its name.

    Raises:
        ValueError: a record is not the one that the key names.
    """

    key: ArmKey
    architecture: Architecture
    loss: Loss
    task: Task
    optimizer: Optimizer
    schedule: Schedule
    augmentation: Augmentation
    metrics: Mapping[str, Metric] = field(default_factory=dict, compare=False)
    owners: Mapping[str, str] = field(default_factory=dict, compare=False)
    files: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for noun in (*NAMED_PARTS, *RECIPE_PARTS):
            spec = getattr(self, noun)
            name = getattr(self.key if noun in NAMED_PARTS else self.key.config, noun)
            if spec.name != name:
                raise ValueError(f"the key names {noun} '{name}', the record is '{spec.name}'")

    @property
    def label(self) -> str:
        """What tables call the arm."""
        return self.key.label

    @property
    def config(self) -> TrainConfig:
        """The training configuration."""
        return self.key.config

    @property
    def records(self) -> dict[str, Any]:
        """Everything that decides its numbers, by noun; of a metric with its name."""
        parts = {noun: getattr(self, noun) for noun in (*NAMED_PARTS, *RECIPE_PARTS)}
        return parts | {f"metric {name}": metric for name, metric in self.metrics.items()}

    def rate(self, progress: float) -> float:
        """The learning rate of the step before which a share ``progress`` is done."""
        factor = self.schedule.factor(progress, **self.config.schedule_options)
        return float(self.config.lr * factor)

    def build(self, data: DataInfo) -> Any:
        """The network of one repeat, with fresh weights.

        Args:
            data: what ``build`` is told of the data, if it has a parameter ``data`` that is not an
                option.
        """
        options = dict(self.key.architecture_options)
        asks = "data" in inspect.signature(self.architecture.build).parameters
        if asks and "data" not in options:
            options["data"] = data
        return self.architecture.build(**options)

    def outputs(self, data: DataInfo) -> dict[str, Shape]:
        """What the network returns by name, with the shape of one sample for these data."""
        return {
            name: tuple(len(data.classes) if size == CLASSES else int(size) for size in shape)
            for name, shape in self.architecture.outputs.items()
        }


# -- results --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """One value per epoch.

    Attributes:
        train_loss: mean training loss over the steps of the epoch.
        train_error: error on the training part after the epoch, in evaluation mode; empty for a
            task that counts none.
        test_error: the same for the test part.
        train_metric: the first metric of the task on the training part, if that is not the error.
        test_metric: the same for the test part.
    """

    train_loss: list[float] = field(default_factory=list)
    train_error: list[float] = field(default_factory=list)
    test_error: list[float] = field(default_factory=list)
    train_metric: list[float] = field(default_factory=list)
    test_metric: list[float] = field(default_factory=list)


Status = Literal["ok", "diverged", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatResult:
    """The raw numbers of one training. Means are computed from these and never stored.

    Attributes:
        seed: seed of data, weights and sample order.
        status: ``ok``, ``diverged`` (loss or output not finite) or ``failed`` (an exception).
        train_error: fraction of misclassified training samples after the last epoch, in
            evaluation mode; None unless ``status`` is ok, or for a task that counts none.
        test_error: the same for the test samples.
        error_count: misclassified test samples.
        train_count: misclassified training samples.
        train_samples: size of the training part.
        test_samples: size of the test part.
        seconds: wall-clock time of the training.
        parameters: trainable parameters of the network.
        metrics: values of the other metrics by name and part, after the last epoch, in evaluation
            mode; none for a part where one has no meaning for the samples.
        curves: values per epoch.
        mistakes: indices of the misclassified test samples.
        details: what the task keeps for plots.
        cause: why the repeat failed or diverged.
    """

    seed: Size
    status: Status
    train_error: Share | None = None
    test_error: Share | None = None
    error_count: Size | None = None
    train_count: Size | None = None
    train_samples: Size = 0
    test_samples: Size = 0
    seconds: Annotated[float, Bounds(0)] = 0.0
    parameters: Size = 0
    metrics: dict[Line, dict[Part, float]] = field(default_factory=dict)
    curves: Curves = field(default_factory=Curves)
    mistakes: list[Size] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    cause: str = ""


class Layer(NamedTuple):
    """One layer of a network.

    Attributes:
        name: its place in the network.
        kind: its type.
        shape: output shape of one sample.
        parameters: its own trainable parameters.
    """

    name: str
    kind: str
    shape: Shape
    parameters: int


class Learner(Protocol):
    """The one seam between the training loop and a backend.

    The loop calls ``Learner(arm, datasets, seeds)`` with the resolved :class:`Arm`, R data sets
    and the R seeds that weights are drawn from. A backend that trains one repeat at a time is
    given R = 1 when ``side_by_side`` is false.

    Attributes:
        backend: name that losses are written for: "torch", "minidl".
        side_by_side: whether it trains several repeats at once, faster than one by one.
        devices: kinds of device it computes on: "cpu", "cuda".
        parameters: trainable parameters of one repeat's network.

    A learner makes its optimizer by ``arm.optimizer.make``; it may have an attribute ``gives``, the
    names of what it gives to a loss that asks: of "progress", "x", "net", "ids". By default, that
    is "progress" alone.
    """

    backend: str
    side_by_side: bool
    devices: tuple[str, ...]
    parameters: int

    def step(self, rows: Array, *, lr: float, progress: float) -> Array:
        """One optimizer step on the training samples ``rows`` (R, B); the losses before it (R,)."""

    def predict(self, part: Part) -> Mapping[str, Array]:
        """Outputs for a whole part in evaluation mode as numpy arrays (R, N, ...), by name."""

    def weights(self) -> Sequence[Mapping[str, Array]]:
        """R mappings from names to numpy arrays: everything a checkpoint needs."""

    def load(self, weights: Sequence[Mapping[str, Array]]) -> None:
        """Set the weights to what :meth:`weights` returned."""

    def layers(self) -> Sequence[Layer]:
        """The layers of one repeat's network in the order in which they run."""
