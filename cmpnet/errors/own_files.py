"""Files of the user's own: what is not found in them, and what cannot run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cmpnet.errors.kinds import (
    CmpnetError,
    MissingFileError,
    NoValueError,
    PluginError,
    UnknownNameError,
    UsageError,
)
from cmpnet.errors.wording import listed, nearest


def no_own_file(path: str, others: Iterable[str]) -> CmpnetError:
    """``others`` are the .py files of its folder."""
    return MissingFileError(
        f"There is no file '{path}'.{nearest(Path(path).name, others)} A network of your own is "
        "named as PATH/FILE.py:CLASS; where a result names it, give --plugin PATH/"
        f"{Path(path).name}."
    )


def bad_own_file(path: str, reason: str) -> CmpnetError:
    return PluginError(f"'{path}' cannot be used: {reason}.")


def same_record(file: str, noun: str, name: str, first: str, second: str) -> CmpnetError:
    """``first`` and ``second`` are the attributes that hold the two records."""
    plural, _ = _in_file(noun)
    return PluginError(
        f"'{file}' has two {plural} with the name '{name}': {first} and {second}; rename one."
    )


def same_own_file(name: str, first: Path, second: Path) -> CmpnetError:
    return UsageError(
        f"'{first}' and '{second}' are both called '{name}', as their results would be; rename one."
    )


def same_helper(module: str, first: Path, second: Path) -> CmpnetError:
    return UsageError(
        f"'{first}' and '{second}' each import a module '{module}' of their own folder; rename one "
        "of these modules."
    )


def stored_path(name: str) -> CmpnetError:
    return UsageError(f"'{name}' is in a folder; results name files without their folder.")


def unopened_file(name: str) -> CmpnetError:
    file = name.partition(":")[0]
    return UnknownNameError(
        f"'{name}' is in a file that is not loaded here; give its path with --plugin {file}."
    )


_IN_FILE = {  # what a kind is called in the plural, and what makes one, beside a record
    "architecture": (
        "networks",
        "a torch.nn.Module class, a function that returns a network, or a cmpnet.Architecture",
    ),
    "loss": ("losses", "a function of an output and a batch, or a cmpnet.Loss"),
    "task": ("tasks", "a cmpnet.Task"),
    "metric": ("metrics", "a cmpnet.Metric"),
    "optimizer": (
        "optimizers",
        "a function of 'parameters', a torch.optim.Optimizer class, or a cmpnet.Optimizer",
    ),
    "schedule": ("schedules", "a function of 'progress', or a cmpnet.Schedule"),
    "augmentation": (
        "augmentations",
        "a function of 'x' and 'generator', or a cmpnet.Augmentation",
    ),
    "executor": ("executors", "a class with a method run(work, jobs)"),
}


def _in_file(noun: str) -> tuple[str, str]:
    return _IN_FILE.get(noun, (f"{noun}s", f"a cmpnet.{noun.capitalize()}"))


def not_in_file(noun: str, name: str, file: str, names: Iterable[str]) -> CmpnetError:
    """``names`` are those that the file has of this kind."""
    names, (plural, _) = list(names), _in_file(noun)
    return UnknownNameError(
        f"'{file}' has no '{name}'.{nearest(name, names)} Its {plural}: {listed(names, 40)}."
    )


def not_of_kind(noun: str, name: str, file: str, kind: str) -> CmpnetError:
    """``kind`` says what it is instead."""
    return PluginError(f"'{name}' in '{file}' is {kind}; give {_in_file(noun)[1]}.")


def none_in_file(noun: str, file: str) -> CmpnetError:
    plural, allowed = _in_file(noun)
    return PluginError(f"'{file}' has no {plural}; it needs {allowed}.")


def nothing_in_file(file: str) -> CmpnetError:
    return PluginError(
        f"'{file}' has nothing to check: no network class, no loss NAME(output, batch, ...), "
        "and no record. Name a function as FILE.py:NAME."
    )


def several_in_file(noun: str, file: str, names: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"'{file}' has several {_in_file(noun)[0]}; give one of "
        f"{listed(f'{file}:{name}' for name in names)}."
    )


def no_default(parameter: str, name: str) -> CmpnetError:
    return NoValueError(
        f"The parameter '{parameter}' of '{name}' has no default and a type that cannot be typed; "
        "give it a default.",
        [parameter],
    )


def no_value(parameters: Iterable[str], name: str) -> CmpnetError:
    parameters = list(parameters)
    values = ",".join(f"{one}=VALUE" for one in parameters)
    flags = " ".join(f"-o {one}=VALUE" for one in parameters)
    quoted = " and ".join(f"'{one}'" for one in parameters)
    verb = "has" if len(parameters) == 1 else "have"
    return NoValueError(
        f"'{name}' needs {quoted}, which {verb} no default; give a value, as in '{name}[{values}]' "
        f"or {flags}.",
        parameters,
    )


def no_default_loss(name: str, outputs: Iterable[str], task: str) -> CmpnetError:
    return PluginError(
        f"No loss of the task '{task}' fits what '{name}' returns ({listed(outputs)}); name one "
        'in the class: loss = "NAME".'
    )


def cannot_make(name: str, reason: str) -> CmpnetError:
    return PluginError(f"'{name}' cannot be made: {reason}.{_device(reason)}")


def cannot_run(name: str, shape: str, task: str, reason: str) -> CmpnetError:
    return PluginError(
        f"'{name}' cannot read a batch x {shape} of the task '{task}': {reason}.{_device(reason)}"
    )


def _device(reason: str) -> str:
    return " Leave devices to --device." if "cuda" in reason.lower() else ""


def wrong_output(name: str, returned: str, allowed: str) -> CmpnetError:
    """``returned`` and ``allowed`` are shapes in words."""
    return PluginError(f"'{name}' returns {returned} for B samples; it must return {allowed}.")


def cannot_try_loss(name: str, reason: str) -> CmpnetError:
    return PluginError(
        f"Loss '{name}' was tried to see which outputs it needs, and raised {reason}; fix it, or "
        "name them in a cmpnet.Loss."
    )
