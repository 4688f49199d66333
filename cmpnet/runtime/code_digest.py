"""A digest of objects of the caller's own, by what their functions and classes do."""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import cloudpickle


class _Content(cloudpickle.Pickler):  # type: ignore[misc]
    """Writes an object as cloudpickle does, without what changes from process to process.

    Functions and classes of ``__main__`` are written by value: without file names, line numbers
    and random ids. Of others the name is written, and their module is noted.
    """

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.modules: set[str] = set()

    def persistent_id(self, obj: object) -> object:
        """What to write instead of a set, whose order differs from process to process."""
        return ("set", sorted(obj, key=repr)) if isinstance(obj, set | frozenset) else None

    def reducer_override(self, obj: Any) -> Any:
        """How to write a function, a class or an object of another type."""
        if isinstance(obj, CodeType):
            return tuple, (_instructions(obj),)
        reduced = super().reducer_override(obj)
        if not isinstance(obj, type | FunctionType):
            return reduced
        if reduced is NotImplemented:
            self.modules.add(obj.__module__)
            return reduced
        make, arguments, *state = reduced
        if isinstance(obj, FunctionType):  # the second argument says where its file is
            arguments = arguments[0], {}, *arguments[2:]
        elif state:  # the last argument but one is an id that cloudpickle draws at random
            arguments = *arguments[:-2], "", arguments[-1]
        return make, arguments, *state


def digest(objects: object) -> str:
    """Twelve hexadecimal digits that change with the code that the objects are made of.

    The source of modules that are not installed, such as one beside the user's script, is part of
    it where a function or class in the objects comes from there.

    Raises:
        TypeError: an object cannot be pickled.
    """
    file = io.BytesIO()
    content = _Content(file)
    content.dump(objects)
    result = hashlib.sha256(file.getvalue())
    for name in sorted(content.modules - {"__main__"}):
        path = Path(getattr(sys.modules.get(name), "__file__", None) or "")
        if path.suffix == ".py" and not _is_installed(name, path):
            result.update(path.read_bytes())
    return result.hexdigest()[:12]


def _instructions(code: CodeType) -> tuple[Any, ...]:
    """What a code object does, without where it stands in a file."""
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    return code.co_code, code.co_consts, counts, names


def _is_installed(name: str, path: Path) -> bool:
    """Whether a module belongs to Python, to cmpnet, or to an installed distribution."""
    top = name.partition(".")[0]
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    return top == "cmpnet" or top in sys.stdlib_module_names or bool(installed)
