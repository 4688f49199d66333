"""Titles that a suite gives to its arms: tables and pictures show them, users never type them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import cmpnet
from cmpnet import ArmResults, suites
from cmpnet.arms import Shared, resolve
from cmpnet.recording import with_reported
from cmpnet.registry import Registry
from tests.helpers import call, results_of
from tests.test_suites import install

TITLED = """
title = "mine"
[[arm]]
arm = "baseline"
title = "Nothing shared"
[[arm]]
arm = "ws[hidden=8]"
title = "Weight sharing"
[[arm]]
arm = "ws-aux[hidden=8]"
[[claim]]
says = "in this order"
order = ["ws-aux[hidden=8]", "ws[hidden=8]", "baseline"]
"""
OWN = TITLED.replace('"baseline"', '"baseline[epochs=1,pairs=50]"').replace(
    "hidden=8", "hidden=8,epochs=1,pairs=50"
)


def test_tables_claims_and_pictures_show_titles_and_exports_have_both() -> None:
    Path("mine.toml").write_text(OWN)
    exports = ("--export-json", "out.json", "--export-csv", "out.csv")
    reference = ("--reference", "ws[hidden=8,epochs=1,pairs=50]")
    done = call("bench", "--suite", "mine.toml", "--repeats", "3", "--full", *reference, *exports)
    assert done.returncode == 0, done.stderr
    _, *tables = done.stdout.split("Arm ")
    for part in tables:
        assert "Nothing shared" in part
        assert "ws-aux[hidden=8,epochs=1,pairs=50]" in part
    assert "Test error against Weight sharing, paired by seed" in done.stdout
    assert "    Weight sharing < Nothing shared: " in done.stdout
    assert "baseline[" not in done.stdout
    assert "Nothing shared" in done.stdout.partition("in this order")[2], "the picture"
    rows = list(csv.DictReader(Path("out.csv").read_text().splitlines()))
    assert (rows[0]["arm"], rows[0]["title"]) == ("baseline[epochs=1,pairs=50]", "Nothing shared")
    assert rows[-1]["title"] == ""
    exported = json.loads(Path("out.json").read_text())
    titles = [arm["title"] for arm in exported["arms"]]
    assert titles == ["Nothing shared", "Weight sharing", None]
    assert [part["one"].partition("[")[0] for part in exported["claims"][0]["parts"]] == [
        "ws-aux",
        "ws",
    ]
    assert [arm.display for arm in cmpnet.load("out.json").arms][:2] == titles[:2]
    done = call("show", "mine.toml")
    assert "Weight sharing" in done.stdout


def test_options_of_the_call_change_labels_and_keep_titles() -> None:
    Path("mine.toml").write_text(TITLED)
    registry = Registry()
    suite = suites.load(registry, "mine.toml")
    (resolved,) = suites.resolve(registry, [suite], Shared({"hidden": "4"}))
    assert resolved.arms[0].label == "baseline[hidden=4]"
    assert resolved.titles == {0: "Nothing shared", 1: "Weight sharing"}
    swept = Shared(sweeps={"head": ["outputs", "difference"]})
    (resolved,) = suites.resolve(registry, [suite], swept)
    assert resolved.titles == {0: "Nothing shared"}, "a sweep replaces an arm by several"


def test_a_run_finds_the_titles_of_an_installed_suite_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = install(tmp_path, monkeypatch, theirs=TITLED)
    code = "from dataclasses import replace\nfrom cmpnet.models.digits import WS\n"
    (tmp_path / "other_plugin.py").write_text(code + "THEIRS = replace(WS, name='theirs')\n")
    info = tmp_path / "other_plugin-1.0.dist-info" / "entry_points.txt"
    info.write_text(f"{info.read_text()}\n[cmpnet.architectures]\ntheirs = other_plugin:THEIRS\n")
    suite = tmp_path / "other" / "suites" / "theirs.toml"
    suite.write_text('title = "t"\n[[arm]]\narm = "theirs"\ntitle = "Theirs"\n')
    registry = Registry()
    arm = resolve("theirs", registry)
    once = ArmResults(key=arm.key)
    (section,) = with_reported(results_of([once]).sections, registry)
    assert [arm.display for arm in section.arms] == ["Theirs"]
    twice = results_of([once, once.labelled("theirs (run 3f1a)")])
    (section,) = with_reported(twice.sections, registry)
    assert [arm.display for arm in section.arms] == ["theirs", "theirs (run 3f1a)"]
