"""Checked values out of JSON, TOML and the command line: one decoder for annotated types."""

from __future__ import annotations

import contextlib
import math
import sys
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from cmpnet.errors import nearest
from cmpnet.spec import ARM_SCHEMA, PARTS, ArmKey, Bounds, OneLine, RepeatResult

Record = TypeVar("Record")
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NUMBERS = {int: "a whole number", float: "a number"}
_INT64 = 2**63  # SQLite's limit
MOST_KEYS = 12  # that an error lists


ITEMS = ":"  # between the items of a list as it is typed: widths=32:64
_SIMPLE = (bool, int, float, str)
_ALLOWED = (
    "bool, int, float, str, Literal, StrEnum, IntEnum, a list of one of these, or None beside it"
)


def has_control_characters(text: str) -> bool:
    """Whether a text contains control characters, such as a tab or an escape sequence."""
    return any(unicodedata.category(letter) == "Cc" for letter in text)


def describe(hint: Any) -> str:
    """What a type allows, in words.

    >>> describe(Annotated[float, Bounds(0, 1)]), describe(Literal["a", "b"])
    ('a number from 0 to 1', 'one of a, b')
    """
    base, notes = _unwrap(hint)
    inner, origin = get_args(base), get_origin(base)
    if origin in (Union, UnionType):
        options = [describe(_annotated(one, notes)) for one in inner if one is not NoneType]
        return " or ".join([*options, *(["none"] if NoneType in inner else [])])
    if inner == ("",):
        return "empty"
    if origin is Literal:
        return "one of " + ", ".join(map(str, inner))
    if _is_enum(base):
        return "one of " + ", ".join(str(one.value) for one in base)
    if origin in (list, tuple):
        return f"a list, each item {describe(_annotated(inner[0], notes))}"
    if base is bool:
        return "true or false"
    if base in _NUMBERS:
        bounds = next((note for note in notes if isinstance(note, Bounds)), None)
        if bounds is None:
            return _NUMBERS[base]
        low, high = f"{bounds.low:.10g}", f"{bounds.high:.10g}"
        limits = f"of at least {low}" if math.isinf(bounds.high) else f"from {low} to {high}"
        return f"{_NUMBERS[base]} {limits}"
    return "a line of text" if base is str else "a table"


def decode(hint: Any, value: object, where: str, *, text: bool = False) -> Any:
    """The value as an instance of an annotated type.

    Args:
        hint: a record, or any type that a field of a record or an option may have.
        value: what JSON, TOML or a user gave.
        where: what an error calls the value.
        text: the value is a word that a user typed: "0.5", "true" and "none" are converted.

    Raises:
        ValueError: the value does not fit; the sentence says what is allowed.

    >>> decode(Annotated[float, Bounds(0, 1)], "0.5", "alpha", text=True)
    0.5
    >>> decode(int, 1.5, "epochs")
    Traceback (most recent call last):
    ValueError: epochs is 1.5; it must be a whole number
    """
    base, notes = _unwrap(hint)
    inner, origin = get_args(base), get_origin(base)
    if origin in (Union, UnionType):
        if NoneType in inner and (value is None or (text and str(value).lower() == "none")):
            return None
        for one in inner:
            with contextlib.suppress(ValueError):
                return decode(_annotated(one, notes), value, where, text=text)
        raise ValueError(f"{where} is {_shown(value)}; it must be {describe(hint)}")
    if is_dataclass(base):
        return _record(base, value, where)  # type: ignore[arg-type]
    if origin in (list, tuple):
        if text and isinstance(value, str):
            value = value.split(ITEMS) if value else []
        if isinstance(value, list | tuple):
            item = _annotated(inner[0], notes)
            return origin(
                decode(item, one, f"{where} {n}", text=text) for n, one in enumerate(value, 1)
            )
    elif _is_enum(base):
        with contextlib.suppress(ValueError):
            return _member(base, value, text=text)
    elif origin is Mapping or origin is dict:
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return {key: decode(inner[1], item, f"{where} '{key}'") for key, item in value.items()}
    else:
        result: Any = value
        if text:
            result = _from_text(base, value)
            notes = (*notes, OneLine()) if base is str else notes
        if _fits(base, notes, result):
            return float(result) if base is float else result
    raise ValueError(f"{where} is {_shown(value)}; it must be {describe(hint)}")


def fault_of_type(hint: Any) -> str:
    """Why an option cannot have a type; "" if it can.

    >>> fault_of_type(Annotated[float, Bounds(0, 1)]), fault_of_type(list[int] | None)
    ('', '')
    >>> fault_of_type(dict)
    'has the type dict, which cannot be typed; use bool, int, float, str, Literal, StrEnum, \
IntEnum, a list of one of these, or None beside it'
    """
    base, notes = _unwrap(hint)
    bounded = any(isinstance(note, Bounds) for note in notes)
    kinds = [one for one in _alternatives(base) if one is not NoneType]
    items = [get_args(kind)[0] if get_origin(kind) is list else kind for kind in kinds]
    if not kinds or not all(map(_is_simple, items)):
        return f"has the type {_type_name(base)}, which cannot be typed; use {_ALLOWED}"
    if bounded and not all(kind in _NUMBERS for kind in items):
        return f"has bounds, but the type {_type_name(base)}, which is no number"
    return ""


def _alternatives(base: Any) -> tuple[Any, ...]:
    return get_args(base) if get_origin(base) in (Union, UnionType) else (base,)


def _is_simple(kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return all(type(one) in _SIMPLE for one in get_args(kind))
    return kind in _SIMPLE or _is_enum(kind)


def _is_enum(kind: Any) -> bool:
    """Whether it is an enumeration whose members can be stored: they are texts or numbers."""
    return isinstance(kind, type) and issubclass(kind, Enum) and issubclass(kind, (str, int))


def _type_name(kind: Any) -> str:
    return kind.__name__ if type(kind) is type else str(kind).replace("typing.", "")


def _member(kind: type[Enum], value: object, *, text: bool) -> Enum:
    """The member with a value, or the value as it is typed.

    Raises:
        ValueError: there is none.
    """
    for one in kind:
        if value == one.value or (text and str(value).strip() == str(one.value)):
            return one
    raise ValueError


def text_of_value(value: object) -> str:
    """The value of an option as it is typed.

    >>> text_of_value(1.0), text_of_value([32, 64]), text_of_value(None)
    ('1', '32:64', 'None')
    """
    if isinstance(value, list | tuple):
        return ITEMS.join(map(text_of_value, value))
    if isinstance(value, Enum):
        return str(value.value)
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def decode_arm(content: object) -> ArmKey:
    """The key of an arm from its JSON form.

    Raises:
        ValueError: the content is not a valid arm.
    """
    if isinstance(content, dict):
        content = dict(content)
        schema = content.pop("schema", 1)
        if type(schema) is not int or not 1 <= schema <= ARM_SCHEMA:
            raise ValueError(f"the arm has schema {_shown(schema)}; known are 1 to {ARM_SCHEMA}")
    return decode(ArmKey, content, "the arm")  # type: ignore[no-any-return]


def decode_result(content: object) -> RepeatResult:
    """A repeat from its JSON form.

    Raises:
        ValueError: the content is not a valid repeat, or its numbers contradict one another.
    """
    result: RepeatResult = decode(RepeatResult, content, "the repeat")
    for name, values in result.metrics.items():
        if has_control_characters(name) or not values.keys() <= {*PARTS}:
            raise ValueError(f"'metrics' has {_shown(name)} of {_shown(list(values))}")
    if any(place >= result.test_samples for place in result.mistakes):
        raise ValueError(f"'mistakes' refers to more than {result.test_samples} test samples")
    for part, count in (("train", result.train_count), ("test", result.error_count)):
        error, samples = getattr(result, f"{part}_error"), getattr(result, f"{part}_samples")
        curve = getattr(result.curves, f"{part}_error")
        if result.status == "ok" and ((error is None and not result.metrics) or not samples):
            raise ValueError(f"{part}_error is {error}, measured on {samples} samples")
        if not samples:
            continue
        for value in (*curve, error):
            if value is not None and value != round(value * samples) / samples:
                raise ValueError(f"{part}_error is {value}, no whole number of {samples} samples")
        if error is not None and count is not None and error != count / samples:
            raise ValueError(f"{part}_error is {error}, but {count} of {samples} are wrong")
        if error is not None and curve and error != curve[-1]:
            raise ValueError(f"{part}_error is {error}, but its curve ends at {curve[-1]}")
    distinct = len(set(result.mistakes))
    if result.mistakes and result.error_count not in (None, distinct):
        raise ValueError(f"{result.error_count} samples are wrong, but 'mistakes' lists {distinct}")
    return result


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is Annotated:
        base, *notes = get_args(hint)
        return base, tuple(notes)
    return hint, ()


def _annotated(base: Any, notes: tuple[Any, ...]) -> Any:
    return Annotated[(base, *notes)] if notes else base


def _shown(value: object) -> str:
    try:
        shown = repr(value)
    except ValueError:  # Python refuses to write a number of more than 4300 digits
        return "a number of too many digits"
    return shown if len(shown) < 40 else f"{shown[:36]}..."


def _from_text(base: Any, value: object) -> object:
    """What a typed word means as a value of a type; the word itself where it means nothing."""
    try:
        word = str(value).strip()
    except ValueError:  # a number of more than 4300 digits
        return value
    if get_origin(base) is Literal:
        return next((choice for choice in get_args(base) if str(choice) == word), word)
    try:
        return _BOOLEANS[word.lower()] if base is bool else base(word) if base in _NUMBERS else word
    except (ValueError, KeyError, OverflowError):
        return word


def _fits(base: Any, notes: Iterable[Any], value: Any) -> bool:
    if get_origin(base) is Literal:
        return any(value == one and type(value) is type(one) for one in get_args(base))
    if base is float:  # NaN, infinity and 10**400 are not numbers
        right = type(value) in (int, float) and abs(value) <= sys.float_info.max
    elif base is int:
        right = type(value) is int and abs(value) < _INT64
    else:
        right = base is Any or type(value) is base
    if right:
        for note in notes:
            if isinstance(note, Bounds):
                right = note.low <= value <= note.high
            elif isinstance(note, OneLine):
                right = bool(value.strip()) and not has_control_characters(value)
    return right


@lru_cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _record(kind: type[Record], content: object, where: str) -> Record:
    if not isinstance(content, dict):
        raise ValueError(f"{where} is {_shown(content)}; it must be a table")
    hints, values = _hints(cast(Hashable, kind)), {}
    names = {name.removesuffix("_"): name for name in hints}  # ``as_``, since ``as`` is a keyword
    for key, value in content.items():
        if key not in names:
            known = f" Known: {', '.join(names)}" if len(names) <= MOST_KEYS else ""
            raise ValueError(
                f"{where} has an unknown key {key[:40]!r}.{nearest(key, names)}{known}"
            )
        values[names[key]] = decode(hints[names[key]], value, f"{where}: '{key}'")
    for key, name in names.items():
        if name not in values and name in _required(kind):
            raise ValueError(f"{where} has no '{key}'; it must be {describe(hints[name])}")
    return kind(**values)


def _required(kind: Any) -> set[str]:
    """Names of the fields without a default."""
    return {f.name for f in fields(kind) if f.default is f.default_factory is MISSING}
