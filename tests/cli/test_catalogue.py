"""``list`` and ``show``, in a process of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import QUICK, TINY, call, cmpnet, make_plugin


def test_list_names_owner_and_version_of_everything() -> None:
    done = call("list")
    assert done.returncode == 0
    for name in ("baseline", "ws-plain", "ws-aux", "aux-scheduled", "digit-pairs", "table3"):
        assert name in done.stdout
    assert "\x1b" not in done.stdout


def test_list_check_shows_a_broken_plugin_with_its_reason(tmp_path: Path) -> None:
    make_plugin(tmp_path / "s", "bad-plugin", "1 / 0", {"losses": {"bad": "BAD"}})
    plain = cmpnet("list", "losses", site=tmp_path / "s")
    assert "bad-plugin" in plain.stdout
    assert "ZeroDivisionError" not in plain.stdout
    checked = cmpnet("list", "losses", "--check", site=tmp_path / "s")
    assert "ZeroDivisionError" in checked.stdout
    assert checked.returncode == 0
    off = cmpnet("list", "losses", "--no-plugin", "bad-plugin", site=tmp_path / "s")
    assert "\n bad " not in off.stdout
    env = {"CMPNET_DISABLE_PLUGINS": "bad-plugin"}
    assert cmpnet("list", "losses", site=tmp_path / "s", environment=env).stdout == off.stdout


def test_show_gives_source_options_bounds_and_layers_that_add_up() -> None:
    done = call("show", "ws-aux")
    assert done.returncode == 0, done.stderr
    for piece in (
        "Report 2, section D",
        "dropout2d",
        "a number from 0 to 1",
        "aux-discounted",
        "ConvPool",
        "32 x 6 x 6",
    ):
        assert piece in done.stdout
    rows = done.stdout[done.stdout.index("Layer") :].splitlines()
    counts = [
        int(row.split()[-1].replace(",", ""))
        for row in rows
        if row.split()[-1:] and row.split()[-1].replace(",", "").isdigit()
    ]
    assert sum(counts[:-1]) == counts[-1] > 0


@pytest.mark.parametrize("name", ["aux-scheduled", "digit-pairs", "table3", "ce"])
def test_show_works_for_every_kind_of_name(name: str) -> None:
    done = call("show", name)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


FAULTS = {
    "no default": ("width: int = 4", "width: int"),
    "'NoSuch' is not defined": ("width: int = 4", "width: NoSuch = 4"),
    "There is no task": ('task="digit-pairs"', 'task="nowhere"'),
    "No module named": ('loss="ce"', 'loss="ce", learner="nowhere:L"'),
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_plugin_with_a_fault_is_a_sentence_and_found_by_list_check(
    said: str, tmp_path: Path
) -> None:
    code = TINY.replace(*FAULTS[said])
    make_plugin(tmp_path / "s", "faulty", code, {"architectures": {"tiny": "TINY"}})
    done = cmpnet("bench", "tiny", *QUICK, site=tmp_path / "s")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    checked = cmpnet("list", "architectures", "--check", site=tmp_path / "s").stdout
    row = " ".join(checked[checked.index("tiny") :].split())
    assert "broken" in row


def test_a_net_that_cannot_be_built_is_a_sentence_in_show(tmp_path: Path) -> None:
    code = TINY.replace("return Net(width)", "raise SystemExit(3)")
    make_plugin(tmp_path / "s", "leaver", code, {"architectures": {"tiny": "TINY"}})
    done = cmpnet("show", "tiny", site=tmp_path / "s")
    assert done.returncode == 2
    assert "leaver 1.0" in done.stderr
