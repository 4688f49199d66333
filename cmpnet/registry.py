"""Names to records through entry points: lazy, strict, and aware of who owns a name.

Listing reads the metadata of installed distributions and imports nothing; a plugin is imported
when one of its names is asked for. cmpnet's own names are registered in the same way.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from importlib import metadata
from pathlib import Path
from pkgutil import resolve_name
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

from cmpnet import errors, file_contents, own_files
from cmpnet.decoding import decode
from cmpnet.file_contents import KINDS as RECORDS
from cmpnet.file_contents import Record
from cmpnet.options import (
    AUGMENTATION_INPUTS,
    LOSS_INPUTS,
    RESERVED,
    Option,
    fault_of_option,
    options_of,
)
from cmpnet.own_files import OwnFile, is_in_file
from cmpnet.runtime import distributions
from cmpnet.runtime.executors import fault_of_executor
from cmpnet.runtime.imports import canonical
from cmpnet.runtime.loaded import importing
from cmpnet.runtime.process import is_stop
from cmpnet.runtime.slow_import import announced
from cmpnet.signatures import WithOptions
from cmpnet.spec import (
    ANY_BACKEND,
    API_VERSION,
    ERROR,
    Architecture,
    Augmentation,
    Line,
    Loss,
    Metric,
    Optimizer,
    Options,
    Schedule,
    Size,
    Suite,
    Task,
    TrainConfig,
)

if TYPE_CHECKING:
    from cmpnet.runtime.executors import Executor

RecipePart = Optimizer | Schedule | Augmentation
Noun = Literal[
    "architecture",
    "loss",
    "task",
    "metric",
    "optimizer",
    "schedule",
    "augmentation",
    "executor",
    "suite",
]
GROUPS: dict[Noun, str] = {
    "architecture": "cmpnet.architectures",
    "loss": "cmpnet.losses",
    "task": "cmpnet.tasks",
    "metric": "cmpnet.metrics",
    "optimizer": "cmpnet.optimizers",
    "schedule": "cmpnet.schedules",
    "augmentation": "cmpnet.augmentations",
    "executor": "cmpnet.executors",
    "suite": "cmpnet.suites",
}
UNTYPABLE = ":[],=/"  # separate names, options and paths in what a user types
FILE_ENDINGS = (".py", ".toml", ".json", ".safetensors")
NO_OPTIONS: Options = MappingProxyType({})
HOME = "cmpnet"  # the distribution whose names win a clash


def is_typable(name: str) -> bool:
    """Whether a name can be typed as an arm or a suite."""
    begins_well = not name.startswith("-") and not name.endswith(FILE_ENDINGS)
    return begins_well and not any(letter.isspace() or letter in UNTYPABLE for letter in name)


def option_function(spec: Record) -> Callable[..., object]:
    """The function whose keyword-only parameters are a record's options; a metric has none."""
    match spec:
        case Architecture():
            return spec.build
        case Loss() | Augmentation() | Metric():
            return spec.fn
        case Task():
            return spec.load
        case Optimizer():
            return spec.make
        case Schedule():
            return spec.factor


_INPUTS: Mapping[type, Collection[str]] = {Loss: LOSS_INPUTS, Augmentation: AUGMENTATION_INPUTS}


def record_options(spec: Record) -> dict[str, Option]:
    """The options of a record."""
    return options_of(option_function(spec), _INPUTS.get(type(spec), RESERVED))


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered name, read from metadata.

    Attributes:
        noun: what kind of thing it names.
        name: the name itself.
        target: where it is defined, as ``module:attribute``.
        owner: the distribution that registers it, or the file of the user's own that it is in.
        version: the version of that distribution, or the digest of the file.
    """

    noun: Noun
    name: str
    target: str
    owner: str
    version: str

    @property
    def qualified(self) -> str:
        """The name that means this entry whoever else uses the name."""
        return f"{self.owner}:{self.name}"

    @property
    def module(self) -> str:
        """The module or package it is defined in."""
        return self.target.partition(":")[0].strip()

    @property
    def in_file(self) -> bool:
        """Whether it is in a file of the user's own, and not installed."""
        return is_in_file(self.owner)

    @property
    def defined_in(self) -> str:
        """What to call the place where it is defined."""
        return self.owner if self.in_file else self.module


class Registry:
    """All names of the installed distributions except the disabled plugins.

    A file of the user's own is a distribution, too, once it is opened: its name is the owner of
    what is in it. Nothing else here opens a file, so a name that was stored runs none.

    Args:
        disabled: distributions that are not used.
        plugins: files whose records are names like those of installed distributions.

    Attributes:
        disabled: distributions whose names are left out.
        faults: a sentence for each distribution whose metadata cannot be used.

    Raises:
        CmpnetError: a file cannot be used.
    """

    def __init__(self, disabled: Iterable[str] = (), plugins: Iterable[str | Path] = ()) -> None:
        self.plugins = tuple(str(path) for path in plugins)
        self.disabled = frozenset(canonical(name) for name in disabled if name)
        self._files: dict[str, OwnFile] = {}
        self._made: dict[str, object] = {}  # records of files, by target and options
        self._entries: dict[Noun, list[Entry]] = {}
        points, self.faults = distributions.points(f"{HOME}.", GROUPS.values())
        for noun, group in GROUPS.items():
            found = (self._entry(noun, point) for point in points if point.group == group)
            kept = {entry.qualified: entry for entry in found if entry.owner not in self.disabled}
            self._entries[noun] = sorted(
                kept.values(), key=lambda entry: (entry.owner != HOME, entry.owner, entry.name)
            )
        for path in self.plugins:
            file = self.open(path)
            for noun in (noun for noun in GROUPS if noun in file_contents.NOUNS):
                attributes = file_contents.names(file, noun, records=True)
                self._entries[noun] += [self._entry_in(file, noun, one) for one in attributes]

    def open(self, path: str) -> OwnFile:
        """Load a file of the user's own, or return the open file that a bare name means.

        Raises:
            CmpnetError: the file cannot be used, or has a name in common with another open file:
                its own, or that of a module beside it that it imports.
        """
        place = Path(os.path.abspath(path))
        file = self._files.get(place.name)
        if file is not None and path == place.name and not place.exists():
            return file
        if file is not None and file.path != place:
            raise errors.same_own_file(place.name, file.path, place)
        if file is None:
            with contextlib.redirect_stdout(sys.stderr):
                file = own_files.load(path)
            file_contents.refuse_same_names(file)
            helpers = file.helpers
            for other in self._files.values():
                for name in helpers.keys() & other.helpers.keys():
                    if helpers[name] != other.helpers[name]:
                        raise errors.same_helper(name, other.path, place)
            self._files[place.name] = file
        return file

    def open_file_of(self, name: str) -> None:
        """Open the file that a typed name is in, if it is in one."""
        if is_in_file(name):
            self.open(name.partition(":")[0])

    @staticmethod
    def _entry(noun: Noun, point: distributions.Point) -> Entry:
        return Entry(noun, point.name, point.target, canonical(point.owner), point.version)

    @staticmethod
    def _entry_in(file: OwnFile, noun: Noun, attribute: str) -> Entry:
        name, target = file_contents.name_of(file, attribute), f"{file.module.__name__}:{attribute}"
        return Entry(noun, name, target, file.owner, file.digest)

    def _find_in_file(self, noun: Noun, name: str) -> Entry:
        """The entry of ``FILE.py:NAME``, or of ``FILE.py`` if it has just one of this kind."""
        path, _, wanted = name.partition(":")
        file = self._files.get(Path(path).name)
        if file is None or noun not in file_contents.NOUNS:
            raise errors.unopened_file(name)
        return self._entry_in(file, noun, file_contents.find(file, noun, wanted))

    def entries(self, noun: Noun) -> list[Entry]:
        """Every name of one kind, cmpnet's own first."""
        return list(self._entries[noun])

    def clashes(self, entry: Entry) -> list[Entry]:
        """Entries of other distributions with the same name."""
        return [
            other
            for other in self._entries[entry.noun]
            if other.name == entry.name and other.owner != entry.owner
        ]

    def owns_bare_name(self, entry: Entry) -> bool:
        """Whether the bare name means this entry: it is cmpnet's own, or nobody else uses it."""
        return entry.owner == HOME or not self.clashes(entry)

    def typed_name(self, entry: Entry) -> str:
        """The name that a user types for an entry, and that results have."""
        if entry.in_file:
            return entry.qualified
        return entry.name if self.owns_bare_name(entry) else entry.qualified

    def names(self, noun: Noun) -> list[str]:
        """The names that a user can type."""
        return [self.typed_name(entry) for entry in self._entries[noun]]

    def has(self, noun: Noun, name: str) -> bool:
        """Whether a bare or qualified name is registered, or in an open file."""
        if is_in_file(name):
            with contextlib.suppress(errors.CmpnetError):
                return bool(self._find_in_file(noun, name))
            return False
        return any(name in (entry.name, entry.qualified) for entry in self._entries[noun])

    def find(self, noun: Noun, name: str) -> Entry:
        """The entry that a name means.

        Raises:
            CmpnetError: the name is unknown, or two plugins register it and it is not qualified.
        """
        if is_in_file(name):
            return self._find_in_file(noun, name)
        for entry in self._entries[noun]:
            if name == entry.qualified or (name == entry.name and self.owns_bare_name(entry)):
                return entry
        clashing = [entry for entry in self._entries[noun] if entry.name == name]
        if clashing:
            raise errors.ambiguous_name(noun, name, [entry.qualified for entry in clashing])
        raise errors.unknown_name(noun, name, self.names(noun))

    def entries_in(self, path: str, wanted: str = "") -> list[Entry]:
        """What a file of the user's own offers, or what a name in it means.

        Raises:
            CmpnetError: the file cannot be used, or has no such name.
        """
        file = self.open(path)
        found = file_contents.meanings(file, wanted) if wanted else file_contents.contents(file)
        return [self._entry_in(file, cast(Noun, noun), attribute) for noun, attribute in found]

    def owners(self) -> list[tuple[str, str, int]]:
        """Distributions with their versions and their number of names, cmpnet first."""
        entries = [entry for noun in GROUPS for entry in self._entries[noun]]
        counts = Counter((entry.owner, entry.version) for entry in entries)
        return sorted(
            ((owner, version, count) for (owner, version), count in counts.items()),
            key=lambda row: (row[0] != HOME, row[0]),
        )

    def load(self, entry: Entry, given: Options = NO_OPTIONS) -> object:
        """Import an entry and check that it is what its group requires.

        Args:
            entry: the entry.
            given: options of the call, which plain code of a file is tried with.

        Raises:
            CmpnetError: it cannot be imported, or is not a record that this cmpnet understands.
        """
        label = "" if entry.owner == HOME else f"'{entry.name}' of {entry.owner} {entry.version}"
        with blame(entry.name, entry.owner), announced(label):
            try:
                first = entry.owner != HOME and entry.module not in sys.modules
                with importing() if first else contextlib.nullcontext():
                    spec: object = self._import(entry, given)
                reason = _fault(entry, spec)
            except TypeError as error:
                if not _VERSION_1.search(str(error)):
                    raise
                reason = _made_for(1)
        if reason:
            raise errors.wrong_spec(entry.name, entry.owner, entry.version, reason)
        return spec

    def _import(self, entry: Entry, given: Options) -> object:
        if not entry.in_file:
            return _imported(entry)
        made = f"{entry.target} {sorted(given.items())}"
        if made not in self._made:
            file, attribute = self._files[entry.owner], entry.target.partition(":")[2]
            find = self.task, self.loss
            self._made[made] = file_contents.record(file, entry.noun, attribute, *find, given)
        return self._made[made]

    def record(self, noun: Noun, name: str, given: Options = NO_OPTIONS) -> Any:
        """The record that a name means, called as a user types it.

        Args:
            noun: the kind.
            name: the name.
            given: options of the call, which plain code of a file is tried with.

        Raises:
            CmpnetError: what :meth:`find` and :meth:`load` raise.
        """
        entry = self.find(noun, name)
        return self._named(entry, self.typed_name(entry), given)

    def _named(self, entry: Entry, name: str, given: Options = NO_OPTIONS) -> Any:
        """The record of an entry under a name."""
        record = cast("Record", self.load(entry, given))
        return record if record.name == name else replace(record, name=name)

    def architecture(self, name: str, given: Options = NO_OPTIONS) -> Architecture:
        """The architecture that a name means; raises what :meth:`find` and :meth:`load` raise."""
        record: Architecture = self.record("architecture", name, given)
        return record

    def loss(self, name: str, given: Options = NO_OPTIONS) -> Loss:
        """The loss that a name means; raises what :meth:`find` and :meth:`load` raise."""
        record: Loss = self.record("loss", name, given)
        return record

    def task(self, name: str) -> Task:
        """The task that a name means; raises what :meth:`find` and :meth:`load` raise."""
        record: Task = self.record("task", name)
        return record

    def recipe_part(self, noun: Noun, name: str, backend: str) -> tuple[Entry, RecipePart]:
        """The optimizer, schedule or augmentation that a name means for a backend.

        Each backend may have its own ``adam``. A bare name means that of the backend, if there is
        one; then it is also what the record is called.

        Raises:
            CmpnetError: what :meth:`find` and :meth:`load` raise.
        """
        entry = self._entry_for(noun, name, backend)
        typed = self.typed_name(entry)
        if not entry.in_file and self._entry_for(noun, entry.name, backend) == entry:
            typed = entry.name
        return entry, self._named(entry, typed)

    def _entry_for(self, noun: Noun, name: str, backend: str) -> Entry:
        same = [entry for entry in self._entries[noun] if entry.name == name]
        if len(same) > 1:  # cmpnet's own is the first
            fitting = []
            for entry in same:
                with contextlib.suppress(errors.CmpnetError):
                    own = getattr(self.load(entry), "backend", ANY_BACKEND)
                    fitting += [entry] if own in (backend, ANY_BACKEND) else []
                if fitting and entry.owner == HOME:
                    break
            if len(fitting) == 1:
                return fitting[0]
        return self.find(noun, name)

    def metric(self, name: str) -> Metric:
        """The metric that a name means; raises what :meth:`find` and :meth:`load` raise."""
        record: Metric = self.record("metric", name)
        return record

    def executor(self, name: str) -> Callable[..., Executor]:
        """The class of an executor; called with a number of workers and options it makes one."""
        self.open_file_of(name)
        return cast("Callable[..., Executor]", self.load(self.find("executor", name)))


@contextlib.contextmanager
def blame(name: str, owner: str) -> Iterator[None]:
    """Run a plugin's code: whatever it raises becomes a sentence that names its owner.

    What the code prints goes to stderr, since stdout is for results.

    Raises:
        CmpnetError: the code raised an exception or tried to exit.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except errors.CmpnetError:
        raise
    except BaseException as error:  # SystemExit and the like are the plugin's failures, too
        if is_stop(error):
            raise
        raise errors.broken_plugin(name, owner, _version(owner), error) from error


def _imported(entry: Entry) -> object:
    """What the entry point of a distribution names.

    Raises:
        CmpnetError: the module has no such attribute.
    """
    path = entry.target.split("[")[0].partition(":")[2].strip()
    value: object = resolve_name(entry.module)
    for attribute in filter(None, path.split(".")):
        if not hasattr(value, attribute):
            raise errors.empty_entry_point(
                entry.name, entry.owner, entry.version, entry.module, path
            )
        value = getattr(value, attribute)
    return value


def _version(owner: str) -> str:
    try:
        return metadata.version(owner) or ""
    except (metadata.PackageNotFoundError, ValueError):
        return ""


_Text = Line | Literal[""]
_FIELDS: Mapping[type, Mapping[str, Any]] = {
    Architecture: {
        "summary": _Text,
        **dict.fromkeys(("name", "task", "loss", "learner"), Line),
        "depends": tuple[Line, ...],
        "outputs": dict[str, tuple[Size | Literal["classes"], ...]],
    },
    Loss: {
        **dict.fromkeys(("name", "backend"), Line),
        "summary": _Text,
        **dict.fromkeys(("needs", "depends"), tuple[Line, ...]),
    },
    Task: {
        **dict.fromkeys(("name", "item"), Line),
        "summary": _Text,
        **dict.fromkeys(("metrics", "depends"), tuple[Line, ...]),
    },
    Metric: {
        "name": Line,
        **dict.fromkeys(("summary", "title", "unit"), _Text),
        "better": Literal["lower", "higher"],
        "depends": tuple[Line, ...],
    },
    Optimizer: {"name": Line, "summary": _Text, "backend": Line, "depends": tuple[Line, ...]},
    Schedule: {"name": Line, "summary": _Text, "depends": tuple[Line, ...]},
    Augmentation: {"name": Line, "summary": _Text, "backend": Line, "depends": tuple[Line, ...]},
    Suite: {"name": Line},
}
"""Fields of each record that are checked before it is used."""

# What version 1 called an architecture's outputs, and a loss's backend.
_VERSION_1 = re.compile(r"(Architecture.*'gives'|Loss.*'learner')")


def _made_for(version: int) -> str:
    return (
        f"it is made for version {version} of the plugin interface, "
        f"this cmpnet has {API_VERSION}; install matching versions"
    )


def _fault(entry: Entry, spec: object) -> str:
    if entry.noun == "executor":
        return fault_of_executor(spec)
    if entry.noun not in RECORDS:
        return ""
    kind = RECORDS[entry.noun]
    if not isinstance(spec, kind):
        return f"'{entry.target}' is {errors.a_kind(spec)}, not a cmpnet.{kind.__name__}"
    if spec.name != entry.name:
        return f"its entry point is called '{entry.name}', its record '{spec.name}'"
    return fault_of(spec)


def fault_of(spec: Record | Suite) -> str:
    """Why a record cannot be used; "" if it can."""
    if spec.api_version != API_VERSION:
        return _made_for(spec.api_version)
    try:
        hints = next(hints for kind, hints in _FIELDS.items() if isinstance(spec, kind))
        for field, hint in hints.items():
            value = getattr(spec, field)
            decode(hint, dict(value) if isinstance(value, Mapping) else value, f"its '{field}'")
        if isinstance(spec, Architecture):
            recipe: object = spec.recipe
            if not isinstance(recipe, TrainConfig):
                return f"its 'recipe' is {errors.a_kind(recipe)}; it must be a cmpnet.TrainConfig"
            decode(TrainConfig, asdict(recipe), "its 'recipe'")
    except ValueError as error:
        return str(error)
    if reason := _fault_of_functions(spec):
        return reason
    if not is_typable(spec.name):
        return (
            f"its name is '{spec.name}'; it must not begin with '-', end in "
            f"{', '.join(FILE_ENDINGS)}, or contain blanks or any of {' '.join(UNTYPABLE)}"
        )
    if isinstance(spec, Task) and not spec.metrics:
        return "its 'metrics' is empty; name the metric that decides"
    if isinstance(spec, Task) and spec.wrong is None and ERROR in spec.metrics:
        return "it has no 'wrong', so its 'metrics' must name others than the error"
    if isinstance(spec, Suite):
        return ""  # its fields are checked as those of a .toml file are
    function = option_function(spec)
    if isinstance(spec, Metric):
        return _fault_of_metric(spec)
    if isinstance(function, WithOptions):  # plain code need not know our flags: Net(device=None)
        return ""
    return next(filter(None, map(fault_of_option, record_options(spec).values())), "")


def _fault_of_functions(spec: Record | Suite) -> str:
    """Why what a record calls cannot be called; "" if it can."""
    for field in fields(spec):
        value = getattr(spec, field.name)
        if str(field.type).startswith("Callable") and not callable(value):
            if value is None and field.default is None:
                continue
            return f"its '{field.name}' is {errors.a_kind(value)}; it must be a function"
    return ""


def check_own(record: Record) -> None:
    """Check a record of the caller's own as the registry checks one of a plugin.

    Raises:
        CmpnetError: it cannot be used.
    """
    with blame(str(record.name), owner=""):
        if reason := fault_of(record):
            raise ValueError(reason)


def _fault_of_metric(metric: Metric) -> str:
    """Why a metric cannot be used; "" if it can."""
    low, high = metric.limits
    if not low < high:
        return f"its 'limits' are {low} and {high}; the first must be the smaller one"
    parameters = inspect.signature(metric.fn).parameters.values()
    if any(p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters):
        return "its 'fn' must name each parameter, without * and /"
    if not parameters or any(p.default is not p.empty for p in parameters):
        return "its 'fn' must have parameters without defaults, which say what it asks for"
    return ""
