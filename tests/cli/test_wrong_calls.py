"""Wrong calls of every command: one sentence, exit 2, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import QUICK, call

WRONG = [
    (["train", "ws", "--data-dir", ""], "data-dir is ''; it must be a line of text"),
    (["train", "ws", "--export-json", ""], "Cannot write the JSON export ''"),
    (["train", "ws", "--store", ""], "it is empty; give the path of a folder"),
    (["bench", "ws", "--loss", ""], "There is no loss ''"),
    (["bench", "--suite", ""], "There is no suite ''"),
    (["train", "ws-aux", "-o", "alpha=1.5"], "alpha is '1.5'; it must be a number from 0 to 1"),
    (["train", "baseline", "-o", "alpha=1"], "None of these arms has an option 'alpha'"),
    (["train", "ws-aux", "--alhpa", "1"], "Possible options: --alpha"),
    (["train", "--alpha", "1", "wsaux"], "No such option: --alpha"),
    (["bench", "ws", "--hiden", "8"], "--hiden (Possible options: --help, --hidden"),
    (["train", "wsaux"], "Did you mean 'ws-aux'"),
    (["train", "ws-aux", "--loss", "aux-constnat"], "Did you mean 'aux-constant'"),
    (["train", "baseline", "--loss", "aux-constant"], "needs the output 'digits'"),
    (["train", "ws-aux", "--alpha", "1.5"], "less than or equal to 1"),
    (["train", "ws-aux", "--alpha", "-0.5"], "greater than or equal to 0"),
    (["train", "ws-aux", "--alpha", "much"], "should be a valid number"),
    (["train", "ws-aux", "--alpha", "nan"], "'--alpha': Input should be"),
    (["train", "baseline", "--alpha", "0.5"], "No such option: --alpha"),
    (["train", "ws", "--epochs", "0"], "greater than or equal to 1"),
    (["train", "ws", "--pairs", "5001"], "it must be at most 5000"),
    (["train", "ws", "-o", "nonsense"], "NAME=VALUE"),
    (["train", "ws", "--device", "abacus"], "--device cpu"),
    (["train", "ws", "--data-dir", "nowhere"], "does not exist"),
    (["train", "ws", "--export-json", "no/such/folder/x.json"], "Cannot write the JSON export"),
    (["train", "ws", "--save", "."], "Cannot write the checkpoint"),
    (["train", "ws", "--store", "file"], "Cannot write the store"),
    (["bench", "ws", "ws"], "given twice"),
    (["bench", "--repeats", "0"], "'--repeats': Input should be greater than or equal to 1"),
    (["bench", "--workers", "none"], "'--workers': Input should be a valid integer"),
    (["bench", "--suite", "table5"], "Did you mean 'table"),
    (["bench", "ws", "--suite", "table3"], "names its own arms"),
    (["train", "ws", "--device", "c\tu"], "device is 'c\\tu'; it must be a line of text"),
    (["show", "a.json"], "read it with 'cmpnet compare a.json'"),
    (["show", "nothing"], "There is no name 'nothing'"),
    (["list", "loses"], "Did you mean 'losses'"),
    (["trian"], "Did you mean 'train'? See 'cmpnet --help'."),
    (["train", "ws", "--save", "-"], "--save takes a file"),
    (["train", "ws", "--save", "x", "--export-json", "x"], "two different files"),
    (["train", "ws-aux", "--alpha", "0.5", "-o", "alpha=0.7"], "given twice"),
    (["train", "ws:"], "is not a valid arm"),
    (["show", "ce", "-o", "bogus=1"], "None of these arms has an option 'bogus'"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[" ".join(w[0]) for w in WRONG])
def test_a_wrong_call_is_one_sentence_and_exit_2(arguments: list[str], message: str) -> None:
    Path("file").write_text("in the way")
    before = set(Path.cwd().iterdir())
    done = call(*arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert set(Path.cwd().iterdir()) - before <= {Path.cwd() / ".cmpnet"}


@pytest.mark.parametrize("name", ["round", "x" * 300], ids=["a link to itself", "a long name"])
def test_an_impossible_path_is_one_sentence_and_exit_2(name: str) -> None:
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
        done = call(*wrong)
        assert done.returncode == 2
        assert done.output.startswith("Error: ")
        assert len(done.output.splitlines()) == 1


def test_a_corrupt_store_is_refused_and_left_alone() -> None:
    Path(".cmpnet").mkdir()
    path = Path(".cmpnet/results.sqlite")
    path.write_bytes(b"garbage " * 1000)
    done = call("bench", "baseline", *QUICK)
    assert done.returncode == 2
    assert "move it away" in done.stderr
    assert path.read_bytes() == b"garbage " * 1000


def test_a_flag_without_its_name_is_named() -> None:
    done = call("bench", "baseline", "--metric", "--repeats", "1")
    assert done.returncode == 2
    assert "The name of the metric is missing before '--repeats'. Available: auc" in done.stderr
