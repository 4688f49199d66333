"""What a result came from: versions, machine, and the code that trained it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from cmpnet.registry import GROUPS, HOME, Entry, Registry

# Of cmpnet's own code only this takes part in a training; a new table or picture does not make
# a stored result stale.
ENGINE = ("train.py", "losses.py", "learners", "models", "tasks")


def version(distribution: str) -> str:
    """The installed version, or "none"; reads metadata, imports nothing."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "none"


def _sources(roots: list[Path]) -> Iterator[tuple[str, Path]]:
    """Python files with their names from the root's folder on."""
    for root in roots:
        files = sorted(root.rglob("*.py")) if root.is_dir() else [root]
        yield from ((path.relative_to(root.parent).as_posix(), path) for path in files)


def _editable_packages(distribution: metadata.Distribution) -> set[str]:
    """Top-level packages of a checkout: an editable install lists none of its files."""
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


@lru_cache
def code_version(owner: str) -> str:
    """Version and source digest of a distribution: an edit without a new version shows too."""
    digest = hashlib.sha256()
    for name, path in _sources(_roots(owner)):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version(owner)}+{digest.hexdigest()[:12]}"


def code(entries: list[Entry]) -> dict[str, str]:
    """Code versions of everything that takes part: cmpnet, the owners, torch and numpy."""
    owners = {HOME, *(entry.owner for entry in entries)}
    versions = {owner: code_version(owner) for owner in sorted(owners)}
    return {**versions, "torch": version("torch"), "numpy": version("numpy")}


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def machine() -> dict[str, Any]:
    """Versions and hardware, with no user name, host name or path in it."""
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
    """Every name that is not cmpnet's own, with its owner."""
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
