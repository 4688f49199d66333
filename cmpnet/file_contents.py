"""What a file of the user's own has: its networks, losses and so on by name, and their records."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FunctionType
from typing import Any

from cmpnet import errors, plain, plain_recipe
from cmpnet.own_files import OwnFile
from cmpnet.spec import (
    RECIPE_PARTS,
    Architecture,
    Augmentation,
    Loss,
    Metric,
    Optimizer,
    Options,
    Schedule,
    Suite,
    Task,
    TrainConfig,
)

Record = Architecture | Loss | Task | Metric | Optimizer | Schedule | Augmentation
KINDS: dict[str, type[Record | Suite]] = {
    "architecture": Architecture,
    "loss": Loss,
    "task": Task,
    "metric": Metric,
    "optimizer": Optimizer,
    "schedule": Schedule,
    "augmentation": Augmentation,
    "suite": Suite,
}
"""The record of each kind."""


def _is_executor(value: object) -> bool:
    """Whether a value is a class with a method ``run(work, jobs)``, which needs no record."""
    run = getattr(value, "run", None) if isinstance(value, type) else None
    return isinstance(run, FunctionType) and len(inspect.signature(run).parameters) == 3


_PLAIN: dict[str, Callable[[object], bool]] = {
    "architecture": plain.is_network,
    "loss": plain.is_loss,
    "executor": _is_executor,
    **{noun: partial(plain_recipe.is_part, noun) for noun in RECIPE_PARTS},
}
"""What counts as one of a kind without being a record."""

NOUNS = tuple(dict.fromkeys((*KINDS, *_PLAIN)))
PLAIN_TASK = "digit-pairs"  # what a plain network learns that names no task


def names(file: OwnFile, noun: str, *, records: bool = False) -> list[str]:
    """Attributes of a file that are, or can be made into, records of a kind.

    Args:
        file: the file.
        noun: the kind.
        records: only the records, if the kind has any.
    """
    return [
        name
        for name, value in vars(file.module).items()
        if _is_record(noun, value)
        or (
            (noun not in KINDS or not records)
            and _is_plain(noun, value)
            and value.__module__ == file.module.__name__
        )
        if not name.startswith("_")
    ]


def refuse_same_names(file: OwnFile) -> None:
    """
    Raises:
        CmpnetError: two different records of a kind have the same name.
    """
    values = vars(file.module)
    for noun in KINDS:
        attributes: dict[str, str] = {}
        for attribute in (key for key, value in values.items() if _is_record(noun, value)):
            other = attributes.setdefault(name_of(file, attribute), attribute)
            if values[other] is not values[attribute]:
                name = name_of(file, attribute)
                raise errors.same_record(file.owner, noun, name, other, attribute)


def find(file: OwnFile, noun: str, wanted: str) -> str:
    """The attribute that a name means: an attribute, or the name of a record.

    Args:
        file: the file.
        noun: the kind.
        wanted: the name; "" if the file has only one.

    Raises:
        CmpnetError: the file has no such name, or for no name none or several of the kind.
    """
    values, known = vars(file.module), names(file, noun)
    if not wanted:
        return _only(file, noun, known)
    if wanted in values and (_is_record(noun, values[wanted]) or _is_plain(noun, values[wanted])):
        return wanted
    for attribute in names(file, noun, records=True):
        if name_of(file, attribute) == wanted:
            return attribute
    if wanted in values:
        raise errors.not_of_kind(noun, wanted, file.owner, _described(values[wanted]))
    raise errors.not_in_file(noun, wanted, file.owner, known)


def contents(file: OwnFile) -> list[tuple[str, str]]:
    """What a file is certain to offer, as pairs of a kind and an attribute.

    That is every record and executor; where there is none of a kind, network classes and losses
    ``name(output, batch, ...)``. Any other function of a script could do anything.
    """
    found = []
    for noun in NOUNS:
        listed = names(file, noun, records=True) or names(file, noun)
        found += [(noun, name) for name in listed if _is_certain(vars(file.module)[name])]
    return found


def meanings(file: OwnFile, wanted: str) -> list[tuple[str, str]]:
    """What a name means, as pairs of a kind and an attribute.

    Raises:
        CmpnetError: the file has no such name.
    """
    faults: list[errors.CmpnetError] = []
    found = []
    for noun in NOUNS:
        try:
            found.append((noun, find(file, noun, wanted)))
        except errors.CmpnetError as error:
            faults.append(error)
    if not found:
        raise faults[0]
    return found


def _is_certain(value: object) -> bool:
    if isinstance(value, FunctionType):
        return list(inspect.signature(value).parameters)[:2] == ["output", "batch"]
    return True


def name_of(file: OwnFile, attribute: str) -> str:
    """What a record of an attribute is called in its file."""
    value = vars(file.module)[attribute]
    return value.name if isinstance(value, Record | Suite) else attribute


def record(
    file: OwnFile,
    noun: str,
    attribute: str,
    find_task: Callable[[str], Task],
    find_loss: Callable[[str], Loss],
    given: Options,
) -> Any:
    """The record of an attribute, or an executor; the names in it are first those of the file.

    Args:
        file: the file.
        noun: the kind.
        attribute: the name in the file.
        find_task: finds tasks by name.
        find_loss: finds losses by name.
        given: options of the call, which plain code is tried with.

    Raises:
        CmpnetError: no record can be made of it.
    """
    value = vars(file.module)[attribute]
    if noun == "loss" and not isinstance(value, Loss):
        return plain.loss(value, attribute, file.path, find_task(PLAIN_TASK), given)
    if noun == "architecture":
        if not isinstance(value, Architecture):
            named = plain.attribute(value, "task", str) or PLAIN_TASK
            task = find_task(_within(file, "task", named))
            value = plain.architecture(value, attribute, file.path, task, find_loss, given)
        of_file = partial(_within, file)
        value = replace(
            value,
            task=of_file("task", value.task),
            loss=of_file("loss", value.loss),
            recipe=_recipe(value.recipe, of_file),
        )
    if noun in RECIPE_PARTS and not isinstance(value, KINDS[noun]):
        return plain_recipe.recipe_part(noun, value, attribute, file.path)
    return value


def _recipe(recipe: Any, of_file: Callable[[str, str], str]) -> Any:
    """A recipe with the names that a file gives to its parts; the registry refuses other types."""
    if not isinstance(recipe, TrainConfig):
        return recipe
    names: dict[str, Any] = {part: of_file(part, getattr(recipe, part)) for part in RECIPE_PARTS}
    return replace(recipe, **names)


def _within(file: OwnFile, noun: str, name: Any) -> Any:
    """What a name means in a record of a file: something in the file before anything else."""
    if not isinstance(name, str):
        return name  # the registry refuses it
    try:
        return f"{file.owner}:{name_of(file, find(file, noun, name))}"
    except errors.CmpnetError:
        return name


def _only(file: OwnFile, noun: str, known: list[str]) -> str:
    """The only name of a kind: a record before plain code, a network before blocks.

    A record's ``build`` is a function that returns a network, too; a block needs arguments.
    """
    known = names(file, noun, records=True) or known
    whole = known
    if noun == "architecture":
        whole = [name for name in known if _has_defaults(vars(file.module)[name])] or known
    if not whole:
        raise errors.none_in_file(noun, file.owner)
    if len(whole) > 1:
        raise errors.several_in_file(noun, file.owner, [name_of(file, name) for name in whole])
    return whole[0]


def _has_defaults(value: Any) -> bool:
    if not isinstance(value, type | FunctionType):
        return True
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(value).parameters.values()
    given = ("data",)  # which describes the data; see DataInfo
    return all(
        p.kind in variable or p.default is not p.empty or p.name in given for p in parameters
    )


def _is_record(noun: str, value: object) -> bool:
    return noun in KINDS and isinstance(value, KINDS[noun])


def _is_plain(noun: str, value: object) -> bool:
    return noun in _PLAIN and _PLAIN[noun](value)


def _described(value: object) -> str:
    if plain.is_network(value):
        return "a network"
    if isinstance(value, type):
        return "another class"
    return "a function" if isinstance(value, FunctionType) else errors.a_kind(value)
