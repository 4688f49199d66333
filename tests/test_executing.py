"""Options of executors: told from those of the arms, checked and shown as any name's."""

from __future__ import annotations

from pathlib import Path

import pytest

import cmpnet
from tests.helpers import QUICK, call, make_plugin

ELSEWHERE = """
    from typing import Annotated
    from cmpnet import Bounds
    from cmpnet.runtime.local import LocalExecutor

    class Elsewhere(LocalExecutor):
        \"\"\"Worker processes at an address.\"\"\"

        def __init__(self, workers: int = 1, *, address: str | None = None, hidden: int = 1,
                     width: Annotated[int, Bounds(1)] = 1) -> None:
            super().__init__(workers)
            print(f"{workers} at {address}, width {width}, hidden {hidden}")

    class Hidden(LocalExecutor):
        def __init__(self, workers: int, *, store: str = "") -> None:
            super().__init__(workers)
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"elsewhere": "Elsewhere", "hidden": "Hidden", "number": "__name__"}
    make_plugin(tmp_path / "site", "elsewhere-plugin", ELSEWHERE, {"executors": names})
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.chdir(tmp_path)


BENCH = ("bench", "baseline", *QUICK, "--repeats", "1", "--no-plot", "--executor")


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (["--address", "tcp://a:1"], "1 at tcp://a:1, width 1, hidden 1\n"),
        (["-o", "address=tcp://a:1", "--workers", "2"], "2 at tcp://a:1, width 1, hidden 1\n"),
        (["-o", "executor.width=3"], "1 at None, width 3, hidden 1\n"),
    ],
)
def test_an_option_of_an_executor_is_given_as_a_flag_or_with_o(
    given: list[str], printed: str
) -> None:
    called = call(*BENCH, "elsewhere", *given)
    assert (called.returncode, called.stderr.count(printed)) == (0, 1), called.output
    assert "tcp" not in called.stdout, "an address is no part of what was compared"


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["elsewhere", "-o", "adress=x"], "has an option 'adress': baseline. Did you mean 'addres"),
        (["elsewhere", "-o", "executor.adress=x"], "'elsewhere' has no option 'adress'. Did you"),
        (["elsewhere", "--width", "0"], "width"),
        (["elsewhere", "-o", "width=many"], "width is 'many'; it must be a whole number of at lea"),
        (["elsewhere", "-o", "width=2", "-o", "executor.width=3"], "Option 'width' is given twice"),
        (["local", "-o", "address=x"], "None of these arms has an option 'address': baseline."),
        (["hidden"], "'hidden' of elsewhere-plugin 1.0 cannot be used: its option 'store' is hid"),
        (["number"], "it is a str, not a class that makes an executor"),
    ],
)
def test_a_wrong_option_of_an_executor_is_refused_in_a_sentence(
    given: list[str], sentence: str
) -> None:
    called = call(*BENCH, *given)
    assert (called.returncode, called.stdout) == (2, "")
    assert sentence in called.stderr.replace("\n", " ")


@pytest.mark.usefixtures("elsewhere")
def test_an_option_that_an_arm_has_too_must_say_whose_it_is() -> None:
    called = call(*BENCH, "elsewhere", "-o", "hidden=8")
    assert "option of both executor and an arm; write 'executor.hidden=VALUE'" in called.stderr
    qualified = call(*BENCH, "elsewhere", "-o", "executor.hidden=8", "-o", "architecture.hidden=9")
    assert "1 at None, width 1, hidden 8" in qualified.stderr
    assert "hidden=9" in qualified.stdout


@pytest.mark.usefixtures("elsewhere")
def test_show_tells_what_an_executor_is_and_its_options() -> None:
    shown = call("show", "elsewhere").stdout
    for text in ("Worker processes at an address.", "elsewhere-plugin 1.0", "width", "at least 1"):
        assert text in shown


@pytest.mark.usefixtures("elsewhere")
def test_train_says_that_it_runs_here() -> None:
    called = call("train", "baseline", "--executor", "elsewhere")
    assert called.returncode == 2
    assert "'cmpnet bench ARM --repeats 1 --executor elsewhere'" in called.stderr
    with pytest.raises(cmpnet.CmpnetError, match="in its own process"):
        cmpnet.train("baseline", executor="elsewhere")
