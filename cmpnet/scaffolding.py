"""Files to begin with: one commented file per kind of name, or a whole distribution."""

from __future__ import annotations

import keyword
import re
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from cmpnet import errors
from cmpnet.registry import is_typable


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be made.

    Attributes:
        points: the names that it registers and their targets, by group.
        commands: what to run next.
    """

    points: Mapping[str, Mapping[str, str]]
    commands: tuple[str, ...]


CHECK = "cmpnet check $module.py"
KINDS: Mapping[str, Kind] = {
    "architecture": Kind(
        {"architectures": {"$name": "$module:$constant"}},
        (CHECK, "cmpnet bench ws $module.py:$name --repeats 3"),
    ),
    "loss": Kind(
        {"losses": {"$name": "$module:$constant"}},
        (CHECK, "cmpnet bench ws ws:$module.py:$name --repeats 3"),
    ),
    "task": Kind(
        {
            "tasks": {"$name": "$module:$constant"},
            "architectures": {"$name-net": "$module:${constant}_NET"},
        },
        (CHECK, "cmpnet bench $module.py:$name-net --repeats 3"),
    ),
    "metric": Kind(
        {"metrics": {"$name": "$module:$constant"}},
        (CHECK, "cmpnet bench baseline ws --metric $module.py:$name --repeats 3"),
    ),
    "learner": Kind(
        {
            "architectures": {"$name": "$module:$constant"},
            "losses": {"$name-ce": "$module:${constant}_CE"},
            "optimizers": {"$name-sgd": "$module:${constant}_SGD"},
        },
        (CHECK, "cmpnet bench baseline $module.py:$name --repeats 3"),
    ),
    "optimizer": Kind(
        {"optimizers": {"$name": "$module:$constant"}},
        (CHECK, "cmpnet bench ws 'ws[optimizer=$module.py:$name,lr=0.001]' --repeats 3"),
    ),
    "schedule": Kind(
        {"schedules": {"$name": "$module:$constant"}},
        (CHECK, "cmpnet bench ws 'ws[schedule=$module.py:$name]' --repeats 3"),
    ),
    "augmentation": Kind(
        {"augmentations": {"$name": "$module:$constant"}},
        (CHECK, "cmpnet bench ws 'ws[augmentation=$module.py:$name]' --repeats 3"),
    ),
    "executor": Kind(
        {"executors": {"$name": "$module:$class_name"}},
        (CHECK, "cmpnet bench baseline ws --executor $module.py:$class_name --repeats 3"),
    ),
    "suite": Kind(
        {"suites": {"$name": "my_package"}},
        ("cmpnet check $name.toml", "cmpnet bench --suite $name.toml"),
    ),
    "plugin": Kind(
        {"architectures": {"$name": "$module:$constant"}},
        ("pip install -e '$name[dev]'", "cmpnet check $name", "pytest $name"),
    ),
}

HOW = "A distribution registers it in its pyproject.toml:"


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What is to be written.

    Attributes:
        files: contents by path, relative to the current folder.
        registration: the lines of pyproject.toml that register its names.
        commands: what to run next.
    """

    files: Mapping[Path, str]
    registration: str
    commands: tuple[str, ...]


def scaffold(kind: str, name: str) -> Scaffold:
    """The files of one kind of name.

    Raises:
        CmpnetError: the kind is unknown, or the name cannot be typed or is no Python name.
    """
    if kind not in KINDS:
        raise errors.unknown_name("kind of file", kind, KINDS, see="new --help")
    module = name.replace("-", "_")
    if not (is_typable(name) and name.isascii() and module.isidentifier()) or _is_taken(module):
        raise errors.bad_new_name(name)
    words = {
        "name": name,
        "module": module,
        "constant": module.upper(),
        "class_name": "".join(word.capitalize() for word in re.split("_+", module)),
    }
    tables = (_table(group, names, words) for group, names in KINDS[kind].points.items())
    registration = "\n\n".join(tables)
    if kind == "plugin":
        home = Path(name)
        here = words | {"registration": "pyproject.toml registers it."}
        contents = {
            home / "pyproject.toml": _filled("pyproject", words | {"registration": registration}),
            home / "README.md": _filled("readme", words),
            home / f"{module}.py": _filled("architecture", here),
            home / "tests" / f"test_{module}.py": _filled("test", words),
        }
    else:
        how = f"{HOW}\n\n{textwrap.indent(registration, '    ')}"
        if kind == "suite":
            how = textwrap.indent(how, "# ", lambda _: True).replace("# \n", "#\n")
        file = Path(f"{name}.toml" if kind == "suite" else f"{module}.py")
        contents = {file: _filled(kind, words | {"registration": how})}
    commands = tuple(Template(command).substitute(words) for command in KINDS[kind].commands)
    return Scaffold(contents, registration, commands)


def write(made: Scaffold) -> None:
    """Write the files; none is overwritten.

    Raises:
        CmpnetError: a file or folder exists, or cannot be written.
    """
    for path in made.files:
        if path.parts[0] != path.name:
            path = Path(path.parts[0])
        if path.exists():
            raise errors.existing_file(path)
    for path, content in made.files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        except OSError as error:
            raise errors.unwritable(path, "file", error) from None


def _is_taken(module: str) -> bool:
    """Whether a file of this name would hide a module that it imports, or is a word of Python."""
    imported = {"cmpnet", "cloudpickle", "numpy", "torch", *sys.stdlib_module_names}
    return keyword.iskeyword(module) or module in imported


def _table(group: str, names: Mapping[str, str], words: Mapping[str, str]) -> str:
    lines = [f'{key} = "{target}"' for key, target in names.items()]
    text = "\n".join([f'[project.entry-points."cmpnet.{group}"]', *lines])
    return Template(text).substitute(words)


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = resources.files("cmpnet").joinpath("scaffolds", f"{template}.txt").read_text("utf-8")
    return Template(text).substitute(words)
