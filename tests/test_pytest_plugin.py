"""The contract as tests of a plugin's own, in a pytest as its author runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cmpnet.checking.subjects import PROMISES
from cmpnet.contract import NetworkPromise
from cmpnet.registry import Registry
from cmpnet.testing import check_arm, check_task
from tests.helpers import TINY, make_plugin, variables

CONTRACT = """
    import pytest
    from cmpnet.testing import check_arm

    @pytest.mark.cmpnet("my-plugin", "nets/own.py")
    def test_contract(cmpnet_check):
        cmpnet_check()

    @pytest.mark.cmpnet("nets/own.py")
    def test_few(cmpnet_registry):
        check_arm("tiny", registry=cmpnet_registry, pairs=40)
"""


def run(source: str, site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a file of tests in a process of its own."""
    lines = source.splitlines()
    Path("test_it.py").write_text("\n".join(line.removeprefix("    ") for line in lines) + "\n")
    command = [sys.executable, "-m", "pytest", "-W", "error", "--strict-markers", "--rootdir", "."]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "-v", *arguments, "test_it.py"],
        env=variables(site.absolute()),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def site() -> Path:
    """A plugin with a name that ends its process, and one that breaks a promise; and a file."""
    random = TINY.replace("self.body(x)}", "self.body(x) * torch.rand(1)}")
    random = random.replace('name="tiny"', 'name="random"')
    points = {"architectures": {"random": "TINY"}, "losses": {"dies": "DIES"}}
    make_plugin(Path("site"), "my-plugin", random, points)
    (Path("site") / "dies.py").write_text("import os; os._exit(3)")
    entries = Path("site/my_plugin-1.0.dist-info/entry_points.txt")
    entries.write_text(entries.read_text().replace("my_plugin:DIES", "dies:DIES"))
    Path("nets").mkdir()
    make_plugin(Path("nets"), "own", TINY, {})
    return Path("site")


def test_each_promise_of_each_name_is_a_test_and_a_broken_one_stops_no_other(site: Path) -> None:
    done = run(CONTRACT, site)
    outcomes = dict(re.findall(r"::test_contract\[(.*?)\] (PASSED|FAILED|SKIPPED)", done.stdout))
    assert {name for name, outcome in outcomes.items() if outcome == "FAILED"} == {
        "random: same predictions twice",
        "dies: imports",
    }, done.stdout
    assert outcomes["random: trains"] == "PASSED"
    assert outcomes["random: saves and loads"] == "SKIPPED"
    assert outcomes["tiny: saves and loads"] == "PASSED"
    assert outcomes["tiny: side by side as alone"] == "SKIPPED"
    assert {name for name in outcomes if name.startswith("tiny")} == {
        f"tiny: {promise}" for promise in PROMISES["architecture"]
    }, "the same tests whether they pass or not"
    assert "dies (loss of my-plugin 1.0): its process ended (exit code 3)" in done.stdout
    assert "random (architecture of my-plugin 1.0): 'verdict' of 'random' differs" in done.stdout
    assert "::test_few PASSED" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_word_that_means_nothing_is_one_sentence(site: Path) -> None:
    done = run(CONTRACT.replace('"my-plugin"', '"my-plugins"'), site)
    assert done.returncode == 2
    assert "There is no name or distribution 'my-plugins'. Did you mean 'my-plugin'?" in done.stdout
    assert "Traceback" not in done.stdout


def test_other_projects_pay_nothing_for_the_plugin(site: Path) -> None:
    source = """
    import sys

    def test_it():
        loaded = {name for name in sys.modules if name.partition(".")[0] in ("cmpnet", "torch")}
        assert loaded == {"cmpnet", "cmpnet.pytest_plugin"}
    """
    assert run(source, site).returncode == 0


def test_records_of_ones_own_can_be_checked() -> None:
    registry = Registry()
    check_arm(registry.architecture("baseline"), pairs=40)
    check_task(registry.task("digit-pairs"), pairs=40)


def test_every_promise_has_a_name_of_its_own() -> None:
    for promises in PROMISES.values():
        assert len({*promises}) == len(promises)
    assert {*NetworkPromise} <= {*PROMISES["loss"]}
