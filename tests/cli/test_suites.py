"""Suites from the command line: a user's file, every installed suite, and their claims."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers import call

SMALL = ("--epochs", "1", "--pairs", "50", "--points", "200", "--no-plot")
MINE = """
title = "Is one hidden unit too few?"

[[arm]]
arm = "baseline[hidden=1]"

[[arm]]
arm = "baseline"
reported = { test_error = 0.5, train_error = 0.4, train_sd_count = 1, test_sd_count = 2 }

[[claim]]
says = "one unit is worse"
lower = "baseline"
than = "baseline[hidden=1]"
"""


def test_a_users_suite_prints_its_claim_and_exports_it() -> None:
    text = MINE.replace("hidden=1]", "hidden=1,epochs=1,pairs=50]")
    Path("mine.toml").write_text(text.replace('"baseline"', '"baseline[epochs=1,pairs=50]"'))
    quick = ("--no-plot", "--repeats", "3")
    done = call("bench", "--suite", "mine.toml", *quick, "--export-json", "mine.json")
    assert done.returncode == 0, done.stderr
    assert "\nIs one hidden unit too few?" in done.stdout
    assert "\nClaims: " in done.stdout
    done = call("bench", "--suite", "mine.toml", *quick, "--full")
    (line,) = [line for line in done.stdout.splitlines() if "one unit is worse: " in line]
    document = json.loads(Path("mine.json").read_text())
    (claim,) = document["claims"]
    assert claim["suite"] == "mine"
    one, other = "baseline[epochs=1,pairs=50]", "baseline[hidden=1,epochs=1,pairs=50]"
    assert (claim["one"], claim["other"]) == (one, other)
    assert f"{claim['says']}: {claim['verdict']}, {100 * claim['difference']:+.2f} points" in line
    errors = {a["name"]: [r["test_error"] for r in a["repeats"]] for a in document["arms"]}
    differences = [a - b for a, b in zip(errors[one], errors[other], strict=True)]
    assert claim["difference"] == pytest.approx(sum(differences) / 3)
    again = call("bench", "--suite", str(Path("mine.toml").resolve()), *quick)
    assert "6 of 6 repeats came from the store" in again.stdout
    assert str(Path.cwd()) not in again.stdout


def test_show_takes_a_suite_file_and_list_has_the_titles() -> None:
    Path("mine.toml").write_text(MINE)
    done = call("show", "mine.toml")
    assert done.returncode == 0, done.stderr
    for piece in (
        "Is one hidden unit too few?",
        "baseline[hidden=1]",
        "50.00",
        "one unit is worse",
    ):
        assert piece in done.stdout
    listed = call("list", "suites").stdout
    assert "Table III: baseline, weight sharing" in listed
    assert "All installed suites" in listed
    assert "broken" not in call("list", "suites", "--check").stdout


def test_all_suites_are_one_bench_that_reuses_stored_repeats() -> None:
    arguments = ("bench", "--suite", "all", *SMALL, "--repeats", "1")
    first = call("bench", "ws", *SMALL[:4], "--no-plot", "--repeats", "1")
    assert first.returncode == 0, first.stderr
    done = call(*arguments, "--export-json", "all.json", "--full")
    assert done.returncode == 0, done.stderr
    arms = json.loads(Path("all.json").read_text())["arms"]
    assert len({arm["name"] for arm in arms}) == len(arms)
    (stored,) = [line for line in done.stderr.splitlines() if "from the store" in line]
    assert "] ws seed 0: " in stored
    assert f"[{len(arms)}/{len(arms)}]" in done.stderr
    titles = [line for line in done.stdout.splitlines() if line.startswith(("Table ", "Figure "))]
    assert [title.split(":")[0] for title in titles if title.startswith("Table")] == [
        "Table III",
        "Table IV",
    ]
    assert done.stdout.count("Claims, each with") >= 4
    again = call(*arguments, "--quiet")
    assert again.returncode == 0
    assert "] " not in again.stderr


def test_a_wrong_suite_file_is_one_sentence_and_exit_2_and_nothing_is_written() -> None:
    Path("mine.toml").write_text(MINE.replace("than =", "then ="))
    for command in (("bench", "--suite", "mine.toml"), ("show", "mine.toml")):
        done = call(*command)
        assert done.returncode == 2
        assert done.stderr.startswith(
            "Error: 'mine.toml' cannot be used: 'claim' 1 has an unknown key 'then'. "
            "Did you mean 'than'?"
        )
        assert len(done.stderr.splitlines()) == 1
        assert done.stdout == ""
    assert [path.name for path in Path.cwd().iterdir()] == ["mine.toml"]
