"""A plugin that fails in one arm, in every way it can: the others continue."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from cmpnet.__main__ import main
from cmpnet.store import Store
from tests.faults.conftest import SITE, Install
from tests.helpers import TINY, call, cmpnet
from tests.processes import stored

QUICK = ("--epochs", "1", "--pairs", "50", "--repeats", "2", "--no-plot")
FORWARD = 'return {"verdict": self.body(x)}'
FAULTS = {
    "raises": ("return Net(width)", "raise ValueError('sour milk')", "ValueError: sour milk"),
    "exits": ("return Net(width)", "raise SystemExit('sour milk')", "SystemExit: sour milk"),
    "interrupts": ("return Net(width)", "raise KeyboardInterrupt", "failed: KeyboardInterrupt"),
    "closes": ("return Net(width)", "raise GeneratorExit('sour')", "GeneratorExit: sour"),
    "dies": ("return Net(width)", "import os; os._exit(7)", "died 3 times (exit 7)"),
    "returns NaN": (FORWARD, 'return {"verdict": self.body(x) * float("nan")}', "diverged"),
    "has the wrong shape": (FORWARD, 'return {"verdict": self.body(x)[:, :1]}', "failed"),
}


def install_tiny(install: Install, good: str = "", bad: str = "") -> None:
    """Install the architecture ``tiny``, which prints, with an edit to its source."""
    code = TINY.replace("import torch", "import torch; print('at import')")
    code = code.replace("return Net(width)", "print('at build'); return Net(width)", 1)
    code = code.replace(good, bad) if good else code
    install("sour", code, {"architectures": {"tiny": "TINY"}})


@pytest.mark.parametrize("kind", FAULTS)
def test_an_arm_that_fails_is_reported_at_once_and_the_others_continue(
    kind: str, install: Install
) -> None:
    good, bad, message = FAULTS[kind]
    install_tiny(install, good, bad)
    done = call("bench", "tiny", "baseline", *QUICK, "--workers", "1")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert len(lines) == 4
    assert sum(message in line for line in lines) == 2
    assert message in lines[0], "before the other arm is done"
    assert "at import" not in done.stdout
    assert "at build" not in done.stdout
    ok = {key for key, result in stored(Path(".cmpnet")).items() if result.status == "ok"}
    assert ok == {("baseline", 0), ("baseline", 1)}


@pytest.mark.parametrize("kind", ["raises", "returns NaN"])
def test_fail_fast_stops_at_the_first_failure_and_keeps_finished_repeats(
    kind: str, install: Install
) -> None:
    good, bad, message = FAULTS[kind]
    install_tiny(install, good, bad)
    done = call("bench", "baseline", "tiny", *QUICK, "--workers", "1", "--fail-fast")
    assert done.returncode == 1
    assert message in done.stdout
    assert "1 of 2" in done.stdout
    results = stored(Path(".cmpnet"))
    assert results.pop(("baseline", 0)).status == "ok"
    assert [result.status != "ok" for result in results.values()] == [True]


def test_a_run_that_a_stored_divergence_stops_notes_the_repeats_it_has(install: Install) -> None:
    install_tiny(install, *FAULTS["returns NaN"][:2])
    arguments = ("bench", "baseline", "tiny", *QUICK, "--workers", "1")
    assert call(*arguments).returncode == 1
    again = call(*arguments, "--fail-fast")
    assert again.returncode == 1
    assert "from the store" in again.stderr
    with contextlib.closing(Store(Path(".cmpnet"))) as store:
        assert [[*arm.repeats] for arm in store.results(store.runs()[-1])] == [[0], [0]]


@pytest.mark.parametrize("command", [("bench",), ("train",)])
def test_verbose_shows_the_traceback_of_a_failure(
    command: tuple[str], install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install_tiny(install, "return Net(width)", "raise ValueError('sour milk')")
    repeats = ("--repeats", "1") if command == ("bench",) else ()
    quick = ("--epochs", "1", "--pairs", "50", "--no-plot", "--verbose")
    with pytest.raises(SystemExit, match="1"):
        main([*command, "tiny", *quick, *repeats])
    out, err = capsys.readouterr()
    assert "Traceback" in err
    assert ", in build" in err
    assert "Traceback" not in out


def test_verbose_shows_why_a_plugin_cannot_be_loaded(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("bad", "def f():\n    1 / 0\nf()", {"architectures": {"x": "X"}})
    plain = call("bench", "x")
    assert plain.returncode == 2
    assert len(plain.stderr.splitlines()) == 1
    with pytest.raises(SystemExit, match="2"):
        main(["bench", "x", "--verbose"])
    verbose = capsys.readouterr().err
    assert ", in f\n" in verbose
    assert verbose.endswith(plain.stderr)


@pytest.mark.parametrize("command", ["train", "bench", "show"])
def test_what_a_plugin_prints_is_not_on_stdout(command: str, install: Install) -> None:
    install_tiny(install)
    quick = {"train": (*QUICK[:4], "--no-plot"), "bench": QUICK, "show": ()}[command]
    done = cmpnet(command, "tiny", *quick, site=SITE.absolute())
    assert done.returncode == 0, done.stderr
    assert "at build" in done.stderr
    assert "at import" not in done.stdout
    assert "at build" not in done.stdout
    assert "tiny" in done.stdout


@pytest.mark.parametrize("details", ['{"confidence": [float("inf")]}', '{"x": [{1}]}'])
def test_a_result_that_no_file_can_hold_is_a_failure_of_its_arm(
    details: str, install: Install
) -> None:
    """A task whose details are not numbers, or not finite: they would be in every export."""
    code = (
        TINY.replace('task="digit-pairs"', 'task="odd"')
        + f"""
    from dataclasses import replace
    from cmpnet.registry import Registry
    ODD = replace(Registry().task("digit-pairs"), name="odd",
                  details=lambda output, targets, mistakes: {details})
    """
    )
    points = {"architectures": {"tiny": "TINY"}, "tasks": {"odd": "ODD"}}
    install("odd", code, points)
    done = call("bench", "tiny", "baseline", *QUICK, "--export-json", "x.json")
    assert done.returncode == 1
    arms = json.loads(Path("x.json").read_text())["arms"]
    assert [[r["status"] for r in arm["repeats"]] for arm in arms] == [["failed"] * 2, ["ok"] * 2]


def test_a_learner_with_an_impossible_number_of_parameters_fails_before_it_is_stored(
    install: Install,
) -> None:
    code = (
        TINY
        + """
    from cmpnet.learners.torch import TorchLearner
    class Odd(TorchLearner):
        def layers(self):
            return []
        parameters = property(lambda self: 12.5, lambda self, count: None)
    """
    )
    code = code.replace('loss="ce")', 'loss="ce", learner="odd:Odd")')
    points = {"architectures": {"tiny": "TINY"}}
    install("odd", code, points)
    done = call("bench", "tiny", *QUICK)
    assert done.returncode == 1
    assert "ValueError: the repeat: 'parameters' is 12.5" in done.stderr
    assert call("runs").returncode == 0


def test_a_fingerprint_that_is_not_one_line_is_a_wrong_call(install: Install) -> None:
    code = (
        TINY.replace('task="digit-pairs"', 'task="odd"')
        + """
    from dataclasses import replace
    from cmpnet.registry import Registry
    ODD = replace(Registry().task("digit-pairs"), name="odd", fingerprint=lambda **o: "abc -\\n")
    """
    )
    points = {"architectures": {"tiny": "TINY"}, "tasks": {"odd": "ODD"}}
    install("odd", code, points)
    done = call("bench", "tiny", *QUICK)
    assert done.returncode == 2
    assert "the fingerprint is 'abc -\\n'" in done.stderr
