"""What a shell completes, by the protocol that its completion script speaks."""

from __future__ import annotations

import contextlib
import io
import os
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

from cmpnet.cli import command
from cmpnet.store import About, Store
from tests.cli.test_help import imported_by
from tests.helpers import arm_results, make_plugin


def completed(line: str, shell: str = "bash") -> list[str]:
    """What a shell offers after a command line."""
    words = line.split()
    count = len(words) - (not line.endswith(" "))
    asked = {
        "_CMPNET_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(count),
        "_TYPER_COMPLETE_ARGS": line,
    }
    out = io.StringIO()
    with (
        mock.patch.dict(os.environ, asked),
        contextlib.redirect_stdout(out),
        pytest.raises(SystemExit) as end,
    ):
        command.main(prog_name="cmpnet")
    assert end.value.code in (0, None)
    return out.getvalue().split("\n")[:-1] if shell != "bash" else out.getvalue().split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cmpnet leader", ["leaderboard"]),
        ("cmpnet runs ex", ["export"]),
        ("cmpnet bench w", ["ws", "ws-aux", "ws-plain", "wsnet"]),
        ("cmpnet bench ws --alpha 0.5 --unknown 3 simp", ["simple"]),
        ("cmpnet bench ws-aux:aux-s", ["ws-aux:aux-scheduled"]),
        ("cmpnet bench ws-aux : aux-s", ["aux-scheduled"]),  # as bash splits it
        ("cmpnet bench nets/", ["nets/mine.py"]),
        ("cmpnet bench --suite table", ["table3", "table4"]),
        ("cmpnet bench simple ws --reference ", ["simple", "ws"]),
        ("cmpnet bench ws --loss aux-c", ["aux-constant"]),
        ("cmpnet bench --metric m", ["macro-f1", "mae"]),
        ("cmpnet bench --executor lo", ["local"]),
        ("cmpnet bench ws --optimizer adamw --weight", ["--weight-decay"]),
        ("cmpnet bench ws-aux:aux-scheduled --dec", ["--decay"]),
        ("cmpnet train ws-aux --al", ["--alpha"]),
        ("cmpnet train ws-aux --pai", ["--pairs"]),
        ("cmpnet train ws -o drop", ["dropout=", "dropout2d="]),
        ("cmpnet train ws --optimizer s", ["sgd"]),
        ("cmpnet plot co", ["compare", "confusion"]),
        ("cmpnet list lo", ["losses"]),
        ("cmpnet show aux-d", ["aux-discounted"]),
        ("cmpnet check cmpnet-m", ["cmpnet-minidl"]),
        ("cmpnet new arch", ["architecture"]),
        ("cmpnet runs --tag c", ["course"]),
        ("cmpnet plot errors --where epo", ["epochs=25"]),
        ("cmpnet compare ws ", ["ws", "ws-aux", "RUN", "nets/"]),
        ("cmpnet runs show ", ["RUN"]),
        ("cmpnet evaluate n", ["nets/"]),
        ("cmpnet evaluate nets/", ["nets/a.safetensors"]),
        ("cmpnet bench nonsense --reference zz", []),
    ],
)
def test_the_shell_is_offered(line: str, words: list[str]) -> None:
    Path("nets").mkdir()
    Path("nets/a.safetensors").touch()
    Path("nets/b.txt").touch()
    Path("nets/mine.py").touch()
    with closing(Store(Path(".cmpnet"))) as store:
        arms = [arm_results(label, []).key for label in ("ws", "ws-aux")]
        run = store.begin_run(arms, [0], about=About(tags=("course",)))
    offered = [run if word == "RUN" else word for word in words]
    assert [word for word in completed(line) if not word.startswith("cmpnet-minidl:")] == offered


def test_zsh_is_told_what_the_words_are() -> None:
    (word,) = completed("cmpnet bench wsn", "zsh")
    assert "three convolutions" in word


def test_a_completion_imports_no_plugin_and_no_framework(site: Path) -> None:
    make_plugin(site, "far", "raise SystemExit('imported')", {"architectures": {"far": "FAR"}})
    assert completed("cmpnet train fa") == ["far"]
    assert completed("cmpnet train far --epo") == ["--epochs"]
    asked = {"_CMPNET_COMPLETE": "complete_bash", "COMP_WORDS": "cmpnet bench w", "COMP_CWORD": "2"}
    with mock.patch.dict(os.environ, asked):
        done = imported_by("", "torch", "numpy", "scipy", "sqlite3", "matplotlib")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["ws", "ws-aux", "ws-plain", "wsnet"]


@pytest.mark.parametrize("content", [None, b"not a store" * 500])
def test_without_a_readable_store_there_is_nothing_to_complete(content: bytes | None) -> None:
    if content:
        Path(".cmpnet").mkdir()
        Path(".cmpnet/results.sqlite").write_bytes(content)
    assert completed("cmpnet runs show ") == []
    assert not content or Path(".cmpnet/results.sqlite").read_bytes() == content
