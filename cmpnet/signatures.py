"""The parameters of plain classes and functions as options."""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from cmpnet import errors
from cmpnet.decoding import decode
from cmpnet.options import RESERVED
from cmpnet.spec import DataInfo

_SIMPLE = (bool, int, float, str)
_ANY = int | float | str  # the type of an option that has none: 16, 0.5 or relu
_REQUIRED = inspect.Parameter.empty
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class WithOptions:
    """A function, called with keywords alone, whose options are read from its signature.

    Attributes:
        function: the function or class of the user's own.
    """

    def __init__(
        self, function: Callable[..., Any], options: Sequence[inspect.Parameter], *first: str
    ) -> None:
        self.function = function
        positional = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in first]
        self.__signature__ = inspect.Signature([*positional, *options])
        self.__annotations__ = {
            p.name: p.annotation for p in options if p.annotation is not p.empty
        }
        self.__doc__ = function.__doc__

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """What the function returns."""
        return self.function(*arguments, **options)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(self.function)


def options_in(
    function: Callable[..., Any],
    name: str,
    skip: int = 0,
    inputs: Collection[str] = RESERVED,
) -> Iterator[inspect.Parameter]:
    """The parameters that are options, as keywords with their types.

    One whose type or default no option can have, such as a class, keeps its default. One without
    default must be given. A parameter ``data: DataInfo`` is among them, although it is no option.

    Args:
        function: the function or class.
        name: what errors call it.
        skip: how many parameters come before the options.
        inputs: parameters that are no options: the training gives them.

    Raises:
        CmpnetError: a parameter has no default, and cannot be given either.
    """
    where = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    try:
        hints: Mapping[str, Any] = get_type_hints(where, include_extras=True)
    except Exception:  # an annotation names what is not imported
        hints = {}
    for parameter in list(inspect.signature(function).parameters.values())[skip:]:
        variable = (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if parameter.kind in variable or parameter.name in inputs:
            continue
        annotated = hints.get(parameter.name)
        if parameter.default is _REQUIRED:
            allowed = annotated is None or _is_option(annotated) or annotated is DataInfo
            if not allowed or parameter.kind not in _BY_NAME:
                raise errors.no_default(parameter.name, name)
            yield inspect.Parameter(
                parameter.name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=_ANY if annotated is None else annotated,
            )
            continue
        hint = _hint(annotated, parameter.default)
        if hint is not None and parameter.kind in _BY_NAME:
            default = decode(hint, parameter.default, parameter.name)
            yield inspect.Parameter(
                parameter.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint
            )


def _hint(annotated: Any, default: object) -> Any:
    """The type of an option: as annotated, else that of its default; None if it cannot be one."""
    kind = type(default)
    unannotated = (_ANY | None) if default is None else kind
    for hint in (annotated, None if annotated is None else annotated | None, unannotated):
        if hint is not None and _is_option(hint):
            with contextlib.suppress(ValueError, TypeError):
                json.dumps(decode(hint, default, ""), allow_nan=False)
                return hint
    return None


def _is_option(hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _is_option(inner[0])
    if origin in (Union, UnionType):
        return all(_is_option(one) for one in inner if one is not NoneType)
    return hint in _SIMPLE or origin is Literal
