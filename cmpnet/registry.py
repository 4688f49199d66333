"""Names to specs, through entry points: lazy, strict, and it knows who owns a name.

Listing reads the metadata of installed distributions and imports nothing; a plugin is imported
when one of its names is asked for. cmpnet's own names come in by the same door.
"""

from __future__ import annotations

import contextlib
import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Literal, cast

from cmpnet import errors
from cmpnet.options import options_of
from cmpnet.spec import API_VERSION, Architecture, Loss, Task

if TYPE_CHECKING:
    from cmpnet.executors import Executor

Noun = Literal["architecture", "loss", "task", "executor", "suite"]
GROUPS: dict[Noun, str] = {
    "architecture": "cmpnet.architectures",
    "loss": "cmpnet.losses",
    "task": "cmpnet.tasks",
    "executor": "cmpnet.executors",
    "suite": "cmpnet.suites",
}
HOME = "cmpnet"  # the distribution whose names win a clash

KINDS: dict[str, type[Architecture | Loss | Task]] = {
    "architecture": Architecture,
    "loss": Loss,
    "task": Task,
}


def canonical(distribution: str) -> str:
    """A distribution's name as packaging compares it: ``My_Plugin`` is ``my-plugin``."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _options_in(spec: Architecture | Loss | Task) -> Callable[..., object]:
    """The function whose keyword-only parameters are the options."""
    match spec:
        case Architecture():
            return spec.build
        case Loss():
            return spec.fn
        case Task():
            return spec.load


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered name: who owns it and where it is, without importing it."""

    noun: Noun
    name: str
    target: str
    owner: str
    version: str
    point: metadata.EntryPoint

    @property
    def qualified(self) -> str:
        """The name that is this entry's whoever else has it."""
        return f"{self.owner}:{self.name}"


class Registry:
    """All names of the installed distributions, less the plugins that are switched off."""

    def __init__(self, disabled: Iterable[str] = ()) -> None:
        self.disabled = frozenset(canonical(name) for name in disabled if name)
        self._entries: dict[Noun, list[Entry]] = {}
        for noun, group in GROUPS.items():
            found = (self._entry(noun, point) for point in metadata.entry_points(group=group))
            kept = {entry.qualified: entry for entry in found if entry.owner not in self.disabled}
            self._entries[noun] = sorted(
                kept.values(), key=lambda entry: (entry.owner != HOME, entry.owner, entry.name)
            )

    @staticmethod
    def _entry(noun: Noun, point: metadata.EntryPoint) -> Entry:
        dist = point.dist
        owner = canonical(dist.name) if dist is not None else "unknown"
        version = dist.version if dist is not None else "?"
        return Entry(noun, point.name, point.value, owner, version, point)

    def entries(self, noun: Noun) -> list[Entry]:
        """Every name of one kind, cmpnet's own first."""
        return list(self._entries[noun])

    def clashes(self, entry: Entry) -> list[Entry]:
        """Entries of other distributions under the same name."""
        return [
            other
            for other in self._entries[entry.noun]
            if other.name == entry.name and other.owner != entry.owner
        ]

    def owns_bare_name(self, entry: Entry) -> bool:
        """Whether the bare name means this entry: it is cmpnet's own, or nobody else has it."""
        return entry.owner == HOME or not self.clashes(entry)

    def known(self, noun: Noun) -> list[str]:
        """The names a user can type."""
        return [
            entry.name if self.owns_bare_name(entry) else entry.qualified
            for entry in self._entries[noun]
        ]

    def has(self, noun: Noun, name: str) -> bool:
        """Whether a bare or qualified name is registered."""
        return any(name in (entry.name, entry.qualified) for entry in self._entries[noun])

    def find(self, noun: Noun, name: str) -> Entry:
        """The entry a name means.

        Raises:
            CmpnetError: nobody has the name, or two plugins have it and it is not qualified.
        """
        for entry in self._entries[noun]:
            if name == entry.qualified or (name == entry.name and self.owns_bare_name(entry)):
                return entry
        clashing = [entry for entry in self._entries[noun] if entry.name == name]
        if clashing:
            raise errors.ambiguous_name(noun, name, [entry.qualified for entry in clashing])
        raise errors.unknown_name(noun, name, self.known(noun))

    def owners(self) -> list[tuple[str, str, int]]:
        """Distributions with their version and how many names they register, cmpnet first."""
        entries = [entry for noun in GROUPS for entry in self._entries[noun]]
        counts = Counter((entry.owner, entry.version) for entry in entries)
        return sorted(
            ((owner, version, count) for (owner, version), count in counts.items()),
            key=lambda row: (row[0] != HOME, row[0]),
        )

    @contextlib.contextmanager
    def blame(self, entry: Entry) -> Iterator[None]:
        """Run a plugin's code: whatever it raises becomes a sentence that names its owner.

        What it prints goes to stderr: stdout is for results.

        Raises:
            CmpnetError: the code raised something, or wanted to exit.
        """
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield
        except errors.CmpnetError:
            raise
        except (Exception, SystemExit) as error:
            raise errors.broken_plugin(entry.name, entry.owner, entry.version, error) from error

    def load(self, entry: Entry) -> object:
        """Import an entry and check that it is what its group says.

        Raises:
            CmpnetError: it cannot be imported, or is not a spec that this cmpnet understands.
        """
        with self.blame(entry):
            spec: object = entry.point.load()
            reason = self._fault(entry, spec) if entry.noun in KINDS else ""
        if reason:
            raise errors.wrong_spec(entry.name, entry.owner, entry.version, reason)
        return spec

    @staticmethod
    def _fault(entry: Entry, spec: object) -> str:
        kind = KINDS[entry.noun]
        if not isinstance(spec, kind):
            return f"'{entry.target}' is a {type(spec).__name__}, not a cmpnet.{kind.__name__}"
        if spec.api_version != API_VERSION:
            return (
                f"it is made for version {spec.api_version} of the plugin interface, "
                f"this cmpnet has {API_VERSION}; install matching versions"
            )
        if spec.name != entry.name:
            return f"its entry point is called '{entry.name}', its record '{spec.name}'"
        for option in options_of(_options_in(spec)).values():
            if option.default is inspect.Parameter.empty:
                return f"its option '{option.name}' has no default; every option needs one"
        return ""

    def architecture(self, name: str) -> Architecture:
        """The architecture a name means; raises as :meth:`find` and :meth:`load`."""
        return cast(Architecture, self.load(self.find("architecture", name)))

    def loss(self, name: str) -> Loss:
        """The loss a name means; raises as :meth:`find` and :meth:`load`."""
        return cast(Loss, self.load(self.find("loss", name)))

    def executor(self, name: str) -> Callable[[int], Executor]:
        """What makes the executor of a name for so many workers."""
        return cast("Callable[[int], Executor]", self.load(self.find("executor", name)))

    def task(self, name: str) -> Task:
        """The task a name means; raises as :meth:`find` and :meth:`load`."""
        return cast(Task, self.load(self.find("task", name)))
