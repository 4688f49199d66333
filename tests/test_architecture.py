"""The structure: imports go downward only, and the core knows no network, loss or task by name."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmpnet.options import options_of
from cmpnet.registry import Registry, option_function

HOME = Path(__file__).parent.parent / "cmpnet"
MODULES = sorted(HOME.rglob("*.py"))
REGISTERED = ("cmpnet.models", "cmpnet.losses", "cmpnet.tasks", "cmpnet.recipe")


def name_of(path: Path) -> str:
    return ".".join(("cmpnet", *path.relative_to(HOME).with_suffix("").parts))


def imports(tree: ast.AST) -> Iterator[str]:
    """Full names of everything a module imports, also within functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(path: Path) -> list[str]:
    return list(imports(ast.parse(path.read_text())))


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


LAYERS = [  # each imports what stands before it
    *("errors", "spec", "decoding", "options", "events", "forecast", "runtime"),
    *(
        "own_files",
        "signatures",
        "plain_recipe",
        "plain",
        "file_contents",
        "registry",
        "descriptions",
    ),
    *("syntax", "protocol", "choices", "arms", "executing"),
    *("provenance", "ascii_fallback", "judging", "training", "results", "scales"),
    *("tuning", "store", "analysis", "suites"),
    *("plots", "output", "selection", "run_options", "jobs", "kit", "runner"),
    *("timing", "checkpoint"),
    *("contract", "checking", "scaffolding"),
    *("recording", "sequential", "reproduction", "api", "cli", "__main__"),
]
RENDERERS = ("cmpnet.analysis", "cmpnet.plots", "cmpnet.output")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_downward_only(path: Path) -> None:
    layer = (*path.relative_to(HOME).with_suffix("").parts, "")[0]
    below = LAYERS[: LAYERS.index(layer) + 1] if layer in LAYERS else LAYERS[:-2]
    above = [f"cmpnet.{name}" for name in LAYERS if name not in below]
    upward = [name for name in imports_of(path) if within(name, *above)]
    if name_of(path) == "cmpnet.runtime.preload":  # imports what every worker needs, beforehand
        upward.remove("cmpnet.runner")
    if layer == "results":  # its methods render it: results.plot(), results.save()
        tree = ast.parse(path.read_text())
        methods = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)]
        types = [n for n in ast.walk(tree) if isinstance(n, ast.If)]  # if TYPE_CHECKING:
        lazy = {name for node in (*methods, *types) for name in imports(node)}
        upward = [name for name in upward if name not in lazy or not within(name, *RENDERERS)]
    assert not upward


def test_every_module_and_package_has_its_layer() -> None:
    names = {path.relative_to(HOME).parts[0].removesuffix(".py") for path in MODULES}
    registered = {"models", "losses", "metrics", "tasks", "recipe", "learners"}
    registered |= {"testing", "pytest_plugin", "__init__"}
    assert names == {*LAYERS, *registered}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_models_losses_and_tasks_come_through_the_registry_only(path: Path) -> None:
    if not within(name_of(path), *REGISTERED):
        assert not [name for name in imports_of(path) if within(name, *REGISTERED)]


@pytest.mark.parametrize("path", [HOME / "spec.py", *HOME.glob("errors/*.py")], ids=name_of)
def test_records_and_errors_import_the_standard_library_only(path: Path) -> None:
    allowed = (
        *sys.stdlib_module_names,
        *(["cmpnet.errors"] if path.parent.name == "errors" else []),
    )
    assert not [name for name in imports_of(path) if not within(name, *allowed)]


@pytest.mark.parametrize("module", ["decoding", "options"])
def test_options_import_the_standard_library_and_each_other_only(module: str) -> None:
    own = ("cmpnet.errors", "cmpnet.spec", "cmpnet.decoding")
    allowed = (*sys.stdlib_module_names, *own)
    names = [name for name in imports_of(HOME / f"{module}.py") if name != "cmpnet.errors"]
    assert not [name for name in names if not within(name, *allowed)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_command_line_imports_no_tensor_library(path: Path) -> None:
    if within(name_of(path), "cmpnet.cli"):
        assert not [name for name in imports_of(path) if within(name, "torch", "numpy")]


def test_signals_locks_and_processes_are_in_one_place() -> None:
    low_level = ("signal", "multiprocessing", "fcntl", "gc")
    users = {name_of(p) for p in MODULES if any(within(n, *low_level) for n in imports_of(p))}
    outside = {name for name in users if not within(name, "cmpnet.runtime")}
    assert outside == {"cmpnet.training"}, "which asks whether it runs in a worker"


# -- names of options -----------------------------------------------------------------------------

ALLOWED = {
    ("cmpnet.spec", "data_dir"),  # the local path of 0.1 stores, which do not name theirs
    *((f"cmpnet.{n}", "on") for n in ("spec", "plots", "plots.data", "results", "selection")),
    *((f"cmpnet.{name}", "on") for name in ("api", "cli.plot")),
    ("cmpnet.decoding", "on"),  # a word for true
    ("cmpnet.plots", "alpha"),  # a kind of picture
    ("cmpnet.plots", "pairs"),  # a kind of picture
    *((f"cmpnet.plots.data.{name}", "pairs") for name in ("grids", "samples")),
    *((f"cmpnet.plots.matplotlib_{name}", "alpha") for name in ("cells", "charts")),  # opacity
    ("cmpnet.analysis.measures", "points"),  # percentage points, the unit of a measure
    *((f"cmpnet.{name}", "points") for name in ("output.decision_data", "scales")),
}
WORDS = {
    "pairs",
    "points",
    "scale",
    "size",
}  # arguments of our own have these names: Section(pairs=...)


def option_names() -> set[str]:
    """Every option of every task and loss that is installed."""
    registry = Registry()
    records = [
        *map(registry.task, registry.names("task")),
        *map(registry.loss, registry.names("loss")),
    ]
    return {name for record in records for name in options_of(option_function(record))}


def words_of(path: Path) -> Iterator[str]:
    """Strings that are a single word, and names of arguments in calls and definitions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.lstrip("-").replace("-", "_")
        elif isinstance(node, ast.keyword | ast.arg) and node.arg not in WORDS:
            yield node.arg or ""


def test_the_core_names_no_option_of_a_task_or_a_loss() -> None:
    options = option_names()
    assert {"data", "data_dir", "points", "pairs", "alpha", "decay"} <= options
    options -= {"data"}  # the core has a use of its own for this word
    core = [path for path in MODULES if not within(name_of(path), *REGISTERED)]
    named = {
        (name_of(path).removesuffix(".__init__"), word)
        for path in core
        for word in words_of(path)
        if word in options
    }
    assert named == ALLOWED
