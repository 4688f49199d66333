"""Every option of the arms that a command names is a flag of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import QUICK, TINY, call, cmpnet, make_plugin

BOUNDED = TINY.replace(
    "def build(*, width: int = 4):",
    'def build(*, width: Annotated[int, Bounds(1, 64), "units of the hidden layer"] = 4,\n'
    '          shape: Literal["wide", "deep"] = "wide", extra: bool = False,\n'
    "          rate: float | None = None):",
).replace(
    "from cmpnet import", "from typing import Annotated, Literal\n    from cmpnet import Bounds,"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make_plugin(tmp_path / "s", "tiny-plugin", BOUNDED, {"architectures": {"tiny": "TINY"}})
    return tmp_path / "s"


def options(name: str) -> dict[str, Any]:
    """The architecture's options of the first arm of an export."""
    arm = json.loads(Path(name).read_text())["arms"][0]
    return dict(arm["options"]["architecture"])


def test_a_third_partys_options_are_flags_of_train_and_bench(site: Path) -> None:
    given = ("--width", "8", "--shape", "deep", "--extra", "true", "--rate", "0.5")
    train = cmpnet("train", *given, "tiny", *QUICK, "--export-json", "t.json", site=site)
    assert train.returncode == 0, train.stderr
    assert options("t.json") == {"width": 8, "shape": "deep", "extra": True, "rate": 0.5}
    few = ("--repeats", "1", "--export-json", "b.json")
    bench = cmpnet("bench", "tiny", "baseline", "--width=6", *QUICK, *few, site=site)
    assert bench.returncode == 0, bench.stderr
    assert options("b.json")["width"] == 6


def test_the_help_of_an_arm_shows_its_options_with_defaults_and_bounds(site: Path) -> None:
    text = cmpnet("train", "tiny", "--help", site=site).stdout
    line = next(line for line in text.splitlines() if "--width" in line)
    assert "1<=x<=64" in line
    assert "Units of the hidden layer" in text
    assert "[default: (4)]" in text
    assert "wide|deep" in text
    assert "Options of tiny" in text
    assert "--width" not in cmpnet("train", "--help", site=site).stdout


def test_a_value_out_of_a_third_partys_bounds_is_refused(site: Path) -> None:
    done = cmpnet("train", "tiny", "--width", "65", site=site)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'--width': Input should be less than or equal to 64" in done.stderr


def test_the_help_of_one_arm_shows_the_defaults_of_its_recipe() -> None:
    text = " ".join(call("train", "simple", "--help").stdout.split())
    assert "[default: (0.002)]" in text
    assert "[default: (adam)]" in text
    assert "[default: (0.1)]" in call("train", "--help").stdout


def test_a_flag_of_another_loss_needs_that_loss() -> None:
    given = ("--alpha", "0.5", *QUICK, "--no-plot")
    assert call("train", "ws", *given).returncode == 2
    assert call("train", "ws", "--loss", "aux-discounted", *given).returncode == 0
    assert call("train", "ws:aux-discounted", *given).returncode == 0


def test_flags_of_a_suites_arms_need_no_arm_on_the_command_line() -> None:
    given = ("--alpha", "0.5", *QUICK, "--repeats", "1", "--no-plot", "--quiet")
    for arguments in (("bench",), ("bench", "--suite", "table3")):
        done = call(*arguments, *given)
        assert done.returncode == 0, done.stderr
        assert "ws-aux[alpha=0.5]" in done.stdout


def test_a_flag_and_an_assignment_of_one_option_are_refused() -> None:
    done = call("train", "ws-aux", "--alpha", "0.5", "-o", "alpha=0.5")
    assert done.returncode == 2
    assert "'alpha' is given twice" in done.stderr


def test_both_ways_to_write_a_sweep_give_the_same_arms() -> None:
    arms = []
    for sweep in (("--sweep", "alpha=0,1"), ("-L", "alpha", "0,1")):
        few = (*QUICK, "--repeats", "1", "--no-plot", "--quiet", "--export-json", "s.json")
        done = call("bench", "ws-aux", *sweep, *few)
        assert done.returncode == 0, done.stderr
        arms.append([arm["name"] for arm in json.loads(Path("s.json").read_text())["arms"]])
    assert arms == [["ws-aux[alpha=0]", "ws-aux[alpha=1]"]] * 2
