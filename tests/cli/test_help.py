"""Help and start-up, as a user sees them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.helpers import call


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["-h"],
        [],
        ["train", "-h"],
        ["bench", "--help"],
        ["list", "-h"],
        ["show", "-h"],
        ["plot", "-h"],
        ["runs", "-h"],
        ["runs", "rm", "-h"],
        ["leaderboard", "-h"],
        ["compare", "-h"],
        ["evaluate", "-h"],
        ["reproduce", "-h"],
    ],
)
def test_help_has_worked_examples(arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.returncode == (0 if arguments else 2)
    command = arguments[0] if arguments and not arguments[0].startswith("-") else "bench"
    assert f"cmpnet {command} " in done.stdout + done.stderr
    assert "\\b" not in done.stdout + done.stderr, "Typer's mark is not for reading"


def test_the_examples_in_the_help_keep_their_brackets() -> None:
    text = call("bench", "--help").stdout
    assert "'ws-aux:aux-scheduled[alpha=0.25]'" in text
    assert "\\" not in text
    assert "'ws[epochs=1]' 'ws[epochs=25]'" in call("plot", "--help").stdout


def imported_by(arguments: str, *modules: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process that fails if it imports one of the modules."""
    code = (
        f"import sys; from cmpnet.__main__ import main\n"
        f"try: main({arguments.split()!r})\n"
        f"except SystemExit: pass\n"
        f"loaded = {set(modules)!r} & set(sys.modules)\n"
        f"sys.exit(f'imported {{loaded}}' if loaded else 0)"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", ["--help", "list", "list losses", "--version"])
def test_torch_and_numpy_are_not_imported_for(arguments: str) -> None:
    done = imported_by(arguments, "torch", "numpy", "scipy", "plotext", "matplotlib")
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_plotext_is_imported_for_a_picture_alone() -> None:
    arguments = "train baseline --epochs 2 --pairs 20"
    without = imported_by(f"{arguments} --no-plot", "plotext", "matplotlib")
    assert without.returncode == 0, without.stderr
    drawn = imported_by(arguments, "plotext")
    assert "error per epoch" in drawn.stdout
    assert "imported {'plotext'}" in drawn.stderr


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import cmpnet", ["torch", "numpy", "scipy", "typer", "rich"]),
        ("import cmpnet; cmpnet.Results", ["torch"]),
        ("import cmpnet; cmpnet.Architecture", ["torch", "numpy"]),
    ],
)
def test_the_package_is_imported_without_what_it_does_not_need(
    code: str, modules: list[str]
) -> None:
    check = (
        f"import sys; {code}\n"
        f"loaded = {set(modules)!r} & set(sys.modules)\n"
        f"sys.exit(f'imported {{loaded}}' if loaded else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
