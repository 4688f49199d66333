"""Suites as data: every registered suite is complete, and a fault in a file is one sentence."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmpnet import ArmKey, CmpnetError, suites
from cmpnet.arms import Shared
from cmpnet.arms import resolve as resolve_arm
from cmpnet.registry import Registry
from cmpnet.suites.reading import read
from tests.helpers import make_plugin
from tests.tasks.test_mnist import make_folder

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


def mine(text: str = GOOD) -> suites.ParsedSuite:
    Path("mine.toml").write_text(text)
    return suites.load(REGISTRY, "mine.toml")


def resolve(
    *chosen: suites.ParsedSuite, sweeps: Mapping[str, list[str]] | None = None, **options: str
) -> list[suites.ResolvedSuite]:
    return suites.resolve(REGISTRY, chosen, Shared(options, sweeps=sweeps or {}))


def key(text: str) -> ArmKey:
    return resolve_arm(text, REGISTRY).key


def install(
    site: Path, monkeypatch: pytest.MonkeyPatch, init: str = "", **files: str | None
) -> Registry:
    """A plugin whose package ``other`` registers suites; None registers a name without a file."""
    make_plugin(site, "other-plugin", "", {})
    package = site / "other" / "suites"
    package.mkdir(parents=True)
    (site / "other" / "__init__.py").write_text(init)
    for name, text in files.items():
        if text is not None:
            (package / f"{name}.toml").write_text(text)
    points = [f"{name} = other.suites" for name in files]
    info = site / "other_plugin-1.0.dist-info"
    (info / "entry_points.txt").write_text("\n".join(["[cmpnet.suites]", *points]))
    monkeypatch.syspath_prepend(str(site))
    return Registry()


# -- registered suites ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_every_suite_has_a_source_and_arms_that_exist(name: str) -> None:
    suites.check(REGISTRY, name)
    suite = suites.load(REGISTRY, name)
    if suite.arms:
        assert suite.source.startswith("Report ")
        assert suite.claims
        assert all(claim.source.startswith("Report ") for claim in suite.claims)


@pytest.mark.parametrize("name", OWN)
def test_a_claim_and_its_interval_fit_on_one_line(name: str) -> None:
    assert all(len(claim.says) <= 60 for claim in suites.load(REGISTRY, name).claims)


def test_the_reported_figures_agree_with_the_report() -> None:
    figures = {
        **suites.load(REGISTRY, "table3").reported,
        **suites.load(REGISTRY, "table4").reported,
    }
    assert {f["repeats"] for f in figures.values()} == {10}
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


def test_all_means_every_installed_suite_and_its_arms_are_partly_shared() -> None:
    chosen = suites.members(REGISTRY, "all")
    assert [suite.name for suite in chosen] == [n for n in REGISTRY.names("suite") if n != "all"]
    keys = [arm.key for suite in resolve(*chosen) for arm in suite.arms]
    distinct = [key for n, key in enumerate(keys) if key not in keys[:n]]
    assert len(distinct) < len(keys)


def test_a_plugins_suite_is_read_without_importing_it_and_is_part_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init = "raise RuntimeError('was imported')"
    registry = install(tmp_path, monkeypatch, init, theirs=GOOD, all=GOOD)
    assert suites.load(registry, "theirs").title == "mine"
    assert "theirs" in [suite.name for suite in suites.members(registry, "all")]
    # Like any name of cmpnet, "all" cannot be taken; the other one has a qualified name.
    assert suites.load(registry, "all").suites == ("*",)
    assert suites.load(registry, "other-plugin:all").title == "mine"


def test_a_fault_in_a_registered_suite_names_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = GOOD.replace("baseline", "no-such")
    registry = install(tmp_path, monkeypatch, theirs=theirs, gone=None)
    with pytest.raises(CmpnetError, match=r"'theirs' of other-plugin 1\.0 .* 'arm' 1: .*no-such"):
        suites.check(registry, "theirs")
    with pytest.raises(
        CmpnetError, match=r"'gone' of other-plugin 1\.0 .* its file 'gone.toml' does not"
    ):
        suites.load(registry, "gone")


# -- a user's own file ----------------------------------------------------------------------------


def test_a_users_own_file_is_a_suite() -> None:
    suite = mine()
    (resolved,) = resolve(suite)
    assert [arm.label for arm in resolved.arms] == ["baseline", "ws[hidden=8]"]
    assert (resolved.title, resolved.suite) == ("mine", "mine")
    assert resolved.claims[0].one == "ws[hidden=8]"
    assert suite.reported == {"baseline": {"test_error": 0.2, "train_error": 0.04, "repeats": 3}}


def test_an_option_must_fit_an_arm_of_at_least_one_suite() -> None:
    first, second = mine(), mine(GOOD.replace('"ws[hidden=8]"', '"ws-aux"'))
    one, other = resolve(first, second, alpha="0.5")
    assert [arm.label for arm in one.arms] == ["baseline", "ws[hidden=8]"]
    assert other.arms[1].label == "ws-aux[alpha=0.5]"
    assert [claim.one for claim in second.claims] == ["ws-aux"]
    assert [claim.one for claim in other.claims] == ["ws-aux[alpha=0.5]"]
    with pytest.raises(CmpnetError, match="None of these arms has an option 'alpha'"):
        resolve(first, alpha="0.5")


def test_a_sweep_replaces_an_arm_and_drops_the_claims_about_it() -> None:
    suite = mine(GOOD.replace('"ws[hidden=8]"', '"ws-aux"'))
    (swept,) = resolve(suite, sweeps={"alpha": ["0", "0.5"]})
    labels = [arm.label for arm in swept.arms]
    assert labels == ["baseline", "ws-aux[alpha=0]", "ws-aux[alpha=0.5]"]
    assert swept.claims == ()
    with pytest.raises(CmpnetError, match="None of these arms has an option 'alpha'"):
        resolve(mine(), sweeps={"alpha": ["0", "0.5"]})


@pytest.mark.parametrize(
    ("options", "deviation"),
    [
        ({}, ""),
        ({"epochs": "25", "pairs": "1000", "device": "cpu"}, ""),
        ({"epochs": "3"}, "3 of 25 epochs"),
        ({"epochs": "50"}, "50 epochs instead of 25"),
        ({"epochs": "3", "pairs": "200"}, "3 of 25 epochs, pairs 200 instead of 1000"),
        ({"alpha": "0.75"}, "alpha 0.75 instead of 1"),
        ({"lr": "0.05"}, "lr 0.05 instead of 0.1"),
        ({"hidden": "8"}, "hidden 8 instead of 512"),
    ],
)
def test_a_suite_says_how_its_arms_deviate_from_its_file(
    options: dict[str, str], deviation: str
) -> None:
    (resolved,) = resolve(suites.load(REGISTRY, "table3"), **options)
    assert resolved.deviation == deviation


def test_the_arms_of_a_sweep_are_no_deviation_but_another_loss_is() -> None:
    table3 = suites.load(REGISTRY, "table3")
    assert resolve(table3, sweeps={"alpha": ["0", "0.5"]})[0].deviation == ""
    (resolved,) = suites.resolve(REGISTRY, [table3], Shared({}, "ce"))
    assert resolved.deviation == "loss ce instead of aux-discounted"


def test_other_data_are_a_deviation(tmp_path: Path) -> None:
    make_folder(tmp_path / "digits", digits=2000)
    (resolved,) = resolve(suites.load(REGISTRY, "table3"), data_dir=str(tmp_path / "digits"))
    assert resolved.deviation == "other data"
    with pytest.raises(CmpnetError, match=r"The data folder '.*nowhere' does not exist"):
        resolve(suites.load(REGISTRY, "table3"), data_dir="nowhere")


def test_two_arms_of_a_suite_that_an_option_makes_equal_are_refused() -> None:
    suite = mine(GOOD.replace("ws[hidden=8]", "baseline[hidden=8]"))
    with pytest.raises(CmpnetError, match=r"Arm 'baseline.*' is given twice"):
        resolve(suite, hidden="8")


def test_a_fault_in_a_file_is_reported_before_one_in_the_options() -> None:
    with pytest.raises(CmpnetError, match=r"'mine.toml' .* 'arm' 1: There is no architecture"):
        resolve(mine(GOOD.replace('"baseline"', '"no-such"')), hidden="0")


def test_a_suite_may_list_other_suites() -> None:
    mine()
    Path("both.toml").write_text('title = "both"\nsuites = ["mine.toml", "table3", "table3"]')
    assert [s.name for s in suites.members(REGISTRY, "both.toml")] == ["mine", "table3"]
    Path("both.toml").write_text('title = "both"\nsuites = ["tabel3"]')
    with pytest.raises(CmpnetError, match=r"'both.toml' .* 'suites': .*Did you mean 'table3'"):
        suites.members(REGISTRY, "both.toml")


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert mine("\ufeff" + GOOD).title == "mine"


RELATIONS = {
    "lower": ("lower =", "than =", "ws[hidden=8] < baseline"),
    "higher": ("higher =", "than =", "ws[hidden=8] > baseline"),
    "same": ("same =", "as =", "ws[hidden=8] = baseline"),
}


def claiming(relation: str, within: str = "") -> str:
    """The good file, whose claim has this relation and margin."""
    first, second, _ = RELATIONS[relation]
    text = GOOD.replace("lower =", first).replace("than =", second)
    return text + (f"within = {within}\n" if within else "")


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_claim_says_lower_higher_or_same(relation: str) -> None:
    (claim,) = mine(claiming(relation, "1" if relation == "same" else "")).claims
    assert claim.relation == relation
    assert claim.formula == RELATIONS[relation][2] + (", within 1" if relation == "same" else "")


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize(
    ("within", "share", "relative", "formula"),
    [
        ("1", 1, False, "within 1"),
        ("0.005", 0.005, False, "within 0.005"),
        ('"10 %"', 0.1, True, "within 10 %"),
        ('"2.5%"', 0.025, True, "within 2.5 %"),
        ('" 150 % "', 1.5, True, "within 150 %"),
    ],
)
def test_a_margin_is_a_number_or_a_share_of_the_other_side(
    relation: str, within: str, share: float, relative: bool, formula: str
) -> None:
    (claim,) = mine(claiming(relation, within)).claims
    assert claim.within == pytest.approx(share)
    assert claim.relative is relative
    assert claim.formula == f"{RELATIONS[relation][2]}, {formula}"


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize(
    ("within", "message"),
    [
        ('"10"', "'within' is '10'; it must be a number or, as \"10 %\", a share"),
        ('"ten %"', "'within' is 'ten %'; it must be a number or, as \"10 %\", a share"),
        ('"%"', "'within' is '%'; it must be a number or, as \"10 %\", a share"),
        ('"0 %"', "'within' is '0 %'; it must be a number or, as \"10 %\", a share"),
        ('"-5 %"', "'within' is '-5 %'; it must be a number or, as \"10 %\", a share"),
        ('"nan %"', "'within' is 'nan %'; it must be a number or, as \"10 %\", a share"),
        ('"inf %"', "'within' is 'inf %'; it must be a number or, as \"10 %\", a share"),
        ('"5000 %"', "'within' is '5000 %'; it must be a number or, as \"10 %\", a share"),
        ('""', "'within' is ''; it must be"),
        ("-1", "'within' is -1; it must be"),
        ("nan", "'within' is nan; it must be"),
        ("inf", "'within' is inf; it must be"),
        ("true", "'within' is True; it must be"),
        ("[1]", "'within' is [1]; it must be"),
        ('"1 %\\n"', "'within' is '1 %\\n'; it must be"),
    ],
)
def test_a_wrong_margin_is_a_sentence(relation: str, within: str, message: str) -> None:
    with pytest.raises(CmpnetError) as caught:
        mine(claiming(relation, within))
    assert "'mine.toml' " in str(caught.value)
    assert f"'claim' 1: {message}" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_claim_without_a_relation_is_refused() -> None:
    with pytest.raises(
        CmpnetError, match="'claim' 1 has none of 'lower', 'higher', 'same', 'order', 'drop'; it"
    ):
        mine(GOOD.replace("lower =", "less ="))


def test_a_claim_with_two_relations_is_refused() -> None:
    with pytest.raises(CmpnetError, match="'claim' 1 has an unknown key 'higher'"):
        mine(GOOD + 'higher = "baseline"\n')


THREE = GOOD + '\n[[arm]]\narm = "ws-aux"\n'
JOINT = {  # the lines of a claim, and its formula
    'order = ["ws-aux", "ws[hidden=8]", "baseline"]': (
        "ws-aux < ws[hidden=8] and ws[hidden=8] < baseline"
    ),
    'lower = ["ws-aux", "ws[hidden=8]"]\nthan = "baseline"': (
        "ws-aux < baseline and ws[hidden=8] < baseline"
    ),
    'higher = "baseline"\nthan = ["ws-aux", "ws[hidden=8]"]\nwithin = 0.01': (
        "baseline > ws-aux, within 0.01 and baseline > ws[hidden=8], within 0.01"
    ),
    'lower = ["ws-aux"]\nthan = 0.1': "ws-aux < 0.1",
    'drop = ["baseline", "ws-aux"]\nabove = ["baseline", "ws[hidden=8]"]': (
        "(baseline - ws-aux) > (baseline - ws[hidden=8])"
    ),
    'drop = ["baseline", "ws-aux"]\nabove = 0.05': "(baseline - ws-aux) > 0.05",
}


@pytest.mark.parametrize("lines", JOINT)
def test_a_claim_may_have_several_parts_or_compare_drops(lines: str) -> None:
    suite = mine(f'{THREE}\n[[claim]]\nsays = "it"\n{lines}\nsource = "here"\nmeasure = "gap"\n')
    (resolved,) = resolve(suite, epochs="3")
    claim = resolved.claims[1]
    assert (claim.says, claim.source, claim.formula) == ("it", "here", JOINT[lines])
    assert {part.measure for part in claim.parts} == {"gap"}


NO_CLAIM = {
    'order = ["baseline"]': "has the list ['baseline']; it must name two or more arms, each once",
    'order = ["baseline", "ws-aux", "baseline"]': "it must name two or more arms, each once",
    'order = ["baseline", "wss-aux"]': "is about 'wss-aux', which is not an arm of the suite. Did",
    'order = "baseline"': "'order' is 'baseline'; it must be a list, each item a line of text",
    'lower = []\nthan = "baseline"': "has the list []; it must name one or more arms, each once",
    'lower = ["ws-aux", "baseline"]\nthan = "baseline"': "compares 'baseline' with itself",
    'drop = ["baseline"]\nabove = 0.1': "'drop' is ['baseline']; it must be two different arms",
    'drop = ["baseline", "baseline"]\nabove = 0': "it must be two different arms",
    'drop = ["baseline", "ws-aux"]\nabove = ["baseline", "ws-aux"]': "with itself",
    'drop = ["baseline", "ws-aux"]\nabove = 5': "an error with 5; it must be from -1 to 1",
    'drop = ["baseline", "ws-aux"]': "has no 'above'; it must be a number or a list",
    'drop = ["baseline", "ws-aux"]\nabove = 0.1\nthan = "ws-aux"': "has an unknown key 'than'",
}


@pytest.mark.parametrize("lines", NO_CLAIM)
def test_a_wrong_joint_claim_is_a_sentence(lines: str) -> None:
    with pytest.raises(CmpnetError) as caught:
        mine(f'{THREE}\n[[claim]]\nsays = "it"\n{lines}\n')
    assert "'mine.toml' cannot be used: 'claim' 2" in str(caught.value)
    assert NO_CLAIM[lines] in str(caught.value)


def test_no_gap_in_table_3_is_half_of_what_the_report_calls_a_significant_one() -> None:
    suite = suites.load(REGISTRY, "table3")
    gaps = {arm: f["test_error"] - f["train_error"] for arm, f in suite.reported.items()}
    (claim,) = (claim for claim in suite.claims if claim.one == "ws-aux" and claim.limit)
    assert (claim.measure, claim.relation) == ("gap", "lower")
    assert gaps["ws-aux"] < float(claim.other) <= gaps["ws"] / 2 + 1e-12


CLAIM, TITLE, THAN = "[[claim]]\n", 'title = "mine"\n', 'than = "baseline"'
FAULTS = {
    "it has no 'title'; it must be a line of text": (TITLE, ""),
    "'title' is 3; it must be a line of text": ('"mine"', "3"),
    "it has an unknown key 'titel'. Did you mean 'title'": (TITLE, TITLE + 'titel = "x"\n'),
    "'arm' 1 has no 'arm'": ('arm = "baseline"', ""),
    "'arm' 1: 'arm' is 7; it must be a line of text": ('arm = "baseline"', "arm = 7"),
    "'arm' 1: 'reported' is 3; it must be a table": (FIGURES, "3"),
    "'arm' 1: 'reported': 'train_error' is nan; it must be a number": ("0.04", "nan"),
    "'claim' 1: 'than' is inf; it must be a line of text or a number": (THAN, "than = inf"),
    "'claim' 1: 'says' is 'two\\nlines'; it must be a line of text": (
        '"shared is better"',
        '"two\\nlines"',
    ),
    "'arm' 1: 'reported': 'test_error' is 20; it must be a number from 0 to 1": ("0.2,", "20,"),
    "'arm' 1: 'reported' has an unknown key 'tset_error'. Did you mean 'test_error'": (
        "{ test",
        "{ tset",
    ),
    "'arm' 1: 'reported': 'repeats' is True; it must be a whole number": (
        "repeats = 3",
        "repeats = true",
    ),
    "'test_error_range' is [0.5, 0.25]; it must be two numbers in order": (
        "test_error = 0.2",
        "test_error_range = [0.5, 0.25]",
    ),
    "'test_error_range' is [0.5]; it must be two numbers in order": (
        "test_error = 0.2",
        "test_error_range = [0.5]",
    ),
    "'arm' 1 has an unknown key 'colour'": (
        'arm = "baseline"',
        'arm = "baseline"\ncolour = "red"',
    ),
    "'arm' has the title 'ws-aux' twice; titles must differ": (
        'arm = "baseline"',
        'arm = "baseline"\ntitle = "ws-aux"\n[[arm]]\narm = "simple"\ntitle = "ws-aux"',
    ),
    "'arm' 1: 'title' is ''; it must be a line of text": (
        'arm = "baseline"',
        'arm = "baseline"\ntitle = ""',
    ),
    "'arm' 2: There is no architecture 'wss'. Did you mean 'ws'": ("ws[", "wss["),
    "'arm' 2: 'ws' has no option 'hiden'. Did you mean 'hidden'": ("hidden=8", "hiden=8"),
    "'arm' 2: hidden is '0'; it must be": ("hidden=8", "hidden=0"),
    "'arm' 3: Arm 'baseline' is given twice": (CLAIM, '[[arm]]\narm = "baseline[]"\n' + CLAIM),
    "'claim' 1 has no 'says'": ('says = "shared is better"', ""),
    "'claim' 1 has no 'than'; it must be a line of text or a number": (THAN, ""),
    "'claim' 1 is about 'baselin', which is not an arm of the suite. Did you mean 'baseline'": (
        THAN,
        'than = "baselin"',
    ),
    "'claim' 1 has an unknown measure 'gab'. Did you mean 'gap'? Known: test_error, train_error": (
        CLAIM,
        CLAIM + 'measure = "gab"\n',
    ),
    "'claim' 1 has an unknown measure 'border'. Known: test_error": (
        CLAIM,
        CLAIM + 'measure = "border"\n',
    ),
    "'claim' 1: 'measure' is ['gap']; it must be a line of text": (
        CLAIM,
        CLAIM + 'measure = ["gap"]\n',
    ),
    "'claim' 1: 'first_epochs' is 0; it must be a whole number of at least 1": (
        CLAIM,
        CLAIM + "first_epochs = 0\n",
    ),
    "'claim' 1 has 'first_epochs', but 'seconds' has no value per epoch": (
        CLAIM,
        CLAIM + 'first_epochs = 3\nmeasure = "seconds"\n',
    ),
    "'claim' 1 has no 'within'": ("lower", "same"),
    "'claim' 1 has an unknown key 'as'. Known: says": (THAN, 'as = "baseline"'),
    "'claim' is 3; it must be a list, each item a table": (
        TITLE + "\n",
        TITLE + "claim = 3\n[[other]]\n",
    ),
    "it has both 'arm' and 'suites'": (TITLE, TITLE + 'suites = ["table3"]\n'),
    "'suites' is 'table3'; it must be a list, each item a line of text": (
        TITLE,
        TITLE + 'suites = "table3"\n',
    ),
    "is not TOML: ": ("[[arm]]", "[[arm"),
}


@pytest.mark.parametrize("message", FAULTS)
def test_a_fault_in_a_file_names_the_file_and_the_key(message: str) -> None:
    old, new = FAULTS[message]
    assert old in GOOD
    text = GOOD.replace(old, new, -1 if old.startswith(("ws", "hidden")) else 1)
    if new == "same":
        text = text.replace("than =", "as =")
    if "[[other]]" in new:
        text = text.partition(CLAIM)[0]
    with pytest.raises(CmpnetError) as caught:
        resolve(mine(text))
    assert str(caught.value).startswith("'mine.toml' ")
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, len(GOOD)),
    length=st.integers(0, 30),
    new=st.text(max_size=4) | st.sampled_from(["3", "-1", "[]", "{}", "true", "inf", "1979-05-27"]),
)
def test_a_damaged_file_is_a_suite_or_a_sentence(at: int, length: int, new: str) -> None:
    with contextlib.suppress(CmpnetError):
        read(GOOD[:at] + new + GOOD[at + length :], "mine", "'mine.toml'")


def test_a_file_without_arms_is_refused() -> None:
    with pytest.raises(CmpnetError, match="it has no 'arm'; it must have one or more tables"):
        mine('title = "mine"')


def test_a_claim_about_two_numbers_is_refused() -> None:
    text = GOOD.replace('lower = "ws[hidden=8]"', "lower = 1").replace(
        'than = "baseline"', "than = 2"
    )
    with pytest.raises(
        CmpnetError, match="'claim' 1 compares two numbers; 'lower' or 'than' must be"
    ):
        mine(text)


def test_a_file_that_cannot_be_read_is_a_sentence() -> None:
    Path("folder.toml").mkdir()
    Path("latin.toml").write_bytes('title = "é"'.encode("latin-1"))
    Path("deep.toml").write_text("title = " + "[" * 100_000)
    for name, message in {
        "folder.toml": "Is a directory",
        "latin.toml": "not UTF-8 text",
        "deep.toml": "is not TOML",
        "no/such.toml": "No such file",
        "no/such": "No such file",
        "": "There is no suite ''",
    }.items():
        with pytest.raises(CmpnetError, match=message):
            suites.load(REGISTRY, name)


# -- reported figures -----------------------------------------------------------------------------


def test_figures_are_reported_for_the_same_training_only() -> None:
    ours = suites.reported_for(REGISTRY, [key("ws"), key("ws[hidden=8]"), key("ws[epochs=3]")])
    assert ours == {0: suites.load(REGISTRY, "table3").reported["ws"]}


def test_figures_of_the_users_suite_come_first() -> None:
    keys = [key("ws"), key("baseline")]
    assert suites.reported_for(REGISTRY, keys, [mine()])[1] == mine().reported["baseline"]
    assert suites.reported_for(REGISTRY, keys)[1]["test_error"] == 0.201


def test_neither_the_label_nor_the_device_decides_which_figures_are_reported() -> None:
    ws = key("ws")
    on_gpu = replace(ws, label="mine", config=replace(ws.config, device="cuda"))
    assert suites.reported_for(REGISTRY, [on_gpu])[0]["test_error"] == 0.126


def test_an_arm_whose_plugin_is_missing_has_no_reported_figures() -> None:
    assert suites.reported_for(REGISTRY, [replace(key("ws"), architecture="gone")]) == {}


def test_a_broken_suite_hides_no_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
        from dataclasses import replace
        from cmpnet.models.digits import WS
        THEIRS = replace(WS, name="theirs")
    """
    registry = install(
        tmp_path,
        monkeypatch,
        bad_arm=GOOD.replace("hidden=8", "hiden=8").replace('"baseline"', '"no-such"'),
        gone=None,
        not_toml="[[",
        good=GOOD.replace('"baseline"', '"theirs"'),
    )
    (tmp_path / "other_plugin.py").write_text(textwrap.dedent(code))
    info = tmp_path / "other_plugin-1.0.dist-info" / "entry_points.txt"
    info.write_text(f"{info.read_text()}\n[cmpnet.architectures]\ntheirs = other_plugin:THEIRS\n")
    registry = Registry()
    keys = [resolve_arm(name, registry).key for name in ("theirs", "baseline")]
    reported = suites.reported_for(registry, keys)
    assert reported[0]["repeats"] == 3
    assert reported[1]["test_error"] == 0.201


def test_only_suites_of_the_architectures_owners_are_read_and_each_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, names = install(tmp_path, monkeypatch, theirs=GOOD), []

    def recorded(text: str, name: str, where: str) -> suites.ParsedSuite:
        names.append(name)
        return read(text, name, where)

    monkeypatch.setattr(suites, "read", recorded)
    table3 = suites.load(registry, "table3")
    suites.reported_for(registry, [key("baseline"), key("ws")], [table3])
    assert sorted(names) == sorted(OWN)
