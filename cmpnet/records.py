"""Arms and results out of JSON: whatever a file holds is checked before it is believed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from cmpnet.options import has_controls
from cmpnet.spec import Arm, RepeatResult

Record = TypeVar("Record")
MOST = sys.float_info.max


def arm_from(content: object) -> Arm:
    """An arm from its JSON form.

    Raises:
        ValueError: it is none, or holds what no arm has.
    """
    arm = _made(Arm, content, "an arm")
    for name in (arm.label, arm.architecture, arm.loss, arm.task):
        check_name("a name", name)
    return arm


def result_from(content: object) -> RepeatResult:
    """A result from its JSON form.

    Raises:
        ValueError: it is none, or holds what no result has.
    """
    result = _made(RepeatResult, content, "a repeat")
    for name in ("seed", "train_samples", "test_samples", "parameters", "seconds"):
        if getattr(result, name) < 0:
            raise ValueError(f"{name} is {getattr(result, name)}")
    if any(not 0 <= place < result.test_samples for place in result.mistakes):
        raise ValueError(f"'mistakes' are not all of {result.test_samples} samples")
    if result.status == "ok":
        for part, count in (("train", result.train_count), ("test", result.error_count)):
            error, samples = getattr(result, f"{part}_error"), getattr(result, f"{part}_samples")
            if error is None or (count is not None and abs(error * samples - count) > 0.5):
                raise ValueError(f"{part}_error is {error}, with {count} of {samples} misjudged")
            if not (0 <= error <= 1 and samples):
                raise ValueError(f"{part}_error is {error}, of {samples} samples")
    return result


def check_name(what: str, value: object) -> None:
    """Refuse what is no text, or one that would do something to the terminal.

    Raises:
        ValueError: it is so.
    """
    if not isinstance(value, str) or has_controls(value):
        raise ValueError(f"{what} is {_shown(value)}")


def check(what: str, value: object, hint: Any) -> None:
    """Refuse a value that is not of a type.

    Raises:
        ValueError: it is not.
    """
    if not _fits(value, hint):
        raise ValueError(f"{what} is {_shown(value)}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) < 40 else f"{text[:36]}..."


def _made(kind: type[Record], content: object, what: str) -> Record:
    check(what, content, dict[str, Any])
    assert isinstance(content, dict)
    types, values = get_type_hints(kind), {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in content and field.default is field.default_factory is MISSING:
            raise ValueError(f"{what} has no '{field.name}'")
    for name, value in content.items():
        if name not in types:
            raise ValueError(f"{what} has an unknown '{name[:40]}'")
        if is_dataclass(hint := types[name]):
            value = _made(hint, value, f"'{name}'")  # type: ignore[arg-type]
        else:
            check(f"'{name}'", value, hint)
        values[name] = value
    return kind(**values)


def _fits(value: Any, hint: Any) -> bool:
    """Whether JSON's value is of a type that a record's annotation names."""
    inner, of = get_args(hint), get_origin(hint)
    if of in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if of is Literal:
        return value in inner
    if of is list:
        return isinstance(value, list) and all(_fits(one, inner[0]) for one in value)
    if isinstance(of, type) and issubclass(of, Mapping):
        return isinstance(value, dict) and all(_fits(one, inner[1]) for one in value.values())
    if hint is float:  # NaN, infinity and 10**400 are none
        return type(value) in (int, float) and -MOST <= value <= MOST
    if hint is int:  # as SQLite's
        return type(value) is int and abs(value) < 2**63
    return hint is Any or type(value) is hint
