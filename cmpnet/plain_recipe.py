"""Plain functions and classes of a file as optimizers, schedules and augmentations.

The names of a function's first parameters say what it makes: ``parameters`` an optimizer,
``progress`` a schedule, ``x, generator`` an augmentation. A ``torch.optim.Optimizer`` class is an
optimizer.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

from cmpnet.options import AUGMENTATION_INPUTS, inputs_asked
from cmpnet.signatures import WithOptions, options_in
from cmpnet.spec import RECIPE_PARTS, Augmentation, Optimizer, Schedule

_FIRST: Mapping[str, tuple[str, ...]] = {
    "optimizer": ("parameters",),
    "schedule": ("progress",),
    "augmentation": ("x", "generator"),
}
"""Names of the first parameters of a function, by what it makes."""


def recipe_noun(value: object) -> str:
    """Whether a value makes an "optimizer", a "schedule" or an "augmentation"; "" for neither."""
    if isinstance(value, type):
        torch = sys.modules.get("torch")
        is_one = torch is not None and issubclass(value, torch.optim.Optimizer)
        return "optimizer" if is_one else ""
    if not isinstance(value, FunctionType):
        return ""
    names = tuple(inspect.signature(value).parameters)
    fitting = (part for part in RECIPE_PARTS if names[: len(_FIRST[part])] == _FIRST[part])
    return next(fitting, "")


def is_part(noun: str, value: object) -> bool:
    """Whether a value makes one of a kind."""
    return recipe_noun(value) == noun


def recipe_part(
    noun: str, value: Callable[..., Any], name: str, path: Path
) -> Optimizer | Schedule | Augmentation:
    """The record of a plain function or class.

    Args:
        noun: what it makes, as :func:`recipe_noun` says.
        value: the function or class.
        name: what it is called in the file.
        path: the file.

    Raises:
        CmpnetError: an option has no default.
    """
    shown, first = f"{path.name}:{name}", _FIRST[noun]
    doc = inspect.cleandoc(value.__doc__ or "").partition("\n")[0]
    about: dict[str, Any] = {"name": name, "summary": doc or f"the {noun} {name} of {path.name}"}
    if isinstance(value, type):
        return Optimizer(make=_MakeClass(value, list(options_in(value, shown, 1, {"lr"}))), **about)
    options = list(options_in(value, shown, len(first), AUGMENTATION_INPUTS))
    if noun == "augmentation":
        asked = inputs_asked(value, AUGMENTATION_INPUTS)
        options += [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in asked]
        return Augmentation(fn=WithOptions(value, options, *first), **about)
    function = WithOptions(value, options, *first)
    if noun == "schedule":
        return Schedule(factor=function, **about)
    return Optimizer(make=function, **about)


class _MakeClass(WithOptions):
    """The ``make`` of an optimizer class; the learning rate is set before each step."""

    def __init__(self, kind: type, options: list[inspect.Parameter]) -> None:
        super().__init__(kind, options, "parameters")

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """The optimizer of a list of parameters."""
        has_rate = "lr" in inspect.signature(self.function).parameters
        return self.function(*arguments, **({"lr": 0.0} if has_rate else {}), **options)
