"""Every option of the arms that a command names is a flag of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import QUICK, TINY, call, make_plugin

BOUNDED = TINY.replace(
    "def build(*, width: int = 4):",
    'def build(*, width: Annotated[int, Bounds(1, 64), "units of the hidden layer"] = 4,\n'
    '          shape: Literal["wide", "deep"] = "wide", extra: bool = False,\n'
    "          rate: float | None = None):",
).replace(
    "from cmpnet import", "from typing import Annotated, Literal\n    from cmpnet import Bounds,"
)
BENCH = (*QUICK, "--repeats", "1", "--no-plot", "--quiet")


@pytest.fixture
def tiny(site: Path) -> None:
    """A third party's network with options of every type."""
    make_plugin(site, "tiny-plugin", BOUNDED, {"architectures": {"tiny": "TINY"}})


def exported(*arguments: str) -> list[dict[str, Any]]:
    """The arms that a command exports."""
    done = call(*arguments, "--export-json", "arms.json")
    assert done.returncode == 0, done.stderr
    arms: list[dict[str, Any]] = json.loads(Path("arms.json").read_text())["arms"]
    return arms


def refusal(*arguments: str) -> str:
    """The one sentence that a wrong call prints."""
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    return sentence


def help_text(*arguments: str) -> str:
    """The help of a command in one line, without the borders of its panels."""
    done = call(*arguments, "--help")
    assert done.returncode == 0, done.stderr
    return " ".join(word for word in done.stdout.split() if not set(word) <= set("─│╭╮╰╯"))


@pytest.mark.usefixtures("tiny")
def test_a_third_partys_options_are_flags_of_train() -> None:
    flags = ("--width", "8", "--shape", "deep", "--extra", "true", "--rate", "0.5")
    (arm,) = exported("train", "tiny", *flags, *QUICK)
    values = {"width": 8, "shape": "deep", "extra": True, "rate": 0.5}
    assert arm["options"]["architecture"] == values
    assert arm["name"] == "tiny[width=8,shape=deep,extra=True,rate=0.5]"
    assert arm["repeats"][0]["parameters"] == 392 * 8 + 8 + 8 * 2 + 2


@pytest.mark.usefixtures("tiny")
def test_each_arm_of_a_bench_takes_the_flags_of_its_own_options() -> None:
    tiny, baseline = exported("bench", "tiny", "baseline", "--width=6", "--hidden", "16", *BENCH)
    assert (tiny["name"], baseline["name"]) == ("tiny[width=6]", "baseline[hidden=16]")
    assert tiny["options"]["architecture"]["width"] == 6
    assert baseline["options"]["architecture"] == {"hidden": 16}


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("command", [("train",), ("bench", "--repeats", "1")])
def test_flags_may_come_before_the_arm(command: tuple[str, ...]) -> None:
    (arm,) = exported(*command, "--width", "8", "--epochs", "1", "tiny", "--pairs", "50")
    assert arm["name"] == "tiny[width=8]"


@pytest.mark.usefixtures("tiny")
def test_the_help_of_an_arm_shows_its_options_with_defaults_and_bounds() -> None:
    text = help_text("train", "tiny")
    options = text[text.index("Options of tiny") :]
    assert "--width <int range> [1<=x<=64] Units of the hidden layer [default: (4)]" in options
    assert "wide|deep" in options
    assert "--width" not in help_text("train")
    assert "--width" not in help_text("train", "baseline")


@pytest.mark.usefixtures("tiny")
def test_the_help_of_a_bench_shows_the_options_of_each_arm() -> None:
    text = help_text("bench", "ws-aux", "tiny")
    order = ["Options of ws-aux", "--alpha", "Options of tiny", "--width"]
    assert sorted(order, key=text.index) == order


def test_the_help_of_one_arm_shows_the_defaults_of_its_recipe() -> None:
    text = help_text("train", "simple")
    assert "[default: (0.002)]" in text[text.index("--lr") : text.index("--optimizer")]
    assert "[default: (adam)]" in text[text.index("--optimizer") : text.index("--schedule")]
    assert "[default: (0.1)]" in help_text("train")


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("command", ["train", "bench"])
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ("--width", "65"),
            "Invalid value for '--width': Input should be less than or equal to 64",
        ),
        (("--width=wide",), "Invalid value for '--width': Input should be a valid integer"),
        (("--widht", "8"), "No such option: --widht (Possible options: --width"),
        (("--alpha", "0.5"), "No such option: --alpha"),
    ],
    ids=["out of bounds", "wrong type", "misspelled", "of another network"],
)
def test_a_wrong_flag_is_refused_in_a_sentence_before_training(
    command: str, flags: tuple[str, ...], message: str
) -> None:
    sentence = refusal(command, "tiny", *flags)
    assert sentence.startswith(f"Error: {message}")
    assert sentence.endswith(f" See 'cmpnet {command} --help'.")
    assert not Path(".cmpnet").exists()


def test_a_flag_of_another_loss_needs_that_loss() -> None:
    given = ("--alpha", "0.5", *QUICK, "--no-plot")
    assert call("train", "ws", *given).returncode == 2
    assert call("train", "ws", "--loss", "aux-discounted", *given).returncode == 0
    assert call("train", "ws:aux-discounted", *given).returncode == 0


def test_flags_of_a_suites_arms_need_no_arm_on_the_command_line() -> None:
    for arguments in (("bench",), ("bench", "--suite", "table3")):
        done = call(*arguments, "--alpha", "0.5", *BENCH)
        assert done.returncode == 0, done.stderr
        assert "ws-aux[alpha=0.5]" in done.stdout


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("name", "twice"),
    [
        ("width", ("--width", "8", "-o", "width=8")),
        ("width", ("-o", "width=4", "-o", "width=8")),
        ("epochs", ("--epochs", "1", "-o", "epochs=1")),
    ],
)
def test_an_option_that_is_given_twice_is_refused(name: str, twice: tuple[str, ...]) -> None:
    sentence = f"Error: Option '{name}' is given twice; give it once."
    assert refusal("train", "tiny", *twice) == sentence


def test_a_disabled_plugin_is_not_imported_for_its_flags(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"{BOUNDED}\n    open('imported', 'w').close()\n"
    make_plugin(site, "tiny-plugin", code, {"architectures": {"tiny": "TINY"}})
    arguments = ("train", "tiny", "--width", "8")
    assert "no architecture 'tiny'" in refusal(*arguments, "--no-plugin", "tiny-plugin")
    monkeypatch.setenv("CMPNET_DISABLE_PLUGINS", "Tiny_Plugin")
    assert "no architecture 'tiny'" in refusal(*arguments)
    assert not Path("imported").exists()
    monkeypatch.delenv("CMPNET_DISABLE_PLUGINS")
    help_text("train", "tiny")
    assert Path("imported").exists()


def test_both_ways_to_write_a_sweep_give_the_same_arms() -> None:
    arms = exported("bench", "ws-aux", "--sweep", "alpha=0,1", *BENCH)
    assert [arm["name"] for arm in arms] == ["ws-aux[alpha=0]", "ws-aux[alpha=1]"]
    assert exported("bench", "ws-aux", "-L", "alpha", "0,1", *BENCH) == arms
    both = exported("bench", "ws-aux", "--sweep", "alpha=0,1", "-L", "lr", "0.1,0.2", *BENCH)
    names = [f"ws-aux[alpha={alpha},lr={lr}]" for alpha in (0, 1) for lr in (0.1, 0.2)]
    assert [arm["name"] for arm in both] == names
