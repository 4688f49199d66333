"""What a name is, read from the source of its record: nothing is imported.

To import all plugins takes as long as torch does. A record is nearly always written down as one
call, ``WS = Architecture(name="ws", summary="...", build=ws, task="digit-pairs", ...)``, so its
summary and its task are read from the syntax of the module. Where they are not literals there,
they are left out; ``cmpnet show`` imports the record and has them.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import util
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from cmpnet.errors import CmpnetError
from cmpnet.options import LOSS_INPUTS
from cmpnet.registry import Entry, Registry, record_options
from cmpnet.spec import DataInfo

_FUNCTIONS = ("build", "fn", "load", "make", "factor")  # fields whose parameters are options
_TEXTS = ("summary", "task", "loss")
_DEPTH = 4  # modules that a record may be imported through


@dataclass(frozen=True, slots=True)
class Description:
    """What the source says of a record.

    Attributes:
        summary: what it is, in one line; "" if the source does not say so.
        task: task of a network, or "".
        loss: default loss of a network, or "".
        options: names of its options.
    """

    summary: str = ""
    task: str = ""
    loss: str = ""
    options: tuple[str, ...] = ()


def describe(registry: Registry, entry: Entry) -> Description:
    """The description of an entry; that of a file of the user's own comes from its record."""
    module, _, attribute = entry.target.partition(":")
    if entry.in_file:  # which is open
        return _of_object(registry, entry)
    return _described(module.strip(), attribute.split("[")[0].strip(), _DEPTH)


def _of_object(registry: Registry, entry: Entry) -> Description:
    try:
        record: Any = registry.load(entry)
    except CmpnetError:
        return Description()
    if isinstance(record, type):  # an executor
        return Description(inspect.cleandoc(record.__doc__ or "").partition("\n")[0])
    texts = {name: getattr(record, name, "") for name in _TEXTS}
    return Description(**texts, options=(*record_options(record),))


def _described(module: str, attribute: str, depth: int) -> Description:
    names = _names(_source(module))
    match names.get(attribute):
        case ast.Call() as call:
            return _of_call(call, names)
        case ast.ClassDef() | ast.FunctionDef() as defined:
            return Description((ast.get_docstring(defined) or "").partition("\n")[0])
        case ast.ImportFrom(module=str(other), level=0) as imported if depth:
            (name,) = [a.name for a in imported.names if (a.asname or a.name) == attribute]
            return _described(other, name, depth - 1)
    return Description()


def _of_call(call: ast.Call, names: Mapping[str, ast.AST]) -> Description:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    texts = {
        name: value.value
        for name in _TEXTS
        if isinstance(value := given.get(name), ast.Constant) and isinstance(value.value, str)
    }
    options: list[str] = []
    for value in (given[name] for name in _FUNCTIONS if name in given):
        function = names.get(value.id) if isinstance(value, ast.Name) else None
        if isinstance(function, ast.FunctionDef):
            options += [one.arg for one in function.args.kwonlyargs if not _is_input(one)]
    return Description(**texts, options=tuple(options))


def _is_input(parameter: ast.arg) -> bool:
    """Whether the training gives a parameter: what a loss asks for, or the shapes of the data."""
    hint = "" if parameter.annotation is None else ast.unparse(parameter.annotation)
    return parameter.arg in LOSS_INPUTS or hint.endswith(DataInfo.__name__)


@cache
def _names(path: str) -> Mapping[str, ast.AST]:
    """What stands behind each name at the top of a Python file; empty if it cannot be read."""
    names: dict[str, ast.AST] = {}
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return names
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names[name] = value
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names[name] = node
            case ast.ImportFrom():
                names |= {alias.asname or alias.name: node for alias in node.names}
    return names


def _source(module: str) -> str:
    """The file of a module, "" if it is not found. No package above it is imported."""
    first, *rest = module.split(".")
    spec: ModuleSpec | None = None
    with contextlib.suppress(Exception):  # finders of others may raise anything
        spec = util.find_spec(first)
        name = first
        for part in rest:
            name = f"{name}.{part}"
            places = spec.submodule_search_locations if spec else None
            spec = PathFinder.find_spec(name, places) if places else None
    return (spec.origin or "") if spec else ""
