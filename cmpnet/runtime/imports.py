"""What a process has imported: files and versions that a training may depend on.

As a compiler's depfile does, the process that trains records what it really used. Files of
Python and of cmpnet are left out; those of an installed release are named by its version. All
others are named by their content: a package by all its files, since it may read data beside its
code.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from cmpnet.events import Imports

# The command line, which the parent imports and a worker does not; no network computes with it.
_INTERFACE = ("typer", "rich", "plotext")
_COMPUTING = ("torch", "numpy", "scipy", "safetensors", "cloudpickle")
_INSTALLED = {"site-packages", "dist-packages"}  # folders of pip and of Debian
_STDLIB = tuple(f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib"))
_SKIPPED = {"__main__", "__mp_main__", "cmpnet"}
_UNSURE = 2_000_000_000  # ns: an edit this soon after another may leave the same time (FAT: 2 s)


def changed(before: Imports, after: Imports) -> list[str]:
    """The names of what both have, but not the same."""
    pairs = ((before.files, after.files), (before.versions, after.versions))
    return sorted({n for a, b in pairs for n in a.keys() & b.keys() if a[n] != b[n]})


def merged(one: Imports, other: Imports) -> Imports:
    """What either has."""
    return Imports({**one.files, **other.files}, {**one.versions, **other.versions})


def still_here(imports: Imports) -> bool:
    """Whether a process that imported the same now would get the same."""
    return all(digest_of(place(name)) == digest for name, digest in imports.files.items()) and all(
        _version(name) == version for name, version in imports.versions.items()
    )


# -- content --------------------------------------------------------------------------------------


def files_below(root: Path) -> Iterator[tuple[str, Path]]:
    """A file, or all files of a folder, with their names relative to the folder of the root.

    Caches and hidden files are left out: ``__pycache__``, ``.pyc`` and names that begin with a dot.
    """
    if not root.is_dir():
        yield root.name, root
        return
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f != "__pycache__" and not f.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and not name.endswith(".pyc"):
                path = Path(folder, name)
                yield path.relative_to(root.parent).as_posix(), path


def digest_of(*roots: Path) -> str:
    """Twelve hexadecimal digits that change with the names and the content of all files below."""
    digest = hashlib.sha256()
    for root in roots:
        for name, path in files_below(root):
            digest.update(name.encode() + b"\0" + _content(path) + b"\0")
    return digest.hexdigest()[:12]


def edited_since(moment: float, files: Mapping[str, str]) -> list[str]:
    """Which of the files were edited after a moment, a time in seconds.

    Copying with an old time does not hide an edit. Times in the future, from another machine's
    clock, do not count.
    """
    now = time.time()
    found = [one for name in files for one in files_below(place(name))]
    return [name for name, path in found if moment < _edited(path) / 1e9 <= now]


def _content(path: Path) -> bytes:
    """A digest of a file's content; other kinds of files have none."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return b"not a file"
        if time.time_ns() - _edited(path) < _UNSURE:
            return _hash(str(path))
        return _cached(str(path), _edited(path), found.st_size, found.st_ino)
    except OSError:
        return b"unreadable"


def _edited(path: Path) -> int:
    """When a file was last changed, in ns: its ctime, which on Windows is that of its birth."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_mtime_ns if sys.platform == "win32" else found.st_ctime_ns


def _hash(path: str) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@lru_cache(maxsize=100_000)
def _cached(path: str, *_: int) -> bytes:
    return _hash(path)


# -- names ----------------------------------------------------------------------------------------


def place(name: str) -> Path:
    """Where a recorded name is found now; a path that does not exist if nowhere."""
    for entry in sys.path if not os.path.isabs(name) else ():
        if os.path.exists(path := os.path.join(entry, name)):
            return Path(path)
    return Path(name)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "none"


def _entries() -> tuple[str, ...]:
    """Folders of ``sys.path``, innermost first."""
    return tuple(sorted({os.path.abspath(entry) for entry in sys.path}, key=len, reverse=True))


# -- modules --------------------------------------------------------------------------------------


def imported() -> Imports:
    """What this process has imported so far."""
    entries = _entries()
    modified = {entry: _modified(entry) for entry in entries}
    files: dict[str, str] = {}
    versions: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        path = file_of(module)
        if path is None or _is_skipped(name, path):
            continue
        entry = _entry_of(path, entries)
        installed = _releases(entry, modified.get(entry, 0), name.partition(".")[0])
        release, size = installed.get(path[len(entry) + 1 :], (None, ""))
        if release is not None:
            if release.name in _interface():
                continue
            versions[release.name] = release.version
            if _is_unchanged(path, size, release):
                continue
        unit = _unit(name, path)
        files[unit.removeprefix(f"{entry}{os.sep}") if entry else unit] = unit
    digests = {name: digest_of(Path(path)) for name, path in sorted(files.items())}
    return Imports(digests, dict(sorted(versions.items())))


@lru_cache(maxsize=100_000)
def _is_skipped(module: str, path: str) -> bool:
    """Whether a module is Python's, cmpnet's or the script that was called."""
    if module.partition(".")[0] in _SKIPPED or module.startswith("cmpnet_file_"):
        return True
    return path.startswith(_STDLIB) and not _is_installed(path)


def _is_installed(path: str) -> bool:
    return not _INSTALLED.isdisjoint(Path(path).parts)


@lru_cache(maxsize=100_000)
def _entry_of(path: str, entries: tuple[str, ...]) -> str:
    """The entry of ``sys.path`` that a file was found in; "" if none."""
    return next((entry for entry in entries if path.startswith(entry + os.sep)), "")


@lru_cache(maxsize=100_000)
def _unit(module: str, path: str) -> str:
    """What is compared: a module's file or, outside an installation, its outermost package.

    A namespace is not a package: its folder may hold anything.
    """
    parts = module.split(".") if not _is_installed(path) else []
    for count in range(1, len(parts) + 1):
        file = file_of(sys.modules.get(".".join(parts[:count])))
        if file and Path(file).name.startswith("__init__."):
            return str(Path(file).parent)
    return path


def file_of(module: object) -> str | None:
    """The file of a module; asked so that a lazy module is not imported by it."""
    path = vars(module).get("__file__") if isinstance(module, ModuleType) else None
    if not isinstance(path, str):
        return None
    return path if os.path.isabs(path) else os.path.abspath(path)


# -- releases -------------------------------------------------------------------------------------


class _Release(NamedTuple):
    """An installed distribution, and when it was installed (ns)."""

    name: str
    version: str
    installed: int


def _modified(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=10_000)
def _releases(entry: str, modified: int, top: str) -> dict[str, tuple[_Release, str]]:
    """The installed files of a top-level name in an entry: the release, and the size it had."""
    files = {}
    for record, text in _records(entry, modified).items() if entry else ():
        if f"\n{top}/" in text or f"\n{top}." in text:
            distribution = metadata.PathDistribution(Path(record).parent)
            name = canonical(distribution.name)
            release = _Release(name, distribution.version, _modified(record))
            for line in text.splitlines():
                if line.startswith((f"{top}/", f"{top}.")):
                    path, _, size = line.rsplit(",", 2)
                    files[path] = release, size
    return files


@lru_cache(maxsize=100)
def _records(entry: str, _: int) -> dict[str, str]:
    """The lists of installed files in an entry of ``sys.path``, each after an empty line."""
    paths = Path(entry).glob("*.dist-info/RECORD")
    return {str(path): "\n" + path.read_text(errors="replace") for path in sorted(paths)}


def _is_unchanged(path: str, size: str, release: _Release) -> bool:
    found = os.stat(path)
    return str(found.st_size) == size and found.st_mtime_ns <= release.installed


def canonical(distribution: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


@lru_cache
def _interface() -> frozenset[str]:
    """The distributions that only the command line requires."""
    return frozenset(_required(_INTERFACE) - _required(_COMPUTING))


def _required(names: tuple[str, ...]) -> set[str]:
    """Distributions and what they require, without extras."""
    required, left = set(), [*names]
    while left:
        name = canonical(left.pop())
        if name not in required:
            required.add(name)
            try:
                lines = metadata.distribution(name).requires or []
            except metadata.PackageNotFoundError:
                continue
            plain = (line for line in lines if "extra ==" not in line)
            left += [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in plain]
    return required
