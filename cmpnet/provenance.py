"""Where a result comes from: versions, machine, and the code that trained it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from cmpnet.arms import learner_of
from cmpnet.registry import GROUPS, HOME, Registry, blame
from cmpnet.spec import Arm

Machine = dict[str, Any]
NUMERICS = "numerics"
OWN = "own"  # records of the caller's own

# The part of cmpnet that takes part in a training. A new table or picture does not make a stored
# result stale.
ENGINE = ("training.py", "losses.py", "learners", "models", "tasks")


def version(distribution: str) -> str:
    """The installed version, or "none"; reads metadata, imports nothing."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "none"


def _sources(roots: list[Path]) -> Iterator[tuple[str, Path]]:
    """Python files with their names relative to the folder of their root."""
    for root in roots:
        files = sorted(root.rglob("*.py")) if root.is_dir() else [root]
        yield from ((path.relative_to(root.parent).as_posix(), path) for path in files)


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
    """Version and source digest of a distribution, so that edits without a new version show."""
    digest = hashlib.sha256()
    for name, path in _sources(_roots(owner)):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version(owner)}+{digest.hexdigest()[:12]}"


def code(arm: Arm) -> dict[str, str]:
    """Versions of everything that decides an arm's numbers: cmpnet, plugins, torch and numpy.

    "numerics" is the fingerprint of how this machine computes (:mod:`cmpnet.runtime.numerics`).
    Records of the caller's own, which no distribution registers, are identified by the content of
    their functions and classes.

    Raises:
        CmpnetError: such a record refers to an object that cannot be sent to a worker process.
    """
    from cmpnet.runtime.numerics import fingerprint  # numpy, which a listing does without

    owners = {HOME, *arm.owners.values()} - {""}
    versions = {owner: code_version(owner) for owner in sorted(owners)}
    own = [getattr(arm, noun) for noun, owner in arm.owners.items() if not owner]
    if own:
        from cmpnet.runtime.code_digest import digest

        with blame(own[0].name, owner=""):
            versions[OWN] = digest(own)
    backend = learner_of(arm.architecture, arm.owners["architecture"]).backend
    versions |= {"torch": version("torch"), "numpy": version("numpy")}
    return {**versions, NUMERICS: fingerprint(backend)}


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
    """Every name that another distribution registers."""
    return [
        {
            "name": entry.name,
            "target": entry.target,
            "distribution": entry.owner,
            "version": entry.version,
        }
        for noun in GROUPS
        for entry in registry.entries(noun)
        if entry.owner != HOME
    ]
