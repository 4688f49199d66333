"""The README: its figures come from results; its commands, its code and its suite run."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import cmpnet
from cmpnet import Architecture, DataInfo, Results, suites
from cmpnet.analysis.claims import Claim
from cmpnet.api import load
from cmpnet.arms import Shared
from cmpnet.registry import Registry
from tests.helpers import ROOT, arm_results, call, make_table, results_of, section_of
from tools import readme

TEXT = (ROOT / readme.README).read_text()
COMMANDS = sorted(
    set(
        re.findall(
            r"cmpnet (train|bench|list|show|plot|runs|leaderboard|compare|evaluate|reproduce)\b",
            TEXT,
        )
    )
)
SUCCESSORS = re.findall(r"^\| `test\.py.*\| `cmpnet ([^`]*)` \|$", TEXT, re.MULTILINE)


def results() -> Results:
    """Two suites, of which one has a claim."""
    arms = [
        arm_results("a", [190, 200, 210], reported={"test_error": 0.201}),
        arm_results("b", [125, 127, 129]),
        arm_results("b[x=1]", [400, 500, 600], reported={"test_error_range": [0.01, 0.05]}),
        arm_results("b[x=2]", [400, 500, 600]),
    ]
    claim = Claim("b is better", one="b", other="a")
    first = replace(section_of(arms, "The first\n3 repeats"), suite="one", claims=(claim,))
    return Results(sections=(first, section_of(arms[1:2], "The second")))


def test_filling_replaces_the_text_between_the_marks() -> None:
    once = readme.filled("a <!-- m -->old<!-- /m --> z", "m", "one\ntwo")
    assert once == "a <!-- m -->\n\none\ntwo\n\n<!-- /m --> z"
    assert readme.filled(once, "m", "one\ntwo") == once


def test_printed_lines_are_a_block_of_code() -> None:
    assert readme.as_code("title\n\n a  1 \n") == "    title\n\n     a  1"


def test_the_documents_do_not_tell_what_the_store_had() -> None:
    stored = results_of([arm_results("a", [100, 110], stored=2)])
    assert "came from the store" in str(stored)
    assert "came from the store" not in str(readme.without_store(stored))


def test_the_results_are_shown_beside_those_of_the_reports() -> None:
    assert list(readme.results_table(results()))[2:] == [
        "| `a` | 20.00 ± 1.00 | 20.10 |",
        "| `b` | 12.70 ± 0.20 | |",
        "| `b[x=1]` | 50.00 ± 10.00 | 1-5 |",
    ]


def test_claims_are_written_as_a_bench_prints_them() -> None:
    lines = list(readme.claims(results()))
    assert lines == [
        "",
        "The first",
        "  b is better: holds, -7.30 points [-13.95, -5.15]",
        "",
        "The second",
    ]
    assert lines[2] in str(results())


def test_the_table_of_the_plugin_gets_the_errors_of_this_run_and_keeps_its_words() -> None:
    text = "| name | what | error |\n| `b` | a net, of | 9.99 ± 9.99 % |\n| `c` | x | 1 % |"
    assert list(readme.networks_table(results(), text)) == [
        "| name | what | error |",
        "| `b` | a net, of | 12.70 ± 0.20 % |",
        "| `c` | x | 1 % |",
    ]


def test_the_tool_regenerates_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    for name in (readme.README, readme.PLUGIN, readme.TABLES):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text((ROOT / name).read_text())
    readme.main(Path(), ["--repeats", "1", "--epochs", "1", "--store", "store"])
    assert "baseline seed 0: test error" in capsys.readouterr().err
    error = readme.mean_sd(load("baseline", store="store").arms[0])
    assert f"| `baseline` | {error} |" in Path(readme.README).read_text()
    raw = json.loads(Path(readme.RAW).read_text())
    assert raw["arms"][0]["repeats"][0]["curves"]["test_error"]
    assert not raw["arms"][0]["repeats"][0]["details"]
    reproduced = call("reproduce", readme.RAW, "--quiet")
    assert reproduced.returncode == 0, reproduced.stdout
    tables = Path(readme.TABLES).read_text()
    assert tables.startswith("# Every table and figure")
    assert f"  {error.partition(' ±')[0]}  " in tables
    assert "1 repeat, seed 0, epochs 1" in tables
    changed = Path(readme.PLUGIN).read_text()
    assert len(changed.splitlines()) == len((ROOT / readme.PLUGIN).read_text().splitlines())
    picture = Path(readme.PICTURE).read_text()
    assert "<svg" in picture
    assert "baseline" in picture


@pytest.mark.parametrize("mark", ["results", "claims"])
def test_the_figures_of_the_readme_are_filled_in(mark: str) -> None:
    block = TEXT.partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0]
    assert len(block.strip().splitlines()) > 10


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]*)\)", TEXT))
def test_every_file_it_links_to_exists(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_it_names_exists(command: str) -> None:
    assert call(command, "--help").returncode == 0


@pytest.mark.parametrize("command", SUCCESSORS)
def test_every_successor_of_the_script_of_the_second_report_runs(command: str) -> None:
    assert len(SUCCESSORS) == 9
    arguments = shlex.split(command.replace("NAME", "baseline").replace("--repeats 1", ""))
    small = ["--epochs", "1", "--pairs", "50", "--no-plot", "--quiet"]
    small += ["--repeats", "1"] if arguments[0] == "bench" else []
    done = call(*arguments, *small)
    assert done.returncode == 0, done.stderr


def test_its_suite_file_can_be_used() -> None:
    (block,) = re.findall(r"```toml\n(title.*?)```", TEXT, re.DOTALL)
    Path("mine.toml").write_text(block)
    registry = Registry()
    (suite,) = suites.resolve(registry, suites.members(registry, "mine.toml"), Shared())
    assert [arm.label for arm in suite.arms] == ["ws", "ws[dropout=0]"]


def test_its_network_for_own_data_is_trained() -> None:
    import torch

    class Net(torch.nn.Module):
        def __init__(self, shape: tuple[int, ...], width: int, classes: int) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(
                torch.nn.Linear(*shape, width), torch.nn.ReLU(), torch.nn.Linear(width, classes)
            )

        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"scores": self.net(x)}

    (block,) = re.findall(r"```python\n(def build\(.*?)```", TEXT, re.DOTALL)
    space = {"DataInfo": DataInfo, "Architecture": Architecture, "nn": torch.nn, "Net": Net}
    space |= {"__name__": "__main__"}  # as in a script
    exec("from __future__ import annotations\n" + block, space)
    results = cmpnet.train(space["MY_NET"], data=make_table("iris.csv"), epochs=1, width=5)
    (repeat,) = results.arms[0].repeats.values()
    assert (repeat.status, repeat.parameters) == ("ok", 5 * 5 + 3 * 6)


def test_its_python_code_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"<!-- python -->\n```python\n(.*?)```", TEXT, re.DOTALL)
    exec(block, {"__name__": "readme"})
    assert "ws-aux" in capsys.readouterr().out
    assert Path("results.json").exists()
