"""``cmpnet check`` as a plugin author calls it, and plugins that hang or have broken suites."""

from __future__ import annotations

import json
import signal
import textwrap
import time
from pathlib import Path

import pytest

from cmpnet import suites
from cmpnet.registry import Registry
from tests.helpers import QUICK, TINY, call, make_plugin
from tests.processes import PROGRAM, Running

HANG = "while True:\n    pass"


def test_check_prints_one_line_per_promise_with_owner_and_version(site: Path) -> None:
    make_plugin(site, "my-plugin", TINY, {"architectures": {"tiny": "TINY"}}, version="2.3")
    done = call("check", "tiny")
    assert done.returncode == 0, done.output
    head, *lines, _, last = done.stdout.strip().splitlines()
    assert head == "tiny (architecture of my-plugin 2.3)"
    assert all(line.startswith("  ok ") for line in lines)
    assert last == f"1 name, {len(lines)} checks, 0 failed"
    assert {"  ok      saves and loads", "  ok      same seed, same numbers"} <= {*lines}


def test_check_of_a_distribution_exits_1_and_goes_on_after_a_crash(site: Path) -> None:
    make_plugin(site, "crashing", "import os; os._exit(3)", {"losses": {"a": "A", "b": "B"}})
    make_plugin(site, "fine", TINY, {"architectures": {"tiny": "TINY"}})
    done = call("check", "crashing", "fine", "--json")
    assert done.returncode == 1
    rows = json.loads(done.stdout)["checks"]
    assert [(row["name"], row["reason"]) for row in rows if not row["ok"]] == [
        ("a", "its process ended (exit code 3)"),
        ("b", "its process ended (exit code 3)"),
    ]
    assert {row["distribution"] for row in rows if row["ok"]} == {"fine"}


def test_check_ends_an_import_that_hangs(site: Path) -> None:
    make_plugin(site, "hanging", HANG, {"losses": {"a": "A"}})
    done = call("check", "a", "--timeout", "2")
    assert done.returncode == 1
    assert "  FAILED  imports: it did not end within 2 s" in done.stdout


def test_check_says_what_it_cannot_check_without_a_file_of_the_users_own(site: Path) -> None:
    code = TINY.replace("import torch", "import torch; from cmpnet import errors", 1)
    code += """
    from cmpnet import Task

    def load(seed):
        raise errors.NoDataError("give a file")

    FILES = Task(name="files", summary="", load=load, wrong=load, fingerprint=load)
"""
    make_plugin(site, "my-plugin", code, {"tasks": {"files": "FILES"}})
    done = call("check", "files")
    assert done.returncode == 0, done.output
    assert "  ok      loads data (not checked: the task needs a file of" in done.stdout


def test_check_of_an_unknown_name_is_a_wrong_call() -> None:
    done = call("check", "ws-auks")
    assert done.returncode == 2
    assert "Did you mean 'ws-aux'?" in done.stderr


def test_check_of_files_covers_what_is_in_them_and_goes_on_after_a_crash() -> None:
    nets = """
        import os
        from torch import nn

        class Dies(nn.Module):
            def __init__(self):
                os._exit(4)

        class Block(nn.Module):
            def __init__(self, width):
                super().__init__()

        class Good(nn.Module):
            def __init__(self, width=4):
                super().__init__()
                self.body = nn.Linear(392, 2)

            def forward(self, x):
                return self.body(x.flatten(1))

        class Keeps(Good):
            def forward(self, x):
                return super().forward(x.relu_())

        def helper(a, b):
            os._exit(5)
    """
    Path("nets.py").write_text(textwrap.dedent(nets))
    Path("gone.py").write_text("import os; os._exit(6)")
    Path("odd.toml").write_text('title = "t"\n[[arm]]\narm = "ws-auks"\n')
    done = call("check", "nets.py", "gone.py", "odd.toml", "--json")
    assert done.returncode == 1, done.output
    rows = json.loads(done.stdout)["checks"]
    assert {row["name"] for row in rows} == {
        *("nets.py", "Dies", "Block", "Good", "Keeps", "gone.py", "odd.toml")
    }
    unchecked = "trains (not checked: it needs a value for width)"
    assert [row["check"] for row in rows if row["name"] == "Block"] == ["imports", unchecked]
    assert [(row["name"], row["reason"][:33]) for row in rows if not row["ok"]] == [
        ("Dies", "its process ended (exit code 4)"),
        ("Keeps", "'nets.py:Keeps' changes the sampl"),
        ("gone.py", "its process ended (exit code 6)"),
        ("odd.toml", "'odd.toml' cannot be used: 'arm' "),
    ]
    assert ("Good", "saves and loads") in {(row["name"], row["check"]) for row in rows}
    assert len({row["version"] for row in rows if row["name"] in ("Dies", "Good")}) == 1


def test_check_of_a_name_in_a_file_says_what_is_wrong_with_it() -> None:
    Path("mine.py").write_text("class Net: pass\nloss = 3")
    done = call("check", "mine.py:lost", "mine.py:Net", "mine.py")
    assert done.returncode == 1
    assert "'mine.py' has no 'lost'" in done.stdout
    assert "'Net' in 'mine.py' is another class; give a torch.nn.Module class" in done.stdout
    assert "'mine.py' has nothing to check" in done.stdout
    assert call("check", "mines.py").returncode == 2


def test_options_in_brackets_are_those_of_what_is_checked() -> None:
    nets = """
        import cmpnet
        from torch import nn

        class Wide(nn.Sequential):
            def __init__(self, width: int):
                super().__init__(nn.Flatten(), nn.Linear(392, width), nn.Linear(width, 2))
    """
    Path("nets.py").write_text(textwrap.dedent(nets))
    done = call("check", "nets.py:Wide[width=3]")
    assert done.returncode == 0, done.output
    assert "  ok      saves and loads" in done.stdout
    for name in ("nets.py:Wide[widht=3]", "nets.py:Wide"):
        done = call("check", name)
        assert done.returncode == 1
        assert "'nets.py:Wide' needs 'width', which has no default" in done.stdout


def test_check_fails_for_files_that_do_not_exist_metrics_of_nothing_and_changed_samples() -> None:
    code = """
        import cmpnet

        def whole(x, generator, targets):
            x += 1
            return x, targets

        def part(x, generator):
            x[:, :, :3] = 0
            return x

        WHOLE = cmpnet.Augmentation(name="whole", summary="", fn=whole)
        PART = cmpnet.Augmentation(name="part", summary="", fn=part)
        TYPO = cmpnet.Metric(name="typo", summary="", fn=lambda probabilites: 1.0)
        OTHER = cmpnet.Metric(name="other", summary="", fn=lambda targets: 1.0)
        LOSS = cmpnet.Loss(name="loss", summary="", needs=(), fn=lambda output, batch: 0,
                           depends=("nowhere.json",))
    """
    Path("mine.py").write_text(textwrap.dedent(code))
    rows = json.loads(call("check", "mine.py", "--json").stdout)["checks"]
    in_place = "changes the samples that it is given in place"
    reasons = {row["name"]: row["reason"] for row in rows if not row["ok"]}
    assert reasons.keys() == {"whole", "part", "typo", "loss"}
    assert in_place in reasons["whole"]
    assert in_place in reasons["part"]
    assert "asks for 'probabilites', which no task here gives" in reasons["typo"]
    assert "'loss' depends on 'nowhere.json', which does not exist" in reasons["loss"]
    assert "measures outputs (not checked: no network" in " ".join(row["check"] for row in rows)


@pytest.mark.slow
def test_every_installed_name_keeps_its_promises() -> None:
    done = call("check")
    assert done.returncode == 0, [line for line in done.stdout.splitlines() if "FAILED" in line]
    names = {entry.name for entry in Registry().entries("architecture")}
    assert {"ws-aux", "minidl-relu"} <= names


def test_list_check_has_the_verdict_of_check(site: Path) -> None:
    code = TINY.replace("self.body(x)}", "self.body(x) * torch.rand(1)}")
    make_plugin(site, "random", code, {"architectures": {"tiny": "TINY"}})
    done = call("list", "architectures", "--check")
    row = " ".join(done.stdout[done.stdout.index("tiny") :].split())
    assert "broken: " in row
    assert done.returncode == 0


# -- imports that hang ----------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_import_that_hangs_is_named_and_the_first_signal_ends_it(
    number: signal.Signals, code: int, site: Path
) -> None:
    make_plugin(site, "hanging", HANG, {"architectures": {"stuck": "S"}}, version="0.4")
    running = Running(*PROGRAM, "train", "stuck", *QUICK, site=site)
    try:
        running.wait_until(lambda: "Importing" in running.stderr)
        assert "Importing 'stuck' of hanging 0.4" in running.stderr
        sent = time.monotonic()
        running.process.send_signal(number)
        assert running.wait() == code
        assert time.monotonic() - sent < 10
    finally:
        running.process.kill()
    assert running.stderr.splitlines()[-1].startswith("Error: Stopped by ")


# -- one broken suite -----------------------------------------------------------------------------


def test_a_broken_suite_hurts_neither_the_suite_of_all_nor_its_own_networks(site: Path) -> None:
    points = {
        "architectures": {"tiny": "TINY"},
        "suites": {"gone": "odd_suites", "bad": "odd_suites"},
    }
    make_plugin(site, "odd", TINY, points)
    text = (site / "odd-1.0.dist-info" / "entry_points.txt").read_text()
    text = text.replace("odd:odd_suites", "odd_suites")
    (site / "odd-1.0.dist-info" / "entry_points.txt").write_text(text)
    (site / "odd_suites").mkdir()
    (site / "odd_suites" / "bad.toml").write_text('title = "t"\n[[arm]]\narm = "nowhere"\n')
    assert call("train", "tiny", *QUICK).returncode == 0
    assert call("show", "all").returncode == 0
    registry = Registry()
    names = {suite.name for suite in suites.members(registry, "all")}
    assert "table3" in names
    assert {"gone", "bad"}.isdisjoint(names)
    reasons = suites.left_out(registry, "all")
    assert len(reasons) == 2
    assert all("odd 1.0" in reason for reason in reasons)


# -- options of every type ------------------------------------------------------------------------


def test_options_that_are_lists_and_enumerations_train_and_are_stored(site: Path) -> None:
    code = TINY.replace("*, width: int = 4", "*, widths: list[int] = [4], kind: Kind = Kind.A")
    code = code.replace(
        "return Net(width)", "assert isinstance(kind, Kind); return Net(widths[-1])"
    )
    code = code.replace(
        "def build", "import enum\n    Kind = enum.StrEnum('Kind', 'A B')\n    def build"
    )
    make_plugin(site, "typed", code, {"architectures": {"tiny": "TINY"}})
    first = call("train", "tiny", "--widths", "3:5", "--kind", "b", *QUICK)
    assert first.returncode == 0, first.stderr
    assert "tiny[widths=3:5,kind=b]" in first.stdout
    again = call("bench", "tiny[kind=b,widths=3:5]", *QUICK, "--repeats", "1")
    assert "from the store" in again.stderr
    assert call("compare", "tiny").returncode == 2
    assert "3:5" in call("plot", "errors", "tiny[widths=3:5]").output
    assert "a list, each item a whole number" in " ".join(call("show", "tiny").stdout.split())
    assert "widths 2 is 'x'" in call("train", "tiny", "--widths", "3:x", *QUICK).stderr
