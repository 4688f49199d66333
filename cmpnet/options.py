"""Options are keyword-only parameters: read from a signature, parsed and checked against it."""

from __future__ import annotations

import inspect
import math
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import cmpnet.errors as errors
from cmpnet.spec import Bounds

RESERVED = frozenset({"progress"})  # given by the training loop, never by a user
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def has_controls(text: str) -> bool:
    """Whether there are control characters, such as a tab or what begins an escape sequence."""
    return any(unicodedata.category(letter) == "Cc" for letter in text)


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its type, default, and what it may be."""

    name: str
    type: type
    default: Any
    bounds: Bounds | None = None
    choices: tuple[str, ...] = ()
    none: bool = False
    doc: str = ""

    @property
    def allowed(self) -> str:
        """What the option may be, in words: "a number from 0 to 1"."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        words = {int: "a whole number", float: "a number", bool: "true or false"}
        text = words.get(self.type, "a line of text")
        if self.bounds is not None:
            low, high = (f"{end:.10g}" for end in (self.bounds.low, self.bounds.high))
            text += (
                f" of at least {low}" if math.isinf(self.bounds.high) else f" from {low} to {high}"
            )
        return text + (" or none" if self.none else "")

    def parse(self, value: object) -> Any:
        """The checked value of a text (or of a value that has its type already).

        Raises:
            CmpnetError: the value is not of the option's type or out of its bounds.
        """
        if self.none and (value is None or str(value).lower() == "none"):
            return None
        try:
            parsed = self._convert(value)
        except (ValueError, OverflowError):
            raise errors.bad_value(self.name.replace("_", "-"), value, self.allowed) from None
        return parsed

    def _convert(self, value: object) -> Any:
        text = str(value).strip()
        if self.choices:
            if text not in self.choices:
                raise ValueError
            return text
        if self.type is bool:
            if text.lower() not in _WORDS:
                raise ValueError
            return _WORDS[text.lower()]
        if self.type not in (int, float):
            if has_controls(text):
                raise ValueError
            return text
        number = self.type(text)
        if not math.isfinite(number):
            raise ValueError
        if self.bounds is not None and not self.bounds.low <= number <= self.bounds.high:
            raise ValueError
        return number


def _option(name: str, hint: Any, default: Any) -> Option:
    bounds, doc, none, choices = None, "", False, ()
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        bounds = next((note for note in notes if isinstance(note, Bounds)), None)
        doc = next((note for note in notes if isinstance(note, str)), "")
    if get_origin(hint) in (Union, UnionType):
        none = NoneType in get_args(hint)
        hint = next(arg for arg in get_args(hint) if arg is not NoneType)
    if get_origin(hint) is Literal:
        choices, hint = get_args(hint), str
    kind = hint if hint in (int, float, bool) else str
    return Option(name, kind, default, bounds, choices, none, doc)


def options_of(function: Callable[..., Any]) -> dict[str, Option]:
    """The options of a build, loss or load function (or of a keyword-only dataclass).

    >>> from cmpnet.spec import TrainConfig
    >>> options_of(TrainConfig)["epochs"].allowed
    'a whole number from 1 to 100000'
    """
    keywords = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in RESERVED
    }
    return {name: _option(name, hint, keywords[name]) for name, hint in _hints(function, keywords)}


def _hints(function: Callable[..., Any], names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The evaluated annotations of some parameters; the others may name what is not imported."""

    class Chosen:
        __annotations__ = {
            name: hint
            for name, hint in inspect.get_annotations(function).items()
            if name in set(names)
        }

    space = getattr(function, "__globals__", None) or vars(sys.modules[function.__module__])
    hints = get_type_hints(Chosen, globalns=space, include_extras=True)
    yield from ((name, hints.get(name, str)) for name in names)
