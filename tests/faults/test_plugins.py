"""A plugin that fails in one arm, in every way it can: the others go on."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from cmpnet.store import Store
from tests.helpers import TINY, cmpnet, make_plugin
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
    "answers amiss": (FORWARD, 'return {"verdict": self.body(x)[:, :1]}', "failed"),
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A folder with a plugin that has a fault, and what is said of it."""
    good, bad, said = FAULTS[request.param]
    return plugin(tmp_path / "site", good, bad), said


def plugin(site: Path, good: str = "", bad: str = "") -> Path:
    code = TINY.replace("import torch", "import torch; print('at import')")
    code = code.replace("return Net(width)", "print('at build'); return Net(width)", 1)
    code = code.replace(good, bad) if good else code
    make_plugin(site, "sour", code, {"architectures": {"tiny": "TINY"}})
    return site


def test_an_arm_that_fails_is_reported_at_once_and_the_others_go_on(
    fault: tuple[Path, str],
) -> None:
    site, said = fault
    done = cmpnet("bench", "tiny", "baseline", *QUICK, "--workers", "1", site=site)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert len(lines) == 4
    assert sum(said in line for line in lines) == 2
    assert said in lines[0], "before the other arm is done"
    assert "Traceback" not in done.stderr + done.stdout
    assert "at import" not in done.stdout
    assert "at build" not in done.stdout
    ok = {key for key, result in stored(Path(".cmpnet")).items() if result.status == "ok"}
    assert ok == {("baseline", 0), ("baseline", 1)}


@pytest.mark.parametrize("kind", ["raises", "returns NaN"])
def test_fail_fast_stops_at_the_first_failure_and_keeps_what_is_finished(
    kind: str, tmp_path: Path
) -> None:
    good, bad, said = FAULTS[kind]
    site = plugin(tmp_path / "site", good, bad)
    quick = (*QUICK, "--workers", "1", "--fail-fast")
    done = cmpnet("bench", "baseline", "tiny", *quick, site=site)
    assert done.returncode == 1
    assert said in done.stdout
    assert "1 of 2" in done.stdout
    results = stored(Path(".cmpnet"))
    assert results.pop(("baseline", 0)).status == "ok"
    assert [result.status != "ok" for result in results.values()] == [True]


def test_a_run_that_a_stored_divergence_stops_has_what_it_found_in_the_store(
    tmp_path: Path,
) -> None:
    site = plugin(tmp_path / "site", *FAULTS["returns NaN"][:2])
    arms = ("bench", "baseline", "tiny", *QUICK, "--workers", "1")
    assert cmpnet(*arms, site=site).returncode == 1
    again = cmpnet(*arms, "--fail-fast", site=site)
    assert again.returncode == 1
    assert "from the store" in again.stderr
    with contextlib.closing(Store(Path(".cmpnet"))) as store:
        numbers = [number for number, _ in store.repeats(store.runs()[-1].id)]
    assert numbers == [0, 1]


def test_verbose_shows_the_traceback_of_a_failure(tmp_path: Path) -> None:
    site = plugin(tmp_path / "site", "return Net(width)", "raise ValueError('sour milk')")
    for command in (("bench", "tiny", *QUICK), ("train", "tiny", *QUICK[:4], "--no-plot")):
        done = cmpnet(*command, "--verbose", site=site)
        assert done.returncode == 1
        assert "Traceback" in done.stderr
        assert ", in build" in done.stderr
        assert "Traceback" not in done.stdout


def test_verbose_shows_why_a_plugin_cannot_be_loaded(tmp_path: Path) -> None:
    make_plugin(tmp_path / "s", "bad", "def f():\n    1 / 0\nf()", {"architectures": {"x": "X"}})
    plain, more = (cmpnet("bench", "x", *v, site=tmp_path / "s") for v in ((), ("--verbose",)))
    assert plain.returncode == more.returncode == 2
    assert len(plain.stderr.splitlines()) == 1
    assert ", in f\n" in more.stderr
    assert more.stderr.endswith(plain.stderr)


@pytest.mark.parametrize("command", ["train", "bench", "show"])
def test_what_a_plugin_prints_is_not_on_stdout(command: str, tmp_path: Path) -> None:
    quick = {"train": (*QUICK[:4], "--no-plot"), "bench": QUICK, "show": ()}[command]
    done = cmpnet(command, "tiny", *quick, site=plugin(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    assert "at build" in done.stderr
    assert "at import" not in done.stdout
    assert "at build" not in done.stdout
    assert "tiny" in done.stdout


@pytest.mark.parametrize("details", ['{"confidence": [float("inf")]}', '{"x": [{1}]}'])
def test_a_result_that_no_file_can_hold_is_its_arms_failure(details: str, tmp_path: Path) -> None:
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
    make_plugin(tmp_path / "s", "odd", code, points)
    call = ("bench", "tiny", "baseline", *QUICK, "--export-json", "x.json")
    done = cmpnet(*call, site=tmp_path / "s")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    arms = json.loads(Path("x.json").read_text())["arms"]
    assert [[r["status"] for r in arm["repeats"]] for arm in arms] == [["failed"] * 2, ["ok"] * 2]


def test_a_learner_that_counts_amiss_fails_before_it_is_stored(tmp_path: Path) -> None:
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
    code = (
        code.replace('loss="ce")', 'loss="own", learner="odd:Odd")')
        + """
    OWN = Loss(name="own", summary="", needs=("verdict",), learner="odd:Odd",
               fn=lambda output, batch: output["verdict"].mean())
    """
    )
    points = {"architectures": {"tiny": "TINY"}, "losses": {"own": "OWN"}}
    make_plugin(tmp_path / "s", "odd", code, points)
    done = cmpnet("bench", "tiny", *QUICK, site=tmp_path / "s")
    assert done.returncode == 1
    assert "ValueError: 'parameters' is 12.5" in done.stderr
    assert cmpnet("runs").returncode == 0


def test_a_fingerprint_that_no_store_can_hold_is_a_wrong_call(tmp_path: Path) -> None:
    code = (
        TINY.replace('task="digit-pairs"', 'task="odd"')
        + """
    from dataclasses import replace
    from cmpnet.registry import Registry
    ODD = replace(Registry().task("digit-pairs"), name="odd", fingerprint=lambda **o: "abc -\\n")
    """
    )
    points = {"architectures": {"tiny": "TINY"}, "tasks": {"odd": "ODD"}}
    make_plugin(tmp_path / "s", "odd", code, points)
    done = cmpnet("bench", "tiny", *QUICK, site=tmp_path / "s")
    assert done.returncode == 2
    assert "its fingerprint is 'abc -\\n'" in done.stderr
