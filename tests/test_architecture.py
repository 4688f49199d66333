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


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_below_imports_the_command_line(path: Path) -> None:
    if not within(name_of(path), "cmpnet.cli", "cmpnet.__main__"):
        assert not [name for name in imports(path) if within(name, "cmpnet.cli")]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_models_losses_and_tasks_arrive_through_the_registry_only(path: Path) -> None:
    arriving = ("cmpnet.models", "cmpnet.losses", "cmpnet.tasks")
    if not within(name_of(path), *arriving):
        assert not [name for name in imports(path) if within(name, *arriving)]


@pytest.mark.parametrize("module", ["spec", "errors", "options"])
def test_the_nouns_import_the_standard_library_and_each_other_alone(module: str) -> None:
    allowed = (*sys.stdlib_module_names, "cmpnet.errors", "cmpnet.spec")
    assert not [name for name in imports(HOME / f"{module}.py") if not within(name, *allowed)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_command_line_knows_no_tensor(path: Path) -> None:
    if within(name_of(path), "cmpnet.cli"):
        assert not [name for name in imports(path) if within(name, "torch", "numpy")]


def test_no_module_is_longer_than_one_sitting() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert not {name: lines for name, lines in lengths.items() if lines > 260}
