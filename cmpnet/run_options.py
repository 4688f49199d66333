"""How arms are trained: the keyword arguments that the verbs have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cmpnet import errors
from cmpnet.events import Event
from cmpnet.spec import Loss, Metric
from cmpnet.store.runs import About


def _ignore(event: Event) -> None:
    pass


def default_store() -> Path:
    """The folder of the store: ``$CMPNET_STORE``, or ``.cmpnet`` here."""
    return Path(os.environ.get("CMPNET_STORE") or ".cmpnet")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How arms are trained. Nothing here changes the numbers of a repeat.

    Attributes:
        store: folder where every finished repeat is kept.
        workers: number of trainings side by side; by default as many as the executor has room
            for: one per core.
        executor: where trainings run, as ``cmpnet list executors`` names it.
        fresh: train again what the store has.
        fail_fast: stop at the first repeat that fails or diverges.
        time: measure the CPU time of a repeat of each arm afterwards, alone and in turn
            (:mod:`cmpnet.timing`).
        loss: loss of the arms that name none.
        metric: the metric that decides; by default that of each arm's task.
        reference: label of the arm that the others are compared with; by default the first.
        sweep: values to try by option name, one arm for each combination.
        margin: a difference of errors within it counts as none; by default one point, or a tenth
            of the reference's error where that is smaller.
        until_decided: train each arm until all of its comparisons and claims are decided; then
            ``repeats`` has no effect.
        max_repeats: repeats of an arm at most, in a bench until decided.
        plugins: Python files whose records are names like those of installed plugins.
        disabled: plugin distributions that are not used.
        note: a line about the run that the store keeps.
        tags: short names by which ``cmpnet runs --tag`` finds the run.
        command: the words of the command line that calls; None for a call from Python.
        on_event: called with each event of :mod:`cmpnet.events` as it comes.
    """

    store: str | Path = field(default_factory=default_store)
    workers: int | None = None
    executor: str = "local"
    fresh: bool = False
    fail_fast: bool = False
    time: bool = False
    loss: str | Loss | None = None
    metric: str | Metric | None = None
    reference: str | None = None
    sweep: Mapping[str, Sequence[object]] = field(default_factory=dict)
    margin: float | None = None
    until_decided: bool = False
    max_repeats: int = 100
    plugins: Sequence[str | Path] = ()
    disabled: Sequence[str] = ()
    note: str = ""
    tags: Sequence[str] = ()
    command: Sequence[str] | None = None
    on_event: Callable[[Event], None] = _ignore

    def __post_init__(self) -> None:
        for name, (types, allowed) in _TYPES.items():
            value = getattr(self, name)
            if not isinstance(value, types):
                raise errors.bad_value(f"{name} is {value!r}; it must be {allowed}")
        _ = self.about

    @property
    def about(self) -> About:
        """What the store keeps about the run."""
        return About.checked(self.note, self.tags, self.command)

    @classmethod
    def split(
        cls, options: Mapping[str, Any], names: Collection[str] = ()
    ) -> tuple[RunOptions, dict[str, Any]]:
        """The fields among the options, and the options of the arms.

        Args:
            options: all keyword arguments of a verb.
            names: fields that the verb has; by default all.

        Raises:
            CmpnetError: a field has a value of a wrong type.
        """
        own = {f.name for f in fields(cls) if not names or f.name in names} & options.keys()
        rest = {name: value for name, value in options.items() if name not in own}
        return cls(**{name: options[name] for name in own}), rest


_TYPES: Mapping[str, tuple[Any, str]] = {
    "store": (str | os.PathLike, "the path of a folder"),
    "executor": (str, "a name"),
    "fresh": (bool, "True or False"),
    "fail_fast": (bool, "True or False"),
    "until_decided": (bool, "True or False"),
    "time": (bool, "True or False"),
    "loss": (str | Loss | None, "the name of a loss, or a cmpnet.Loss"),
    "metric": (str | Metric | None, "the name of a metric, or a cmpnet.Metric"),
    "reference": (str | None, "the label of an arm"),
    "sweep": (Mapping, "a mapping from names of options to lists of values"),
    "plugins": (list | tuple | set | frozenset, "a list of files"),
    "disabled": (list | tuple | set | frozenset, "a list of names of distributions"),
    "note": (str, "a line of text"),
    "tags": (list | tuple | set | frozenset, "a list of names"),
    "on_event": (Callable, "a function of one event"),
}
"""Types of fields, and what errors call them; numbers are checked with their bounds."""
