"""The README: its figures come from results, its commands run, its suite is one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cmpnet import suites
from cmpnet.registry import Registry
from tests import readme
from tests.helpers import ROOT, cmpnet

TEXT = (ROOT / readme.README).read_text()
COMMANDS = sorted(set(re.findall(r"cmpnet (train|bench|list|show|plot|runs|compare)\b", TEXT)))
SUCCESSORS = re.findall(r"^\| `test\.py.*\| `cmpnet ([^`]*)` \|$", TEXT, re.MULTILINE)

CLAIM = {
    "suite": "one",
    "says": "b is better",
    "one": "b",
    "other": "a",
    "within": None,
    "measure": "test_error",
    "first_epochs": None,
    "source": "",
    "verdict": "holds",
    "n": 3,
    "difference": -0.0725,
    "ci95": [-0.08, -0.065],
    "reported": -0.075,
}
DOCUMENT = {
    "arms": [
        {"name": "a", "repeats": [1, 2, 3], "test_error": {"mean": 0.2, "sd": 0.01},
         "reported": {"test_error": 0.201}},
        {"name": "b", "repeats": [1, 2, 3], "test_error": {"mean": 0.1275, "sd": 0.002},
         "reported": None},
        {"name": "b[x=1]", "repeats": [1, 2, 3], "test_error": {"mean": 0.5, "sd": 0.1},
         "reported": {"test_error_range": [0.01, 0.05]}},
        {"name": "b[x=2]", "repeats": [1, 2, 3], "test_error": {"mean": 0.5, "sd": 0.1},
         "reported": None},
    ],
    "claims": [CLAIM],
}  # fmt: skip


def test_filling_replaces_what_stood_between_the_marks() -> None:
    once = readme.filled("a <!-- m -->old<!-- /m --> z", "m", "one\ntwo")
    assert once == "a <!-- m -->\n\none\ntwo\n\n<!-- /m --> z"
    assert readme.filled(once, "m", "one\ntwo") == once


def test_what_a_command_printed_is_a_block_of_code_without_the_state_of_the_store() -> None:
    printed = "title\n\n a  1 \n3 of 3 repeats came from the store (--fresh ...).\n"
    assert readme.as_code(printed) == "    title\n\n     a  1"


def test_the_results_are_ours_beside_the_reports() -> None:
    assert list(readme.results_table(DOCUMENT))[2:] == [
        "| `a` | 20.00 ± 1.00 | 20.10 |",
        "| `b` | 12.75 ± 0.20 | |",
        "| `b[x=1]` | 50.00 ± 10.00 | 1-5 |",
    ]


def test_claims_are_written_as_the_bench_prints_them() -> None:
    lines = list(readme.claims(DOCUMENT, {"one": "The first", "two": "The second"}))
    assert lines == [
        "",
        "The first",
        "  b is better: holds, -7.25 points [-8.00, -6.50] (the report: -7.50)",
        "",
        "The second",
    ]


def test_the_plugins_table_gets_this_runs_errors_and_keeps_its_words() -> None:
    text = "| name | what | error |\n| `b` | a net, of | 9.99 ± 9.99 % |\n| `c` | x | 1 % |"
    assert list(readme.framework_table(DOCUMENT, text)) == [
        "| name | what | error |",
        "| `b` | a net, of | 12.75 ± 0.20 % |",
        "| `c` | x | 1 % |",
    ]


@pytest.mark.parametrize("mark", ["results", "claims"])
def test_the_readmes_results_are_filled(mark: str) -> None:
    block = TEXT.partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0]
    assert len(block.strip().splitlines()) > 10


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]*)\)", TEXT))
def test_what_it_links_to_is_there(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_it_names_exists(command: str) -> None:
    assert cmpnet(command, "--help").returncode == 0


@pytest.mark.parametrize("call", SUCCESSORS)
def test_every_successor_of_the_second_reports_script_runs(call: str) -> None:
    assert len(SUCCESSORS) == 9
    arguments = shlex.split(call.replace("NAME", "baseline").replace("--repeats 1", ""))
    small = ["--epochs", "1", "--pairs", "50", "--no-plot", "--quiet"]
    small += ["--repeats", "1"] if arguments[0] == "bench" else []
    done = cmpnet(*arguments, *small)
    assert done.returncode == 0, done.stderr


def test_its_suite_file_is_one() -> None:
    (block,) = re.findall(r"```toml\n(title.*?)```", TEXT, re.DOTALL)
    Path("mine.toml").write_text(block)
    registry = Registry()
    (section,) = suites.sections(registry, suites.chosen(registry, "mine.toml"), {}, loss=None)
    assert [arm.label for arm in section.arms] == ["ws", "ws[dropout=0]"]
