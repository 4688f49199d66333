"""``plot`` and ``runs`` as a user calls them."""

from __future__ import annotations

import contextlib
import csv
import shutil
import sqlite3
import textwrap
from pathlib import Path

import pytest

from tests.helpers import QUICK, TINY, call, renew_checksums


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with a bench of three arms."""
    store = str(tmp_path_factory.mktemp("drawn") / "store")
    arms = ("ws-aux", "ws-aux[alpha=0.5]", "baseline")
    done = call(
        *("bench", *arms, "--epochs", "2", "--pairs", "100", "--repeats", "2", "--store", store)
    )
    assert done.returncode == 0, done.stderr
    assert "minus that of ws-aux, paired by seed" in done.stdout
    assert done.stdout.count("•") >= 4
    return store


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["errors", "--train"], "ws-aux, train (n=2)"),
        (["compare"], "█ mean"),
        (["box", "baseline"], "baseline"),
        (["confusion", "ws-aux"], "true digit"),
        (["difference", "--margin", "0.5"], "counts as no difference"),
        (["pareto", "--against", "seconds"], "seconds per repeat (logarithmic)"),
        (["compare", "--label", "ws-aux[alpha=0.5]=ours"], "ours┤"),
        (["compare", "--title", "Mine"], "Mine\n"),
        (["alpha", "--on", "test"], "ws-aux:aux-discounted (n=2 per point)"),
        (["alpha", "ws-aux", "--on", "test"], "alpha"),
        (["pairs", "baseline", "--width", "60"], "says"),
        (["compare", "ws-aux", "ws-aux[alpha=.50]"], "ws-aux[alpha=0.5]┤"),
        (["confusion", "baseline"], "it is not taught the"),
    ],
)
def test_plot_draws_what_the_store_holds_without_training(
    drawn: str, arguments: list[str], message: str
) -> None:
    before = (Path(drawn) / "results.sqlite").read_bytes()
    done = call("plot", *arguments, "--store", drawn)
    assert done.returncode == 0, done.stderr
    assert message in done.stdout
    assert "from " in done.stdout.splitlines()[-1]
    assert "\x1b" not in done.stdout
    assert (Path(drawn) / "results.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        *(("confusion", "confusion", value) for value in ("'x'", "json('[[1],[2,3]]')", "3")),
        *(("confusion", name, "json('[[\"x\"]]')") for name in ("pairs", "wrong_pairs")),
        *(("pairs", "predicted", value) for value in ("json('[3]')", "json('[[]]')")),
        ("pairs", "confidence", "json('[\"sure\"]')"),
    ],
)
def test_details_that_cannot_be_drawn_are_refused_in_a_sentence(
    drawn: str, kind: str, name: str, value: str
) -> None:
    shutil.copytree(drawn, "store")
    with contextlib.closing(sqlite3.connect("store/results.sqlite")) as db:
        db.execute(f"UPDATE repeats SET result = json_set(result, '$.details.{name}', {value})")
        renew_checksums(db)
        db.commit()
    done = call("plot", kind, "ws-aux[alpha=1]", "--store", "store")
    assert done.returncode == 2
    assert len(done.output.splitlines()) == 1


def test_plot_saves_pictures_and_runs_lists_what_can_be_drawn(drawn: str) -> None:
    done = call("plot", "compare", "--save", "c.svg", "--store", drawn)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("c.svg: from run ")
    assert len(done.stdout.splitlines()) == 1
    assert "ws-aux[alpha=0.5]" in Path("c.svg").read_text()
    listed = call("runs", "--store", drawn)
    assert "baseline" in listed.stdout
    assert "epochs" in listed.stdout
    assert "seed" in listed.stdout
    run = next(line.split()[0] for line in listed.stdout.splitlines() if "ws-aux" in line)
    assert "ws-aux" in call("plot", "errors", run[:6], "--store", drawn).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["erors"], "Did you mean 'errors'"),
        (["erors"], "See 'cmpnet plot --help'"),
        (["errors", "ws-axu"], "Did you mean 'ws-aux'"),
        (["map"], "its samples are not points of a plane"),
        (["errors", "--save", "x.doc"], "its name must end in .svg, .png or .pdf"),
        (["errors", "--save", "no/such/x.svg"], "Cannot write the picture"),
        (
            ["errors", "--width", "3"],
            "--width is 3; it must be a whole number from 20 to 1000 columns in the terminal.",
        ),
        (["errors", "--height", "9.5"], "a whole number from 8 to 1000 lines in the terminal"),
        (["errors", "--save", "x.svg", "--width", "800"], "1 to 100 inches with --save"),
        (["errors", "--log"], "--log is for pictures in files; give --save FILE too"),
        (["confusion", "--log", "--save", "x.svg"], "has no logarithmic axis"),
        (["errors", "--data", "x.txt"], "its name must end in .csv"),
        (["errors", "--label", "ws-aux"], "write ARM=NAME"),
        (["errors", "--label", "ws-axu=x"], "There is no arm 'ws-axu'"),
        (["history", "baseline"], "repeats were trained by one version of the code"),
        (["errors", "--store", "nowhere"], "has no results; train something first"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_one_sentence_and_exit_2(
    drawn: str, arguments: list[str], message: str
) -> None:
    done = call("plot", *arguments, environment={"CMPNET_STORE": drawn})
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not Path("nowhere").exists()


def test_a_picture_mixes_protocols_on_purpose_only() -> None:
    quick = ("--pairs", "50", "--repeats", "2", "--no-plot", "--quiet")
    call("bench", "baseline", "ws", "--epochs", "2", *quick)
    call("bench", "ws", "--epochs", "1", *quick)
    call("train", "ws", "--epochs", "3", "--pairs", "50", "--no-plot", "--quiet")
    plain = call("plot", "compare", "baseline", "ws")
    assert "Warning: Only results of digit-pairs, 2 epochs, pairs 50 are shown" in plain.stderr
    assert "--where epochs=1" in plain.stderr
    assert "epoch)" not in plain.stdout
    mixed = call("plot", "compare", "ws[epochs=1]", "ws[epochs=2]")
    assert "ws (1 epoch)" in mixed.stdout
    assert "ws (2 epochs)" in mixed.stdout
    assert mixed.stderr == ""
    chosen = call("plot", "errors", "ws", "--where", "epochs=3", "--where", "pairs=50")
    assert "ws (n=1)" in chosen.stdout
    assert chosen.stderr == ""


def test_a_history_shows_each_version_of_the_code_of_an_arm() -> None:
    for activation in ("ReLU", "Tanh"):
        Path("mine.py").write_text(textwrap.dedent(TINY).replace("ReLU", activation))
        call("train", "mine.py:TINY", *QUICK, "--no-plot", "--quiet")
    done = call("plot", "history", "mine.py:tiny", "--data", "history.csv", "--terminal")
    assert done.returncode == 0, done.stderr
    assert "mine.py:tiny: test error over versions" in done.stdout
    with open("history.csv") as file:
        rows = list(csv.DictReader(file))
    seeds = [(row["version of the code, in order of time"], row["seed"]) for row in rows]
    assert [one for one in seeds if one[1]] == [("1.0", "0"), ("2.0", "0")]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("epoch=2", "Did you mean 'epochs'?"),
        ("epochs=9", "No arm here has epochs=9. Values of epochs: 2."),
        ("epochs", "write NAME=VALUE"),
        ("epochs=", "No arm here has epochs=."),
    ],
)
def test_a_where_that_means_nothing_is_one_sentence(drawn: str, where: str, message: str) -> None:
    done = call("plot", "compare", "--where", where, "--store", drawn)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_arm_that_diverged_is_drawn_as_such() -> None:
    quick = ("--epochs", "3", "--pairs", "60", "--repeats", "1", "--no-plot")
    call("bench", "ws-plain", *quick, "--lr", "1000")
    assert "no successful repeat (n=0, 1 diverged)" in call("plot", "history").stderr
    for kind in ("errors", "compare", "box"):
        done = call("plot", kind)
        assert done.returncode == 0, done.stderr
        assert "1 diverged" in done.stdout


def test_no_plot_leaves_the_picture_out() -> None:
    for arguments in (
        ["train", "baseline", "--epochs", "2"],
        ["bench", "baseline", "--epochs", "1"],
    ):
        more = ["--repeats", "1"] if arguments[0] == "bench" else []
        done = call(*arguments, *more, "--pairs", "50", "--no-plot")
        assert "│" not in done.stdout
        assert "Test error %" in done.stdout
