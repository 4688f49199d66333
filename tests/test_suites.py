"""Suites as data: every registered one is whole, and every fault of a file is a sentence."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmpnet import CmpnetError, suites
from cmpnet.analysis.sections import distinct
from cmpnet.arms import make_arm
from cmpnet.registry import Registry
from cmpnet.suites.reading import read
from tests.helpers import make_plugin

REGISTRY = Registry()
OWN = [entry.name for entry in REGISTRY.entries("suite") if entry.owner == "cmpnet"]

FIGURES = "{ test_error = 0.2, train_error = 0.04, repeats = 3 }"
GOOD = f"""
title = "mine"

[[arm]]
arm = "baseline"
reported = {FIGURES}

[[arm]]
arm = "ws[hidden=8]"

[[claim]]
says = "shared is better"
lower = "ws[hidden=8]"
than = "baseline"
"""


def mine(text: str = GOOD) -> suites.Suite:
    Path("mine.toml").write_text(text)
    return suites.load(REGISTRY, "mine.toml")


# -- what is registered ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_every_suite_names_its_source_and_arms_that_exist(name: str) -> None:
    suites.check(REGISTRY, name)
    suite = suites.load(REGISTRY, name)
    if suite.arms:
        assert suite.source.startswith("Report ")
        assert suite.claims
        assert all(claim.source.startswith("Report ") for claim in suite.claims)


@pytest.mark.parametrize("name", OWN)
def test_a_claim_is_short_enough_for_a_line_with_its_interval(name: str) -> None:
    assert all(len(claim.says) <= 60 for claim in suites.load(REGISTRY, name).claims)


def test_the_reports_figures_are_those_printed_in_it() -> None:
    figures = {
        **suites.load(REGISTRY, "table3").reported,
        **suites.load(REGISTRY, "table4").reported,
    }
    rows = [(100 * f["train_error"], f["train_sd_count"], 100 * f["test_error"], f["test_sd_count"])
            for f in figures.values()]  # fmt: skip
    assert rows == [
        pytest.approx(row)
        for row in [
            (4.4, 60, 20.1, 47),
            (3.8, 5.5, 12.6, 9.4),
            (3.9, 4.6, 6.9, 5.5),
            (4, 29.4, 14.5, 8.3),
            (3.6, 8.4, 7.5, 5.1),
            (3.5, 4.1, 7.0, 4.3),
            (4.2, 6.8, 8.2, 5.4),
            (7.6, 7.4, 7.5, 8.0),
        ]
    ]


def test_all_is_every_installed_suite_and_trains_an_arm_of_two_suites_once() -> None:
    registry = Registry()
    chosen = suites.chosen(registry, "all")
    assert [suite.name for suite in chosen] == [n for n in registry.known("suite") if n != "all"]
    sections = suites.sections(registry, chosen, {}, loss=None)
    arms = distinct(sections)
    nameless = [replace(arm, label="") for arm in arms]
    assert all(arm not in nameless[:n] for n, arm in enumerate(nameless))
    every = [arm for section in sections for arm in section.arms]
    assert len(arms) < len(every)
    assert all(replace(arm, label="") in nameless for arm in every)


def test_a_plugins_suite_is_read_without_importing_it_and_is_part_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(tmp_path, "other-plugin", "", {})
    package = tmp_path / "other" / "suites"
    package.mkdir(parents=True)
    (tmp_path / "other" / "__init__.py").write_text("raise RuntimeError('was imported')")
    (package / "theirs.toml").write_text(GOOD)
    (package / "all.toml").write_text(GOOD)
    points = "[cmpnet.suites]\ntheirs = other.suites\nall = other.suites\n"
    (tmp_path / "other_plugin-1.0.dist-info" / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry()
    assert suites.load(registry, "theirs").title == "mine"
    names = [suite.name for suite in suites.chosen(registry, "all")]
    assert "theirs" in names
    # Like any other name of cmpnet's, all cannot be taken; theirs is reached by its full name.
    assert suites.load(registry, "all").suites == ("*",)
    assert suites.load(registry, "other-plugin:all").title == "mine"


def test_a_registered_suite_with_a_fault_names_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(tmp_path, "other-plugin", "", {})
    (tmp_path / "other").mkdir()
    points = "[cmpnet.suites]\ntheirs = other\ngone = other\n"
    (tmp_path / "other_plugin-1.0.dist-info" / "entry_points.txt").write_text(points)
    (tmp_path / "other" / "theirs.toml").write_text(GOOD.replace("baseline", "no-such"))
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(CmpnetError, match=r"'theirs' of other-plugin 1\.0 .* arm 1: .*no-such"):
        suites.check(Registry(), "theirs")
    with pytest.raises(CmpnetError, match=r"'gone' could not be loaded from other-plugin 1\.0"):
        suites.load(Registry(), "gone")


# -- a user's own file ----------------------------------------------------------------------------


def test_a_users_own_file_is_a_suite_and_its_figures_stand_beside_its_arms() -> None:
    (section,) = suites.sections(REGISTRY, [mine()], {}, loss=None)
    assert [arm.label for arm in section.arms] == ["baseline", "ws[hidden=8]"]
    assert section.figures[0] == {"test_error": 0.2, "train_error": 0.04, "repeats": 3}
    assert section.claims[0].one == "ws[hidden=8]"
    assert section.suite == "mine"


def test_what_a_report_says_of_an_arm_is_not_said_of_another() -> None:
    (section,) = suites.sections(REGISTRY, [mine()], {"epochs": "3"}, loss=None)
    assert section.figures == [None, None]
    reported = suites.Reported(REGISTRY)
    found = reported.of(make_arm(REGISTRY, "ws")[0])
    assert found is not None
    assert found["test_error"] == 0.126
    assert reported.of(make_arm(REGISTRY, "ws[hidden=8]")[0]) is None


def test_an_option_must_fit_an_arm_of_one_of_the_suites_alone() -> None:
    other = GOOD.replace('"ws[hidden=8]"', '"ws-aux"')
    chosen = [mine(), mine(other)]
    first, second = suites.sections(REGISTRY, chosen, {"alpha": "0.5"}, loss=None)
    assert [arm.label for arm in first.arms] == ["baseline", "ws[hidden=8]"]
    assert second.arms[1].label == "ws-aux[alpha=0.5]"
    with pytest.raises(CmpnetError, match="None of these arms has an option 'alpha'"):
        suites.sections(REGISTRY, chosen[:1], {"alpha": "0.5"}, loss=None)


def test_a_suite_may_name_others() -> None:
    mine()
    Path("both.toml").write_text('title = "both"\nsuites = ["mine.toml", "table3", "table3"]')
    assert [s.name for s in suites.chosen(REGISTRY, "both.toml")] == ["mine", "table3"]
    Path("both.toml").write_text('title = "both"\nsuites = ["tabel3"]')
    with pytest.raises(CmpnetError, match=r"'both.toml' .* suites: .*Did you mean 'table3'"):
        suites.chosen(REGISTRY, "both.toml")


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert mine("\ufeff" + GOOD).title == "mine"


CLAIM, TITLE, THAN = "[[claim]]\n", 'title = "mine"\n', 'than = "baseline"'
FAULTS = {
    "title is missing; it must be text of one line": (TITLE, ""),
    "title is 3; it must be text of one line": ('"mine"', "3"),
    "titel is unknown. Did you mean 'title'": (TITLE, TITLE + 'titel = "x"\n'),
    "arm 1: arm is missing": ('arm = "baseline"', ""),
    "arm 1: arm is 7; it must be text": ('arm = "baseline"', "arm = 7"),
    "arm 1: reported is 3; it must be a table": (FIGURES, "3"),
    "arm 1: reported train_error is nan; it must be a number": ("0.04", "nan"),
    "claim 1: than is inf; it must be one of its arms or a number": (THAN, "than = inf"),
    "claim 1: says is 'two\\nlines'; it must be text of one line": (
        '"shared is better"',
        '"two\\nlines"',
    ),
    "arm 1: reported test_error is 20; it must be a number from 0 to 1": ("0.2,", "20,"),
    "arm 1: reported tset_error is unknown. Did you mean 'test_error'": ("{ test", "{ tset"),
    "arm 1: reported repeats is True; it must be a whole number": ("repeats = 3", "repeats = true"),
    "arm 1: colour is unknown": ('arm = "baseline"', 'arm = "baseline"\ncolour = "red"'),
    "arm 2: There is no architecture 'wss'. Did you mean 'ws'": ("ws[", "wss["),
    "arm 2: 'ws' has no option 'hiden'. Did you mean 'hidden'": ("hidden=8", "hiden=8"),
    "arm 2: hidden is '0'; it must be": ("hidden=8", "hidden=0"),
    "arm 3: Arm 'baseline' is given twice": (CLAIM, '[[arm]]\narm = "baseline[]"\n' + CLAIM),
    "claim 1: says is missing": ('says = "shared is better"', ""),
    "claim 1: than is missing; it must be one of its arms or a number": (THAN, ""),
    "claim 1: than 'baselin' is unknown. Did you mean 'baseline'": (THAN, 'than = "baselin"'),
    "claim 1: measure is 'bliss'; it must be one of": (CLAIM, CLAIM + 'measure = "bliss"\n'),
    "claim 1: measure is ['gap']; it must be one of": (CLAIM, CLAIM + 'measure = ["gap"]\n'),
    "claim 1: first_epochs is 0; it must be a whole": (CLAIM, CLAIM + "first_epochs = 0\n"),
    "claim 1: first_epochs does not go with measure seconds": (
        CLAIM,
        CLAIM + 'first_epochs = 3\nmeasure = "seconds"\n',
    ),
    "claim 1: within is missing": ("lower", "same"),
    "claim 1: within is unknown": (CLAIM, CLAIM + "within = 1\n"),
    "claim is 3; it must be one or more tables": (TITLE + "\n", TITLE + "claim = 3\n[[other]]\n"),
    "arm stands beside suites": (TITLE, TITLE + 'suites = ["table3"]\n'),
    "suites is 'table3'; it must be a list of names": (TITLE, TITLE + 'suites = "table3"\n'),
    "is not TOML: ": ("[[arm]]", "[[arm"),
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_fault_of_a_file_names_the_file_and_the_key(said: str) -> None:
    old, new = FAULTS[said]
    assert old in GOOD
    text = GOOD.replace(old, new, -1 if old.startswith(("ws", "hidden")) else 1)
    if new == "same":
        text = text.replace("than =", "as =")
    if "[[other]]" in new:
        text = text.partition(CLAIM)[0]
    with pytest.raises(CmpnetError) as caught:
        suites.sections(REGISTRY, [mine(text)], {}, loss=None)
    assert str(caught.value).startswith("'mine.toml' ")
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, len(GOOD)),
    length=st.integers(0, 30),
    new=st.text(max_size=4) | st.sampled_from(["3", "-1", "[]", "{}", "true", "inf", "1979-05-27"]),
)
def test_a_file_with_any_damage_is_a_suite_or_a_sentence(at: int, length: int, new: str) -> None:
    with contextlib.suppress(CmpnetError):
        read(GOOD[:at] + new + GOOD[at + length :], "mine", "'mine.toml'")


def test_a_file_without_arms_is_refused() -> None:
    with pytest.raises(CmpnetError, match=r"arm is missing; it must be one or more tables"):
        mine('title = "mine"')


def test_two_numbers_are_no_claim() -> None:
    text = GOOD.replace('lower = "ws[hidden=8]"', "lower = 1").replace(
        'than = "baseline"', "than = 2"
    )
    with pytest.raises(CmpnetError, match="claim 1: lower is 1; it must be an arm"):
        mine(text)


def test_what_is_no_readable_file_is_a_sentence() -> None:
    Path("folder.toml").mkdir()
    Path("latin.toml").write_bytes('title = "é"'.encode("latin-1"))
    for name, said in {
        "folder.toml": "Is a directory",
        "latin.toml": "not UTF-8 text",
        "no/such.toml": "No such file",
        "no/such": "No such file",
        "": "There is no suite ''",
    }.items():
        with pytest.raises(CmpnetError, match=said):
            suites.load(REGISTRY, name)
