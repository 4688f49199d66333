"""``cmpnet new``: what it writes works as it is, and is never written over something."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cmpnet.scaffolding import KINDS
from tests.helpers import call, cmpnet, install, variables


@pytest.mark.slow
def test_a_new_plugin_passes_its_own_tests_and_the_check() -> None:
    done = call("new", "plugin", "my-net")
    assert done.returncode == 0, done.stderr
    assert "pip install -e 'my-net[dev]'" in done.stdout
    home = Path("my-net").absolute()
    install(home, "my-net", (home / "pyproject.toml").read_text())
    checked = cmpnet("check", "my-net", site=home)
    assert checked.returncode == 0, checked.stdout
    assert "my-net (architecture of my-net 0.1.0)" in checked.stdout
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=home,
        env=variables(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout
    assert re.search(r"\d\d passed, 1 skipped", tests.stdout), tests.stdout


QUICK = ("architecture", "metric")  # the others take 10 s each


@pytest.mark.parametrize(
    "kind",
    [
        kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow)
        for kind in KINDS
        if kind != "plugin"
    ],
)
def test_a_new_file_passes_the_check_and_runs_as_it_says(kind: str) -> None:
    printed = call("new", kind, f"my-{kind}").stdout
    commands = re.findall(r"^    cmpnet (\w+ .*)", printed, re.MULTILINE)
    (checked,) = [c.split()[1] for c in commands if c.startswith("check ")]
    (trained,) = [shlex.split(c) for c in commands if c.startswith("bench ")]
    rows = json.loads(call("check", checked, "--json").stdout)["checks"]
    assert [row for row in rows if not row["ok"]] == []
    further = {"task": {"my-task-net"}, "learner": {"my-learner-ce", "my-learner-sgd"}}
    assert further.get(kind, set()) <= {row["name"] for row in rows}
    assert not any("not checked" in row["check"] for row in rows)
    done = call(*trained, "--repeats", "1", "--epochs", "1", "--no-plot", "--quiet")
    assert done.returncode == 0, done.stderr


def test_a_new_suite_can_be_shown_as_it_is() -> None:
    assert call("new", "suite", "mine").stdout.startswith("mine.toml\n")
    done = call("show", "mine.toml")
    assert done.returncode == 0, done.stderr
    assert "the auxiliary loss lowers it further" in done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_is_overwritten(kind: str) -> None:
    assert call("new", kind, "mine").returncode == 0
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}
    again = call("new", kind, "mine")
    assert again.returncode == 2
    assert "exists and was not changed" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == before


@pytest.mark.parametrize("name", ["two words", "-x", "1st", "a:b", "a/b", "json", "class", "x.py"])
def test_a_name_that_cannot_be_typed_or_imported_is_refused(name: str) -> None:
    done = call("new", "loss", "--", name)
    assert done.returncode == 2
    assert f"'{name}' cannot be the name" in done.stderr
    assert not [*Path().iterdir()]


def test_an_unknown_kind_is_refused() -> None:
    assert "Did you mean 'loss'?" in call("new", "los", "x").stderr


def test_what_is_written_is_clean() -> None:
    for kind in KINDS:
        call("new", kind, f"my-{kind}")
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--isolated", "--line-length", "100", "."]
    lint = subprocess.run(
        [*ruff, "check", "--select", "A,B,E,F,I,N,PT,RUF,SIM,UP,W", *config],
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout
    layout = subprocess.run(
        [*ruff, "format", "--check", "--diff", *config], capture_output=True, text=True, check=False
    )
    assert layout.returncode == 0, layout.stdout
