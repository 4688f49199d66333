"""Python files of the user's own, loaded as modules and identified by their content.

A file is imported under a name that holds its path and a digest of its source, so that any process
that unpickles a class of it loads the same source or none. What it imports from its own folder
counts as its source too.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from cmpnet import errors
from cmpnet.runtime.imports import files_below

_PREFIX = "cmpnet_file_"
_SOURCE = "__cmpnet_source__"  # on a helper module: the source that it was made of


def is_in_file(name: str) -> bool:
    """Whether a typed name is that of a file, or of something in it.

    >>> [is_in_file(name) for name in ("mine.py", "nets/mine.py:MyNet", "ws-aux:ce")]
    [True, True, False]
    """
    return name.partition(":")[0].endswith(".py")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that was loaded.

    Attributes:
        path: where it is.
        module: its content.
    """

    path: Path
    module: ModuleType

    @property
    def owner(self) -> str:
        """What stands for a distribution in its names: the file's name without its folder."""
        return self.path.name

    @property
    def helpers(self) -> dict[str, str]:
        """Paths of the modules of its folder that it imports, by the modules' names."""
        return {name: source.path for name, source in _helpers(self.path).items()}

    @property
    def digest(self) -> str:
        """Digest of the source that was loaded."""
        return _read_name(self.module.__name__)[0]


def refuse_missing(path: str) -> None:
    """
    Raises:
        CmpnetError: there is no such file.
    """
    place = Path(os.path.abspath(path))
    if place.is_dir():
        raise errors.bad_own_file(path, "it is a folder")
    if not place.exists():
        others = [other.name for other in place.parent.glob(f"*{place.suffix}")]
        raise errors.no_own_file(path, others)


def load(path: str) -> OwnFile:
    """Import a file, unless the same source was imported before.

    Raises:
        CmpnetError: the file cannot be read, is not Python, or raises an exception.
    """
    refuse_missing(path)
    place = Path(os.path.abspath(path))
    try:
        source = importlib.util.decode_source(place.read_bytes())
    except OSError as error:
        raise errors.bad_own_file(path, str(error.strerror)) from None
    except (SyntaxError, UnicodeError):
        raise errors.bad_own_file(path, "it is not UTF-8 text") from None
    try:
        compile(source, str(place), "exec")
    except (SyntaxError, ValueError) as error:  # ValueError: null bytes
        raise errors.bad_own_file(path, reason_of(error, place)) from error
    name = f"{_PREFIX}{digest_of(place)}_{str(place).encode().hex()}"
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise errors.bad_own_file(path, f"importing it raised {reason_of(error, place)}") from error
    return OwnFile(place, module)


def version(module: str) -> str:
    """The content of a loaded file, by the name of its module.

    It is the digest that was loaded, and that of the file now if the file has changed since.
    """
    loaded, path = _read_name(module)
    try:
        now = digest_of(path)
    except OSError:
        now = "none"
    return loaded if now == loaded else f"{loaded}, then {now}"


def reason_of(error: BaseException, path: Path) -> str:
    """An exception in words, with the line of the file where it was raised."""
    text = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}".removesuffix(": ")
    if isinstance(error, SyntaxError):
        where = error.filename or ""
        line = f"{error.msg}, line {error.lineno}"
        return line if where == str(path) else f"SyntaxError: {line} of {os.path.basename(where)}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f"{text.removesuffix('.')} (line {lines[-1]})" if lines else text.removesuffix(".")


# -- what a file consists of ----------------------------------------------------------------------


def digest_of(path: Path) -> str:
    """Twelve hexadecimal digits that change with a file, and with what it imports from its folder.

    Raises:
        OSError: the file cannot be read.
    """
    result = hashlib.sha256()
    for name, source in sorted(_sources(path).items()):
        result.update(name.encode() + b"\0" + source + b"\0")
    return result.hexdigest()[:12]


def _sources(path: Path) -> dict[str, bytes]:
    """A file and the modules of its folder that it imports, directly or not, by relative path."""
    found: dict[str, bytes] = {}
    pending = [path]
    while pending:
        place = pending.pop()
        name = place.relative_to(path.parent).as_posix()
        if name not in found:
            found[name] = place.read_bytes()
            package = place.relative_to(path.parent).parent.parts
            pending += _imported(found[name], path.parent, package)
    return found


def _imported(source: bytes, folder: Path, package: Sequence[str]) -> Iterator[Path]:
    """The files below a folder that a source imports."""
    with contextlib.suppress(SyntaxError, ValueError):  # what imports it says so
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from _files_of(folder, alias.name.split("."))
            elif isinstance(node, ast.ImportFrom):
                base = [*package[: len(package) + 1 - node.level]] if node.level else []
                base += node.module.split(".") if node.module else []
                for alias in node.names:
                    yield from _files_of(folder, [*base, alias.name])


def _files_of(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """The files of a module and of its packages, where they are below a folder."""
    if names[0] in sys.stdlib_module_names:
        return
    for length in range(1, len(names) + 1):
        place = folder.joinpath(*names[:length])
        candidates = place.with_name(f"{place.name}.py"), place / "__init__.py"
        yield from (candidate for candidate in candidates if candidate.is_file())


# -- importing ------------------------------------------------------------------------------------


_MOVED: list[Path] = []  # of this process: see move()


def move(folder: Path) -> None:
    """Have this process find files of another machine below a folder of this one.

    Modules are named by their path on the other machine.
    """
    _MOVED[:] = [folder]


def _read_name(module: str) -> tuple[str, Path]:
    """Digest in a module's name, and where its file is in this process."""
    digest, _, code = module.removeprefix(_PREFIX).partition("_")
    path = Path(bytes.fromhex(code).decode())
    for folder in _MOVED:
        if (place := folder.joinpath(*path.parts[1:])).exists():
            return digest, place
    return digest, path


def files_of(module: str) -> Iterator[Path]:
    """The files that a loaded file needs on another machine, by the name of its module.

    They are its own, the modules of its folder that it imports, and all files of their packages.
    """
    _, path = _read_name(module)
    tops = {name.partition("/")[0] for name in _sources(path)}
    for top in sorted(tops):
        for _, place in files_below(path.parent / top):
            yield place


class _Source(NamedTuple):
    """Where a helper module is, and the digest of its source."""

    path: str
    digest: str


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the files by the names that this module gives them, in any process."""

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(_PREFIX):
            return None
        digest, place = _read_name(fullname)
        if digest_of(place) != digest:
            raise ImportError(f"'{place.name}' was changed; rerun the same command")
        return importlib.util.spec_from_file_location(fullname, place, loader=_Loader(place))


class _Loader(importlib.abc.SourceLoader):
    """Runs a file with its folder on ``sys.path``, and writes no bytecode."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_filename(self, fullname: str) -> str:
        return str(self._path)

    def get_data(self, path: str | bytes) -> bytes:
        return Path(os.fsdecode(path)).read_bytes()

    def exec_module(self, module: ModuleType) -> None:
        folder = str(self._path.parent)
        helpers = _helpers(self._path)
        _forget(helpers)
        _forget_elsewhere(helpers, self._path.parent)
        written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        # A package with an __init__.py in another file's folder would win over one without in this.
        others = [entry for entry in sys.path if entry.endswith(os.sep)]
        sys.path[:] = [folder, *(entry for entry in sys.path if entry not in others)]
        importlib.invalidate_caches()  # a helper may be newer than the list of the folder's files
        try:
            super().exec_module(module)
        finally:
            with contextlib.suppress(ValueError):  # the file changed the path itself
                sys.path.remove(folder)
            sys.dont_write_bytecode = written
            sys.path += others
        # For what it imports when it runs. The separator tells it from other entries, in a worker
        # too, which begins with the path of its parent.
        if folder not in sys.path and (entry := os.path.join(folder, "")) not in sys.path:
            sys.path.append(entry)
        for name in helpers.keys() & sys.modules.keys():
            setattr(sys.modules[name], _SOURCE, helpers[name])


def _helpers(path: Path) -> dict[str, _Source]:
    """Modules of the folder that a file imports."""
    return {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): _Source(
            str(path.parent / name), hashlib.sha256(source).hexdigest()
        )
        for name, source in _sources(path).items()
        if name != path.name
    }


def _forget(helpers: dict[str, _Source]) -> None:
    """Have the helpers imported again if one of them may have been made of another source."""
    imported = {name: sys.modules[name] for name in helpers.keys() & sys.modules.keys()}
    for name, module in imported.items():
        # One that was imported when the file ran, and not with it, has no note of its source.
        source = getattr(module, _SOURCE, _Source(module.__file__ or "", "unknown"))
        if source != helpers[name] and (
            hasattr(module, _SOURCE) or source.path == helpers[name].path
        ):
            for each in imported:
                sys.modules.pop(each, None)


def _forget_elsewhere(helpers: dict[str, _Source], folder: Path) -> None:
    """Have packages found again that are those of another file's folder."""
    for top in {name.partition(".")[0] for name in helpers if "." in name}:
        package = sys.modules.get(top)
        if package is None or (
            getattr(package, "__file__", None) and not hasattr(package, _SOURCE)
        ):
            continue  # installed: what a package is called decides
        if str(folder / top) not in list(getattr(package, "__path__", ())):
            for name in [n for n in sys.modules if n == top or n.startswith(f"{top}.")]:
                del sys.modules[name]


sys.meta_path.append(_Finder())  # a worker imports this module before it unpickles a job
