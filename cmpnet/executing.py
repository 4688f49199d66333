"""The executor that a user named, made with its options, which are told from those of the arms."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cmpnet import errors
from cmpnet.options import parse_options
from cmpnet.registry import Registry, blame
from cmpnet.runtime.executors import Executor, default_workers, executor_options

_PART = "executor."  # executor.address=... where an arm has an option 'address' too


@dataclass(frozen=True, slots=True)
class Choice:
    """An executor and its options.

    Attributes:
        make: makes the executor for a number of workers, or for as many as it has room for.
        rest: the options that are not the executor's.
        names: names of all options of the executor.
        bare: names of the given options that could be an arm's as well.
    """

    make: Callable[[int | None], Executor]
    rest: Mapping[str, object]
    names: frozenset[str]
    bare: frozenset[str] = field(default=frozenset())

    def refuse_ambiguous(self, names: Iterable[str]) -> None:
        """
        Args:
            names: names of all options of the arms.

        Raises:
            CmpnetError: an option that was given to the executor is one of an arm, too.
        """
        for name in sorted(self.bare.intersection(names)):
            raise errors.ambiguous_option(name, ("executor", "an arm"))


def choose(registry: Registry, name: str, given: Mapping[str, object]) -> Choice:
    """The executor with a name, and those of the given options that are its own.

    Raises:
        CmpnetError: the name or an option of the executor is unknown, or a value is not allowed.
    """
    plain = registry.executor(name)  # opens the file that it may be in
    entry = registry.find("executor", name)
    known = executor_options(plain)
    own: dict[str, object] = {}
    rest: dict[str, object] = {}
    for key, value in given.items():
        option = key.removeprefix(_PART)
        if key not in known and option == key:
            rest[key] = value
        elif option not in known:
            raise errors.unknown_option(option, name, known)
        elif option in own:
            raise errors.repeated_option(option)
        else:
            own[option] = value
    values = parse_options({n: o for n, o in known.items() if n in own}, own)

    def make(workers: int | None) -> Executor:
        first = next(iter(inspect.signature(plain).parameters.values()), None)
        counts = first is not None and first.default is not inspect.Parameter.empty
        with blame(name, entry.owner):
            if workers is None and counts:  # it finds out by itself
                return plain(**values)
            return plain(default_workers() if workers is None else workers, **values)

    return Choice(make, rest, frozenset(known), frozenset(own.keys() & given.keys()))
