"""Exported files read back: the same results, or one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cmpnet import CmpnetError
from cmpnet.output import json_import
from cmpnet.output.json_export import to_json
from tests.helpers import arm_results, results_of

ARM = arm_results("a", [100, None, 120], data="d", code={"cmpnet": "1"}, wanted=5)
DOCUMENT = to_json(results_of([ARM])).decode()


def changed(**values: Any) -> dict[str, Any]:
    """The document with some values of its first arm's first repeat replaced."""
    copy: dict[str, Any] = json.loads(DOCUMENT)
    copy["arms"][0]["repeats"][0].update(values)
    return copy


def in_arm(**values: Any) -> dict[str, Any]:
    """The document with some values of its first arm replaced."""
    copy = changed()
    copy["arms"][0].update(values)
    return copy


def read(content: object) -> Any:
    Path("x.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return json_import.read("x.json")


def test_exported_results_come_back_without_paths() -> None:
    (arm,) = read(DOCUMENT)
    assert arm.label == ARM.label
    assert arm.repeats == ARM.repeats
    assert (arm.wanted, arm.data, arm.code) == (5, "d", {"cmpnet": "1"})
    assert arm.key == ARM.key.portable()
    assert arm.key.task_options == {"pairs": 1000}


def test_an_export_without_code_and_wanted_is_read() -> None:
    content = changed()
    del content["arms"][0]["code"], content["arms"][0]["wanted"]
    (arm,) = read(content)
    assert (arm.wanted, arm.code) == (3, {})


@pytest.mark.parametrize(
    "content",
    [
        "",
        "nonsense",
        "[]",
        "3",
        "null",
        "{}",
        '{"schema": 1}',
        '{"schema": 1, "arms": []}',
        '{"schema": 1, "arms": [3]}',
        '{"schema": 0, "arms": [{}]}',
        '{"schema": "1", "arms": {"a": 1}}',
        "[" * 100_000,
        "\x00\xff",
        changed(test_error="much"),
        changed(test_error=2),
        changed(test_error=None),
        changed(seed="0"),
        changed(seed=True),
        changed(seed=1),  # occurs twice then
        changed(seconds=-5),
        changed(seconds=10**400),
        changed(test_error=True),
        changed(test_samples=0),
        changed(test_error=0.2),  # error_count says 0.1
        in_arm(name="\x1b[31m"),
        in_arm(name=3),
        in_arm(config={"epochs": "x"}),
        in_arm(config=[1]),
        in_arm(options={"architecture": {}, "loss": {}, "task": 3}),
        in_arm(wanted=2),
        in_arm(wanted="5"),
        in_arm(code={"cmpnet": 1}),
        in_arm(repeats={}),
        in_arm(data_sha256=None),
        {**changed(), "schema": True},
        {**changed(), "arms": {"a": 1}},
        changed(status="fine"),
        changed(unknown=1),
        changed(curves=3),
        changed(test_samples=None),
        json.dumps(changed(test_error=0.5)).replace("0.5", "NaN"),
        json.dumps(changed(seconds=0.5)).replace("0.5", "1e999"),
        json.dumps(changed(seconds=0.5)).replace("0.5", "1" * 5000),
    ],
    ids=lambda content: str(content)[:20] if isinstance(content, str) else None,
)
def test_a_damaged_or_foreign_file_is_one_sentence(content: object) -> None:
    with pytest.raises(CmpnetError, match=r"'x.json' cannot be read: .*--export-json"):
        read(content)
    with pytest.raises(CmpnetError, match=r"^[^\x1b]{20,200}$"):
        read(content)


def test_a_newer_schema_is_refused_with_advice() -> None:
    with pytest.raises(CmpnetError, match="has schema 2; this cmpnet reads schemas up to 1"):
        read({**changed(), "schema": 2})


def test_a_folder_and_a_missing_file_are_one_sentence() -> None:
    for name in (".", "nowhere.json"):
        with pytest.raises(CmpnetError, match="cannot be read"):
            json_import.read(name)
