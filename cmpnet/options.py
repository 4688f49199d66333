"""Options are keyword-only parameters, read from the signature of the function they belong to."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cmpnet import errors
from cmpnet.decoding import decode, describe, fault_of_type, text_of_value
from cmpnet.spec import DataInfo, LocalPath, TrainConfig

FLAGS = frozenset(field.name for field in fields(TrainConfig)) | {
    "architecture", "arms", "executor", "export_csv", "export_json", "export_latex",
    "export_markdown", "fail_fast", "fresh", "full", "help", "loss", "margin", "max_repeats",
    "metric", "no_plot", "no_plugin", "note", "option", "plugin", "quiet", "reference", "repeats",
    "save", "seed", "store", "suite", "sweep", "tag", "time", "until_decided", "verbose", "workers",
}  # fmt: skip
"""Flags of ``train`` and ``bench``: an option of the same name could not be given as a flag."""

RESERVED = frozenset({"progress"})  # set by the training loop, never by a user
LOSS_INPUTS = RESERVED | {"x", "net", "ids"}  # what a learner gives to a loss that asks for it
AUGMENTATION_INPUTS = frozenset({"targets"})


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        name: the parameter's name.
        hint: its annotated type.
        default: its default value.
    """

    name: str
    hint: Any
    default: Any

    @property
    def flag(self) -> str:
        """The name as it is typed: ``batch-size``."""
        return self.name.replace("_", "-")

    @property
    def notes(self) -> tuple[Any, ...]:
        """What annotates the type: bounds, a description, markers."""
        return get_args(self.hint)[1:] if get_origin(self.hint) is Annotated else ()

    @property
    def doc(self) -> str:
        """The description in its annotation."""
        return next((note for note in self.notes if isinstance(note, str)), "")

    @property
    def is_local_path(self) -> bool:
        """Whether the value is a path on this machine."""
        return any(isinstance(note, LocalPath) for note in self.notes)

    @property
    def allowed(self) -> str:
        """What the option may be, in words: "a number from 0 to 1"."""
        return describe(self.hint)

    def parse(self, value: object) -> Any:
        """The checked value of a word that a user typed, or of a value from Python.

        Raises:
            CmpnetError: the value has the wrong type or is out of bounds.
        """
        try:
            return decode(self.hint, value, self.flag, text=True)
        except ValueError as error:
            raise errors.bad_value(str(error)) from None

    def text(self, value: object) -> str:
        """A value as it is typed: 1 for 1.0, and of a path its last component."""
        if self.is_local_path:
            return PurePath(str(value)).name
        return text_of_value(value)


def fault_of_option(option: Option) -> str:
    """Why an option of a record cannot be used; "" if it can."""
    which = f"its option '{option.name}'"
    if option.default is inspect.Parameter.empty:
        return f"{which} has no default; every option needs one"
    if option.name in FLAGS:
        return f"{which} is hidden by the flag --{option.flag} of the command line; rename it"
    if option.name.startswith("_") or not option.name.isascii():
        return f"{which} cannot be typed; use letters, digits and '_', a letter first"
    if reason := fault_of_type(option.hint):
        return f"{which} {reason}"
    try:
        decode(option.hint, option.default, f"the default of {which}")
    except ValueError as error:
        return str(error)
    return ""


def options_of(
    function: Callable[..., Any], inputs: Collection[str] = RESERVED
) -> dict[str, Option]:
    """The options of a build, loss or load function, or of a keyword-only dataclass.

    Args:
        function: the function or class.
        inputs: keyword-only parameters that are no options: the training gives them.

    >>> from cmpnet.spec import TrainConfig
    >>> options_of(TrainConfig)["epochs"].allowed
    'a whole number from 1 to 100000'
    """
    keywords = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in inputs
    }
    hints = dict(_hints(function, keywords)) if keywords else {}
    return {
        name: Option(name, hints.get(name, _kind(value)), value)
        for name, value in keywords.items()
        if not (name == "data" and hints.get(name) is DataInfo)  # the learner gives it
    }


def inputs_asked(function: Callable[..., Any], inputs: Collection[str]) -> set[str]:
    """Which of some inputs a loss or an augmentation asks for, after its two arguments."""
    return {
        name
        for number, (name, parameter) in enumerate(inspect.signature(function).parameters.items())
        if name in inputs and (number > 1 or parameter.kind is inspect.Parameter.KEYWORD_ONLY)
    }


def training_options() -> dict[str, Option]:
    """The options of a training, without those of its optimizer, schedule and augmentation."""
    options = options_of(TrainConfig)
    return {name: options[name] for name in TrainConfig().settings()}


def _kind(default: object) -> type:
    """The type of an option without annotation."""
    return str if default is None or default is inspect.Parameter.empty else type(default)


def parse_options(options: Mapping[str, Option], given: Mapping[str, object]) -> dict[str, Any]:
    """Every option's value: the given one, checked, or its default."""
    return {n: o.parse(given[n]) if n in given else o.default for n, o in options.items()}


def _hints(function: Callable[..., Any], keywords: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The evaluated annotations of some parameters; others may name what is not imported."""

    class Selected:
        __annotations__ = {
            name: hint
            for name, hint in inspect.get_annotations(function).items()
            if name in keywords
        }

    space = getattr(function, "__globals__", None) or vars(sys.modules[function.__module__])
    hints = get_type_hints(Selected, globalns=space, include_extras=True)
    yield from hints.items()
