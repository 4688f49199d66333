"""The code in the README runs, and what the README and the suites say is true."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from cmpnet import suites as registered
from cmpnet.arms import resolve
from cmpnet.registry import Registry
from cmpnet_minidl import suites

README = Path(__file__).parent.parent / "README.md"


def code(name: str) -> str:
    match = re.search(rf"<!-- {name} -->\n```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert match is not None
    return match[1]


def run(source: str) -> None:
    exec(compile(source, "README.md", "exec"), {"__name__": "__main__"})


def test_the_training_loop_has_at_most_twenty_lines_and_learns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = code("loop")
    assert len([line for line in source.splitlines() if line.strip()]) <= 20
    run(source)
    last = capsys.readouterr().out.splitlines()[-1]
    match = re.fullmatch(r"epoch 10: test error ([\d.]+) %", last)
    assert match is not None
    assert float(match[1]) < 3


def test_repeats_side_by_side_have_the_shape_that_the_readme_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = next(
        block
        for block in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
        if block.startswith("net.draw")
    )
    start = code("loop").split("for epoch")[0]
    assert "# (10, 4, 1)" in shown
    run(start + shown.replace("net.forward(", "print(net.forward(").replace(".shape", ".shape)"))
    assert capsys.readouterr().out == "(10, 4, 1)\n"


@pytest.mark.parametrize("name", ["layer", "parameters"])
def test_the_custom_layers_pass_their_gradient_checks(name: str) -> None:
    run(code(name))


SUITES = {
    name: resources.files(suites).joinpath(f"{name}.toml")
    for name in ("fig2", "fig3", "fig4", "fig5")
}


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_consists_of_arms_that_a_user_can_type(name: str) -> None:
    content = tomllib.loads(SUITES[name].read_text("utf-8"))
    assert content["title"].startswith(f"Figure {name[-1]}")
    assert content["source"].startswith("Report 1")
    keys = [resolve(row["arm"], Registry()).key for row in content["arm"]]
    assert len({str(key) for key in keys}) == len(keys)
    for key in keys:
        assert key.config.epochs == 30
        assert key.task_options["points"] == 10_000
        assert key.architecture_options["width"] == 25


def test_a_suite_varies_what_its_figure_varies() -> None:
    content = {name: tomllib.loads(path.read_text("utf-8")) for name, path in SUITES.items()}
    keys = {
        name: [resolve(row["arm"], Registry()).key for row in suite["arm"]]
        for name, suite in content.items()
    }
    assert [key.architecture for key in keys["fig2"]] == ["minidl-relu", "minidl-tanh"]
    assert [key.architecture_options["init"] for key in keys["fig3"]] == ["xavier", "uniform"]
    assert [key.config.batch_size for key in keys["fig4"]] == [5, 10, 50, 100, 500]
    assert [key.config.lr for key in keys["fig5"]] == [0.005]


@pytest.mark.parametrize("name", SUITES)
def test_the_claims_of_a_suite_are_from_the_report_and_can_be_decided(name: str) -> None:
    registered.check(Registry(), name)
    claims = registered.load(Registry(), name).claims
    assert claims
    assert all(claim.source.startswith("Report 1, section 2.5") for claim in claims)
