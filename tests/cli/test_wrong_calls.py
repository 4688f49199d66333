"""Wrong calls of every command: one sentence, exit 2, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import QUICK, call_here, cmpnet

WRONG = [
    (["train", "wsaux"], "Did you mean 'ws-aux'"),
    (["train", "ws-aux", "--loss", "aux-constnat"], "Did you mean 'aux-constant'"),
    (["train", "baseline", "--loss", "aux-constant"], "needs 'digits'"),
    (["train", "ws-aux", "--alpha", "1.5"], "a number from 0 to 1"),
    (["train", "ws-aux", "--alpha", "-0.5"], "a number from 0 to 1"),
    (["train", "ws-aux", "--alpha", "much"], "a number from 0 to 1"),
    (["train", "ws-aux", "--alpha", "nan"], "a number from 0 to 1"),
    (["train", "baseline", "--alpha", "0.5"], "None of these arms has an option 'alpha'"),
    (["train", "ws", "--epochs", "0"], "a whole number from 1"),
    (["train", "ws", "--pairs", "5001"], "at most 5000 pairs"),
    (["train", "ws", "-o", "nonsense"], "NAME=VALUE"),
    (["train", "ws", "--device", "abacus"], "--device cpu"),
    (["train", "ws", "--data-dir", "nowhere"], "does not exist"),
    (["train", "ws", "--export-json", "no/such/folder/x.json"], "Cannot write the JSON export"),
    (["train", "ws", "--save", "."], "Cannot write the checkpoint"),
    (["train", "ws", "--store", "file"], "Cannot write the store"),
    (["bench", "ws", "ws"], "given twice"),
    (["bench", "--repeats", "0"], "repeats is '0'; it must be a whole number from 1"),
    (["bench", "--workers", "none"], "workers is 'none'; it must be a whole number from 1"),
    (["bench", "--suite", "table5"], "Did you mean 'table"),
    (["bench", "ws", "--suite", "table3"], "names its own arms"),
    (["train", "ws", "--device", "c\tu"], "device is 'c\\tu'; it must be a line of text"),
    (["show", "a.json"], "an export is read by 'cmpnet compare FILE'"),
    (["show", "nothing"], "There is no name 'nothing'"),
    (["list", "loses"], "Did you mean 'losses'"),
    (["trian"], "Did you mean 'train'"),
    (["train", "ws", "--save", "-"], "--save takes a file"),
    (["train", "ws", "--save", "x", "--export-json", "x"], "two different files"),
    (["train", "ws-aux", "--alpha", "0.5", "-o", "alpha=0.7"], "given twice"),
    (["train", "ws:"], "is not an arm"),
    (["show", "ce", "-o", "bogus=1"], "None of these arms has an option 'bogus'"),
]


@pytest.mark.parametrize(("call", "said"), WRONG, ids=[" ".join(call) for call, _ in WRONG])
def test_a_wrong_call_is_one_sentence_and_exit_2(call: list[str], said: str) -> None:
    Path("file").write_text("in the way")
    before = set(Path.cwd().iterdir())
    done = cmpnet(*call)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert set(Path.cwd().iterdir()) - before <= {Path.cwd() / ".cmpnet"}


@pytest.mark.parametrize("name", ["round", "x" * 300], ids=["a link to itself", "a long name"])
def test_a_path_that_can_be_none_is_one_sentence_and_exit_2(name: str) -> None:
    Path("round").symlink_to("round")
    outputs = (("bench", "ws", "--export-csv", name), ("train", "ws", "--save", name))
    for wrong in (
        *(outputs if name != "round" else ()),  # the output takes the place of the link
        ("bench", "ws", "--store", name),
        ("compare", f"./{name}"),
        ("runs", "--store", name),
        ("evaluate", name),
        ("show", f"./{name}"),
        ("plot", "errors", "--save", f"{name}/a.svg"),
    ):
        code, said = call_here(*wrong)
        assert code == 2
        assert said.startswith("Error: ")
        assert len(said.splitlines()) == 1


def test_a_corrupt_store_is_refused_and_left_alone() -> None:
    Path(".cmpnet").mkdir()
    path = Path(".cmpnet/results.sqlite")
    path.write_bytes(b"garbage " * 1000)
    done = cmpnet("bench", "baseline", *QUICK)
    assert done.returncode == 2
    assert "move it away" in done.stderr
    assert path.read_bytes() == b"garbage " * 1000
