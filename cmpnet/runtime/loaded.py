"""Whether what this process has imported is still what is on the disk.

Python does not keep what a module was made of. So the content of each file is remembered when it
is first looked at, right after it was imported; a later edit is on the disk, but not in the
process. A module that is imported again, as notebooks do after an edit, is looked at again.

What the caller imported before the first look may have been edited since. Then its bytecode, which
Python writes when it imports, belongs to another version of the file.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cmpnet.events import Imports
from cmpnet.runtime.imports import edited_since, file_of, imported, place

_EDITED = "edited while it was imported"  # in place of a digest, and equal to none


class _Loaded(NamedTuple):
    """A file or package as it was when it was first looked at.

    Attributes:
        digest: of its content.
        specs: the import specification of each of its modules; importing it again makes another.
    """

    digest: str
    specs: dict[str, object]


_LOADED: dict[str, _Loaded] = {}  # by name in Imports.files
_STARTED = time.time()


def outdated(imports: Imports) -> list[str]:
    """The names of files and packages that were edited since this process imported them."""
    edited = []
    for name, digest in imports.files.items():
        specs, known = _specs(name), _LOADED.get(name)
        if known is None or any(specs.get(module) is not s for module, s in known.specs.items()):
            stale = known is None and edited_since(_STARTED, {name: ""}) and _is_stale(specs)
            _LOADED[name] = _Loaded(_EDITED if stale else digest, specs)
            edited += [name] if stale else []
        elif known.digest == digest:
            _LOADED[name] = _Loaded(digest, specs)  # with modules that were imported since
        else:
            edited.append(name)
    return edited


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Remember what an import inside reads; what is edited meanwhile may not be what was read."""
    moment, before = time.time(), dict(_LOADED)
    yield
    imports = imported()
    outdated(imports)
    new = {n: d for n, d in imports.files.items() if _LOADED[n].specs != _specs_of(before.get(n))}
    for name in new:
        if edited_since(moment, {name: ""}):
            _LOADED[name] = _LOADED[name]._replace(digest=_EDITED)


def _is_stale(specs: Mapping[str, object]) -> bool:
    """Whether the bytecode of a module shows that its source was edited after the import."""
    for spec in specs.values() if not sys.dont_write_bytecode else ():
        source, bytecode = getattr(spec, "origin", None), getattr(spec, "cached", None)
        if source and bytecode and source.endswith(".py") and os.path.exists(bytecode):
            found = os.stat(source)
            now = struct.pack("<II", int(found.st_mtime) & 2**32 - 1, found.st_size & 2**32 - 1)
            with open(bytecode, "rb") as file:  # PEP 552: magic number, flags, mtime, size
                _, flags, compiled = file.read(4), file.read(4), file.read(8)
            if flags == b"\0\0\0\0" and compiled != now:
                return True
    return False


def _specs_of(loaded: _Loaded | None) -> dict[str, object]:
    return loaded.specs if loaded else {}


def _specs(name: str) -> dict[str, object]:
    """The import specifications of the modules in a file or package."""
    path = str(place(name))
    within = path + os.sep
    return {
        module_name: getattr(module, "__spec__", None)
        for module_name, module in list(sys.modules.items())
        if (file := file_of(module)) is not None and (file == path or file.startswith(within))
    }
