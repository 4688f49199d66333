"""Which optimizer, schedule and augmentation an arm has, and the options its recipe gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cmpnet import errors
from cmpnet.options import training_options
from cmpnet.registry import HOME, Entry, RecipePart, Registry, check_own, record_options
from cmpnet.spec import RECIPE_PARTS, Architecture, RecipeNoun


@dataclass(frozen=True, slots=True)
class Choice:
    """An optimizer, a schedule or an augmentation.

    Attributes:
        record: the record.
        entry: where it is registered; None for a record of the caller's own.
        defaults: the options that the recipe gives, if this is what the recipe names.
    """

    record: RecipePart
    entry: Entry | None
    defaults: Mapping[str, Any]


def choose(
    architecture: Architecture, backend: str, registry: Registry, *given: Mapping[str, object]
) -> dict[RecipeNoun, Choice]:
    """The choice of each part: what the first of some options says, or else the recipe.

    Args:
        architecture: the network with its recipe.
        backend: the backend that trains it.
        registry: the names.
        given: options by name, such as ``{"optimizer": "adamw"}``; a value may be a record.

    Raises:
        CmpnetError: a name is unknown or broken, or an option of the recipe is wrong.
    """
    choices: dict[RecipeNoun, Choice] = {}
    for part in RECIPE_PARTS:
        chosen: object = getattr(architecture.recipe, part)
        for options in reversed(given):
            for key in (f"training.{part}", part):
                chosen = options.get(key, chosen)
        if isinstance(chosen, RecipePart):
            check_own(chosen)
            choices[part] = Choice(chosen, None, {})
            continue
        name = training_options()[part].parse(chosen)
        registry.open_file_of(name)
        entry, record = registry.recipe_part(part, name, backend)
        defaults = _recipe_options(part, architecture, backend, registry, entry, record)
        choices[part] = Choice(record, entry, defaults)
    return choices


def parts_with(option: str, registry: Registry) -> dict[RecipeNoun, list[str]]:
    """The optimizers, schedules and augmentations of cmpnet's own that have an option."""
    having: dict[RecipeNoun, list[str]] = {
        part: [
            entry.name
            for entry in registry.entries(part)
            if entry.owner == HOME and option in record_options(registry.record(part, entry.name))
        ]
        for part in RECIPE_PARTS
    }
    return {part: names for part, names in having.items() if names}


def _recipe_options(
    part: RecipeNoun,
    architecture: Architecture,
    backend: str,
    registry: Registry,
    entry: Entry,
    record: RecipePart,
) -> dict[str, Any]:
    """The options that the recipe gives, if it names this entry: others have other options.

    Raises:
        CmpnetError: it does not have these options, or a value is not allowed.
    """
    given = architecture.recipe.options()[part]
    if not given:
        return {}
    named, _ = registry.recipe_part(part, getattr(architecture.recipe, part), backend)
    if named != entry:
        return {}
    options = record_options(record)
    for name in given.keys() - options.keys():
        raise errors.unknown_recipe_option(architecture.name, name, part, record.name, options)
    return {name: options[name].parse(value) for name, value in given.items()}
