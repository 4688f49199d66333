"""What the README shows runs, and what it says is so."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from cmpnet.arms import make_arm
from cmpnet.registry import Registry
from cmpnet_minidl import suites

README = Path(__file__).parent.parent / "README.md"


def code(name: str) -> str:
    match = re.search(rf"<!-- {name} -->\n```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert match is not None
    return match[1]


def run(source: str) -> str:
    Path("script.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-W", "error", "script.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_training_loop_by_hand_is_twenty_lines_and_learns() -> None:
    source = code("loop")
    assert len([line for line in source.splitlines() if line.strip()]) <= 20
    last = run(source).splitlines()[-1]
    match = re.fullmatch(r"epoch 10: test error ([\d.]+) %", last)
    assert match is not None
    assert float(match[1]) < 3


def test_its_repeats_side_by_side_have_the_shape_it_says() -> None:
    shown = next(
        block
        for block in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
        if block.startswith("net.draw")
    )
    start = code("loop").split("for epoch")[0]
    assert "# (10, 4, 1)" in shown
    assert run(start + shown.replace("net.forward(", "print(net.forward(").replace(
        ".shape", ".shape)"
    )) == "(10, 4, 1)\n"  # fmt: skip


@pytest.mark.parametrize("name", ["layer", "parameters"])
def test_a_layer_of_one_s_own_is_right(name: str) -> None:
    run(code(name))


SUITES = {
    name: resources.files(suites).joinpath(f"{name}.toml")
    for name in ("fig2", "fig3", "fig4", "fig5")
}


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_is_arms_that_a_user_can_type(name: str) -> None:
    content = tomllib.loads(SUITES[name].read_text("utf-8"))
    assert content["title"].startswith(f"Figure {name[-1]}")
    assert content["source"].startswith("Report 1")
    arms = [make_arm(Registry(), row["arm"])[0] for row in content["arm"]]
    assert len({str(arm) for arm in arms}) == len(arms)
    for arm in arms:
        assert arm.config.epochs == 30
        assert arm.task_options["points"] == 10_000
        assert arm.architecture_options["width"] == 25


def test_a_suite_varies_what_its_figure_does() -> None:
    content = {name: tomllib.loads(path.read_text("utf-8")) for name, path in SUITES.items()}
    arms = {
        name: [make_arm(Registry(), row["arm"])[0] for row in suite["arm"]]
        for name, suite in content.items()
    }
    assert [arm.architecture for arm in arms["fig2"]] == ["minidl-relu", "minidl-tanh"]
    assert [arm.architecture_options["init"] for arm in arms["fig3"]] == ["xavier", "uniform"]
    assert [arm.config.batch_size for arm in arms["fig4"]] == [5, 10, 50, 100, 500]
    assert [arm.config.lr for arm in arms["fig5"]] == [0.005]


@pytest.mark.parametrize("name", SUITES)
def test_a_suites_claims_are_the_reports_and_can_be_decided(name: str) -> None:
    from cmpnet import suites as registered

    registered.check(Registry(), name)
    claims = registered.load(Registry(), name).claims
    assert claims
    assert all(claim.source.startswith("Report 1, section 2.5") for claim in claims)
