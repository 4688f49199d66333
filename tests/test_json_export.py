"""The JSON export: every raw number, under the names that the document gives the arms."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cmpnet import RepeatResult
from cmpnet.analysis.claims import Claim
from cmpnet.output.json_export import document, to_json
from cmpnet.results import Results, Section
from tests.helpers import arm_results, results_of

FIRST, SECOND = arm_results("ws", [100, 110, 120]), arm_results("b", [60, 70, 90])


def test_comparisons_and_claims_use_the_documents_names() -> None:
    claim = Claim(says="b is lower", one="b", other="ws (again)")
    own = Section(
        arms=(FIRST.labelled("ws (again)"), SECOND),
        pairs=((1, 0),),
        suite="two",
        claims=(claim,),
        deviation="3 of 25 epochs",
    )
    first = Section(arms=(FIRST,), pairs=())
    content = document(Results(sections=(first, own), provenance={"python": "3"}))
    assert [arm["name"] for arm in content["arms"]] == ["ws", "b"]
    (comparison,) = content["comparisons"]
    assert (comparison["suite"], comparison["arm"], comparison["reference"]) == ("two", "b", "ws")
    (decided,) = content["claims"]
    assert (decided["one"], decided["other"], decided["says"]) == ("b", "ws", "b is lower")
    assert decided["measure"] == "test_error"
    assert decided["deviation"] == "3 of 25 epochs"
    assert (decided["verdict"], decided["n"], decided["reported"]) == ("not judged", 0, None)
    assert content["until_decided"] is False
    assert content["provenance"] == {"python": "3"}
    assert content["schema"] == 1


def test_a_comparison_has_what_decides_it_beside_what_holds_for_it_alone() -> None:
    third = arm_results("c", [104, 108, 121])
    content = document(replace(results_of([FIRST, SECOND, third]), margin=0.02))
    first, _ = content["comparisons"]
    assert {*first} == {
        *("suite", "arm", "reference", "n", "difference", "ci95", "interval", "p", "p_adjusted"),
        *("effect_size", "margin", "decision", "metric"),
    }
    assert (first["n"], first["margin"], first["decision"]) == (3, 0.02, "lower")
    # -40, -40, -30 of 1000, by hand; counting alone explains an SD of 5.94, t(2) = 4.303.
    half = 4.3027 * ((2 * 0.04 * 0.96 + 0.03 * 0.97) / 3 / 3000) ** 0.5
    assert first["difference"] == pytest.approx(-0.11 / 3)
    assert first["ci95"] == pytest.approx((-0.11 / 3 - half, -0.11 / 3 + half), rel=1e-4)
    assert first["interval"][0] < first["ci95"][0] < first["ci95"][1] < first["interval"][1]
    assert first["p"] < first["p_adjusted"] < 0.05


def test_a_claim_has_its_relation_its_margin_and_what_decides_it() -> None:
    claims = (
        Claim("ws is higher", "ws", "b", "higher"),
        Claim("both are alike", "ws", "b", "same", within=0.5, relative=True),
    )
    section = replace(results_of([FIRST, SECOND]).sections[0], claims=claims)
    higher, same = document(Results(sections=(section,)))["claims"]
    assert (higher["relation"], higher["within"], higher["relative"]) == ("higher", 0, False)
    assert (same["relation"], same["within"], same["relative"]) == ("same", 0.5, True)
    assert (higher["margin"], same["margin"]) == (0, pytest.approx(0.5 * 0.22 / 3))
    assert higher["difference"] == pytest.approx(0.11 / 3)
    assert higher["interval"] == same["interval"]
    assert higher["deviation"] == ""
    deviating = replace(section, deviation="3 of 25 epochs")
    higher, _ = document(Results(sections=(deviating,)))["claims"]
    assert (higher["verdict"], higher["deviation"]) == ("not judged", "3 of 25 epochs")
    assert higher["interval"] is None


def test_the_document_says_whether_the_number_of_repeats_depended_on_the_results() -> None:
    arms = [replace(arm, until_decided=True) for arm in (FIRST, SECOND)]
    assert document(results_of(arms))["until_decided"] is True


def test_an_arm_has_its_numbers_options_and_reported_figures() -> None:
    arm = replace(FIRST, reported={"test_error": 0.2}, data="d", code={"cmpnet": "1"})
    (content,) = document(results_of([arm]))["arms"]
    assert content["options"] == {"architecture": {}, "loss": {}, "task": {"pairs": 1000}}
    assert content["config"]["epochs"] == 25
    assert content["protocol"] == {
        "task": "digit-pairs",
        "data": "d",
        "task_options": {"pairs": 1000},
        "epochs": 25,
        "measured_on": "test",
        "overridden": {},
    }
    assert [repeat["error_count"] for repeat in content["repeats"]] == [100, 110, 120]
    assert content["test_error"]["mean"] == 0.11
    assert content["seconds"] == {"median": 1.5}
    assert content["reported"] == {"test_error": 0.2}
    assert (content["data_sha256"], content["code"]) == ("d", {"cmpnet": "1"})


def test_a_failure_is_exported_without_its_traceback() -> None:
    failed = RepeatResult(seed=0, status="failed", cause="KeyError: 'x'\n/home/me/x.py")
    text = to_json(results_of([replace(FIRST, repeats={0: failed})]))
    (arm,) = json.loads(text)["arms"]
    assert arm["repeats"][0]["cause"] == "KeyError: 'x'"
    assert arm["test_error"]["mean"] is arm["parameters"] is arm["seconds"]["median"] is None
