"""The house: imports go downward only, and nobody imports what arrives through the registry."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent / "cmpnet"
MODULES = sorted(HOME.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(("cmpnet", *path.relative_to(HOME).with_suffix("").parts))


def imports(path: Path) -> Iterator[str]:
    """Full names of everything a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


LAYERS = [  # each imports what stands before it
    *("errors", "spec", "files", "options", "records", "executors", "registry", "arms", "sweeps"),
    *("provenance", "glyphs", "train", "store", "bench", "checkpoint", "analysis", "suites"),
    *("plots", "output", "history", "cli", "__main__"),
]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_downward_only(path: Path) -> None:
    room = (*path.relative_to(HOME).with_suffix("").parts, "")[0]
    below = LAYERS[: LAYERS.index(room) + 1] if room in LAYERS else LAYERS[:-2]
    above = [f"cmpnet.{name}" for name in LAYERS if name not in below]
    assert not [name for name in imports(path) if within(name, *above)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_models_losses_and_tasks_arrive_through_the_registry_only(path: Path) -> None:
    arriving = ("cmpnet.models", "cmpnet.losses", "cmpnet.tasks")
    if not within(name_of(path), *arriving):
        assert not [name for name in imports(path) if within(name, *arriving)]


@pytest.mark.parametrize("room", ["spec", "errors", "options"])
def test_the_nouns_import_the_standard_library_and_each_other_alone(room: str) -> None:
    allowed = (*sys.stdlib_module_names, "cmpnet.errors", "cmpnet.spec")
    modules = [path for path in MODULES if within(name_of(path), f"cmpnet.{room}")]
    assert modules
    assert not [name for path in modules for name in imports(path) if not within(name, *allowed)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_command_line_knows_no_tensor(path: Path) -> None:
    if within(name_of(path), "cmpnet.cli"):
        assert not [name for name in imports(path) if within(name, "torch", "numpy")]


def test_no_module_is_longer_than_one_sitting() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert not {name: lines for name, lines in lengths.items() if lines > 260}
