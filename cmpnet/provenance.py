"""Where a result comes from: versions, machine, and the code that trained it."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import platform
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from cmpnet import errors, own_files
from cmpnet.arms import learner_of
from cmpnet.file_contents import Record
from cmpnet.registry import GROUPS, HOME, Registry, blame, option_function
from cmpnet.runtime.imports import digest_of
from cmpnet.spec import Arm

Machine = dict[str, Any]
NUMERICS = "numerics"
OWN = "own"  # records of the caller's own
DEPENDS = "depends"  # files that records name

# The part of cmpnet that takes part in a training. A new table or picture does not make a stored
# result stale.
ENGINE = (
    *("training.py", "judging.py", "losses.py", "metrics.py"),
    *("learners", "models", "tasks", "recipe"),
)


def version(distribution: str) -> str:
    """The installed version, or "none"; reads metadata, imports nothing."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "none"


def _editable_packages(distribution: metadata.Distribution) -> set[str]:
    """Top-level packages of a checkout, whose files an editable install does not list."""
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return set()
    home = Path(url2pathname(urlparse(origin["url"]).path))
    places = [path for folder in (home, home / "src") for path in folder.glob("*/__init__.py")]
    return {path.parent.name for path in places} - {"tests"}


def _roots(owner: str) -> list[Path]:
    """Files and folders of a distribution's top-level packages, found without importing them."""
    if owner == HOME:
        home = Path(__file__).parent
        return [home / name for name in ENGINE]
    try:
        distribution = metadata.distribution(owner)
    except metadata.PackageNotFoundError:
        return []
    points = [p for p in distribution.entry_points if p.group in GROUPS.values()]
    files = distribution.files or []
    tops = {p.module.partition(".")[0] for p in points}
    tops |= {f.parts[0].removesuffix(".py") for f in files if f.suffix == ".py"}
    tops |= _editable_packages(distribution)
    roots = []
    for top in sorted(tops):
        spec = importlib.util.find_spec(top) if top.isidentifier() else None
        if spec is not None and spec.submodule_search_locations:
            roots += [Path(place) for place in spec.submodule_search_locations]
        elif spec is not None and spec.origin and spec.origin.endswith(".py"):
            roots.append(Path(spec.origin))
    return roots


def code_version(owner: str) -> str:
    """Version and content digest of a distribution, so that edits without a new version show."""
    return f"{version(owner)}+{digest_of(*_roots(owner))}"


def code(arm: Arm, *, own: bool = True) -> dict[str, str]:
    """Versions of everything that decides an arm's numbers: cmpnet, plugins, torch and numpy.

    "numerics" is the fingerprint of how this machine computes (:mod:`cmpnet.runtime.numerics`),
    "depends" a digest of the files that the records depend on. Records of the caller's own, which
    no distribution registers, are identified by the content of their functions and classes.

    Args:
        arm: the arm.
        own: whether records of the caller's own take part; their digest may differ in a worker.

    Raises:
        CmpnetError: such a record refers to an object that cannot be sent to a worker process, or
            a file that a record depends on does not exist.
    """
    owners = {HOME, *arm.owners.values()} - {""}
    versions = {
        owner: own_files.version(arm.files[owner]) if owner in arm.files else code_version(owner)
        for owner in sorted(owners)
    }
    records = [arm.records[noun] for noun, owner in arm.owners.items() if not owner]
    if own and records:
        from cmpnet.runtime.code_digest import digest

        with blame(records[0].name, owner=""):
            versions[OWN] = digest(records)
    if files := [path for spec in arm.records.values() for path in depends(spec)]:
        versions[DEPENDS] = digest_of(*files)
    backend = learner_of(arm.architecture, arm.owners["architecture"]).backend
    versions |= {"torch": version("torch"), "numpy": version("numpy")}
    return {**versions, NUMERICS: fingerprint(backend)}


def fingerprint(backend: str) -> str:
    """How this process computes (:func:`cmpnet.runtime.numerics.fingerprint`)."""
    from cmpnet.runtime import numerics  # numpy, which a listing does without

    return numerics.fingerprint(backend)


def depends(spec: Record) -> list[Path]:
    """The files that a record depends on.

    Raises:
        CmpnetError: one of them does not exist.
    """
    if not spec.depends:
        return []
    home = _home(option_function(spec))
    paths = [home / name for name in spec.depends]
    for name, path in zip(spec.depends, paths, strict=True):
        if not path.is_file():
            raise errors.missing_dependency(spec.name, name)
    return paths


def _home(function: Callable[..., object]) -> Path:
    """The folder of the file that defines a function or class; in a notebook the current one.

    It is that of the code, which a worker process knows too, where no module has it.
    """
    defined: Any = inspect.unwrap(function)
    while isinstance(defined, partial):
        defined = defined.func
    if not isinstance(defined, FunctionType | MethodType):
        kind = defined if isinstance(defined, type) else type(defined)
        methods = (value for value in vars(kind).values() if isinstance(value, FunctionType))
        defined = next(methods, None)
    path = Path(defined.__code__.co_filename if defined is not None else "")
    return path.parent.absolute() if path.is_file() else Path.cwd()


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def machine() -> Machine:
    """Versions and hardware, without user name, host name or path."""
    return {
        "cmpnet": version(HOME),
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "system": platform.system(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "threads": 1,
    }


def plugins(registry: Registry) -> list[dict[str, str]]:
    """Every name that another installed distribution registers."""
    return [
        {
            "name": entry.name,
            "target": entry.target,
            "distribution": entry.owner,
            "version": entry.version,
        }
        for noun in GROUPS
        for entry in registry.entries(noun)
        if entry.owner != HOME and not entry.in_file
    ]
