"""The JSON export: every raw number, under the names that the document gives the arms."""

from __future__ import annotations

import json
from dataclasses import replace

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
    assert (decided["verdict"], decided["n"], decided["reported"]) == ("holds", 3, None)
    assert content["provenance"] == {"python": "3"}
    assert content["schema"] == 1


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
