"""The decoder: whatever a file, a suite or a user gives is checked against an annotated type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal

import pytest

from cmpnet import ArmKey, Bounds, Curves, RepeatResult, TrainConfig
from cmpnet.decoding import decode, decode_arm, decode_result, describe, has_control_characters
from cmpnet.spec import ARM_SCHEMA, Line, Share, Size

Positive = Annotated[int, Bounds(1, 9)]


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A record within a record."""

    size: Size
    name: Line = "x"


@dataclass(frozen=True, kw_only=True)
class Outer:
    """A record with one field of each kind."""

    inner: Inner
    share: Share | None = None
    kind: Literal["a", "b"] = "a"
    numbers: list[float] = field(default_factory=list)
    names: tuple[Line, ...] = ()
    options: Mapping[str, int] = field(default_factory=dict)


def refusal(decoder: Callable[..., object], *arguments: Any, **keywords: Any) -> str:
    """The sentence with which a decoder refuses a value."""
    with pytest.raises(ValueError, match=" ") as caught:
        decoder(*arguments, **keywords)
    return str(caught.value)


# -- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (int, 3, 3),
        (int, 2**63 - 1, 2**63 - 1),
        (float, 3, 3.0),
        (float, -1.5, -1.5),
        (bool, True, True),
        (str, "a\tb", "a\tb"),
        (str, "", ""),
        (Line, "aé±", "aé±"),
        (Any, [None], [None]),
        (Positive, 1, 1),
        (Positive, 9, 9),
        (Share, 0, 0.0),
        (Share, 1.0, 1.0),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], 2, 2),
        (Share | None, None, None),
        (Share | None, 0.5, 0.5),
        (Annotated[float | None, Bounds(0, 1)], 0.5, 0.5),
        (int | str, "a", "a"),
        (list[int], [1, 2], [1, 2]),
        (tuple[float, ...], [1, 2], (1.0, 2.0)),
        (list[list[int]], [[1], []], [[1], []]),
        (dict[str, float], {"a": 1}, {"a": 1.0}),
        (Mapping[str, Any], {"a": [1]}, {"a": [1]}),
    ],
)
def test_a_value_of_the_type_is_returned(hint: Any, value: object, expected: object) -> None:
    decoded = decode(hint, value, "it")
    assert decoded == expected
    assert type(decoded) is type(expected)


@pytest.mark.parametrize(
    ("hint", "value", "sentence"),
    [
        (int, 1.0, "it is 1.0; it must be a whole number"),
        (int, True, "it is True; it must be a whole number"),
        (int, "3", "it is '3'; it must be a whole number"),
        (int, None, "it is None; it must be a whole number"),
        (int, 2**63, "it is 9223372036854775808; it must be a whole number"),
        (
            int,
            -(10**50),
            "it is -10000000000000000000000000000000000...; it must be a whole number",
        ),
        (float, True, "it is True; it must be a number"),
        (float, "0.5", "it is '0.5'; it must be a number"),
        (float, float("nan"), "it is nan; it must be a number"),
        (float, float("inf"), "it is inf; it must be a number"),
        (float, 10**400, f"it is 1{'0' * 35}...; it must be a number"),
        (bool, 1, "it is 1; it must be true or false"),
        (str, 3, "it is 3; it must be a line of text"),
        (Line, "a\tb", "it is 'a\\tb'; it must be a line of text"),
        (Line, "\x1b[31mred", "it is '\\x1b[31mred'; it must be a line of text"),
        (Line, "two\nlines", "it is 'two\\nlines'; it must be a line of text"),
        (Line, "  ", "it is '  '; it must be a line of text"),
        (Positive, 0, "it is 0; it must be a whole number from 1 to 9"),
        (Positive, 10, "it is 10; it must be a whole number from 1 to 9"),
        (Size, -1, "it is -1; it must be a whole number of at least 0"),
        (Share, 1.01, "it is 1.01; it must be a number from 0 to 1"),
        (Literal["a", "b"], "c", "it is 'c'; it must be one of a, b"),
        (Literal["a", "b"], ["a"], "it is ['a']; it must be one of a, b"),
        (Literal[1, 2], True, "it is True; it must be one of 1, 2"),
        (Share | None, "much", "it is 'much'; it must be a number from 0 to 1 or none"),
        (Share | None, 2, "it is 2; it must be a number from 0 to 1 or none"),
        (
            Annotated[float | None, Bounds(0, 1), "with a description"],
            2,
            "it is 2; it must be a number from 0 to 1 or none",
        ),
        (int | str, [], "it is []; it must be a whole number or a line of text"),
        (list[int], 3, "it is 3; it must be a list, each item a whole number"),
        (list[int], {"a": 1}, "it is {'a': 1}; it must be a list, each item a whole number"),
        (list[int], [1, "2"], "it 2 is '2'; it must be a whole number"),
        (tuple[Line, ...], ["a", "\0"], "it 2 is '\\x00'; it must be a line of text"),
        (dict[str, int], [], "it is []; it must be a table"),
        (dict[str, int], {1: 1}, "it is {1: 1}; it must be a table"),
        (dict[str, int], {"a": "b"}, "it 'a' is 'b'; it must be a whole number"),
        (Inner, [], "it is []; it must be a table"),
    ],
)
def test_any_other_value_is_refused_with_what_is_allowed(
    hint: Any, value: object, sentence: str
) -> None:
    assert refusal(decode, hint, value, "it") == sentence


def test_a_number_that_python_cannot_write_is_refused_all_the_same() -> None:
    for text in (False, True):
        sentence = "it is a number of too many digits; it must be a whole number"
        assert refusal(decode, int, 10**5000, "it", text=text) == sentence


@pytest.mark.parametrize(
    ("hint", "word", "expected"),
    [
        (float, "1e-3", 0.001),
        (float, "1", 1.0),
        (int, "-3", -3),
        (int, " 3 ", 3),
        (bool, "ON", True),
        (bool, "no", False),
        (str, " a ", "a"),
        (str, "none", "none"),
        (Literal["none", "linear"], "none", "none"),
        (Literal[1, 2], "2", 2),
        (float | None, "None", None),
        (float | None, "0.5", 0.5),
        (str | None, "none", None),
        (str | None, "nothing", "nothing"),
    ],
)
def test_a_typed_word_is_converted_to_the_type(hint: Any, word: str, expected: object) -> None:
    decoded = decode(hint, word, "it", text=True)
    assert decoded == expected
    assert type(decoded) is type(expected)


@pytest.mark.parametrize(
    ("hint", "word"),
    [
        (float, "nan"),
        (float, "1e999"),
        (float, "-inf"),
        (float, ""),
        (int, "3.0"),
        (int, "9" * 20),
        (int, "9" * 5000),
        (bool, "2"),
        (Positive, "0"),
        (str, "a\x07b"),
        (str, ""),
        (float | None, "nothing"),
        (Literal["a", "b"], "A"),
    ],
)
def test_a_word_that_does_not_fit_is_shown_as_it_was_typed(hint: Any, word: str) -> None:
    shown = repr(word) if len(word) < 38 else f"'{word[:35]}..."
    assert (
        refusal(decode, hint, word, "it", text=True)
        == f"it is {shown}; it must be {describe(hint)}"
    )


def test_control_characters_are_found_anywhere_in_a_text() -> None:
    assert [has_control_characters(t) for t in ("a b", "é", "a\tb", "\x7f", "x\x9b")] == [
        *(False, False, True, True, True)
    ]


# -- records --------------------------------------------------------------------------------------


def test_a_record_is_decoded_with_every_record_in_it() -> None:
    content = {
        "inner": {"size": 3},
        "share": 1,
        "numbers": [1, 2.5],
        "names": ["a", "b"],
        "options": {"k": 1},
    }
    assert decode(Outer, content, "it") == Outer(
        inner=Inner(size=3), share=1.0, numbers=[1.0, 2.5], names=("a", "b"), options={"k": 1}
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (3, "it is 3; it must be a table"),
        ({}, "it has no 'inner'; it must be a table"),
        ({"inner": {}}, "it: 'inner' has no 'size'; it must be a whole number of at least 0"),
        (
            {"inner": {"size": 1}, "shaer": 1},
            "it has an unknown key 'shaer'. Did you mean 'share'? "
            "Known: inner, share, kind, numbers, names, options",
        ),
        (
            {"inner": {"size": 1}, "x" * 99: 1},
            f"it has an unknown key '{'x' * 40}'. "
            "Known: inner, share, kind, numbers, names, options",
        ),
        ({"inner": {"size": 1}, "kind": "c"}, "it: 'kind' is 'c'; it must be one of a, b"),
        (
            {"inner": {"size": 1}, "numbers": [0, None]},
            "it: 'numbers' 2 is None; it must be a number",
        ),
        (
            {"inner": {"size": 1}, "options": {"k": 0.5}},
            "it: 'options' 'k' is 0.5; it must be a whole number",
        ),
    ],
)
def test_a_record_that_is_wrong_somewhere_is_refused_with_the_place(
    content: object, sentence: str
) -> None:
    assert refusal(decode, Outer, content, "it") == sentence


# -- arms -----------------------------------------------------------------------------------------

KEY = ArmKey(
    label="ws[dropout=0]",
    architecture="ws",
    loss="ce",
    task="digit-pairs",
    architecture_options={"dropout": 0.0},
    loss_options={},
    task_options={"pairs": 1000, "data_dir": None},
    config=TrainConfig(epochs=3),
)


def test_a_key_comes_back_from_json_as_it_was() -> None:
    key = replace(KEY, local_paths=("folder", "cache"))
    content = json.loads(json.dumps(key.to_json()))
    assert content["schema"] == ARM_SCHEMA
    decoded = decode_arm(content)
    assert (decoded, decoded.label, decoded.local_paths) == (key, key.label, key.local_paths)
    assert "schema" in content, "the content is not changed"


def test_a_key_that_cmpnet_0_1_wrote_has_no_schema_and_no_local_paths() -> None:
    content = asdict(KEY)
    del content["local_paths"]
    assert decode_arm(json.loads(json.dumps(content))) == KEY
    assert decode_arm(content).local_paths == ("data_dir",)
    assert decode_arm(content).portable().task_options == {"pairs": 1000}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"schema": 3}, "the arm has schema 3; known are 1 to 2"),
        ({"schema": 0}, "the arm has schema 0; known are 1 to 2"),
        ({"schema": "2"}, "the arm has schema '2'; known are 1 to 2"),
        ({"schema": True}, "the arm has schema True; known are 1 to 2"),
        ({"label": "\x1b[31m"}, "the arm: 'label' is '\\x1b[31m'; it must be a line of text"),
        ({"loss": None}, "the arm: 'loss' is None; it must be a line of text"),
        ({"loss_options": []}, "the arm: 'loss_options' is []; it must be a table"),
        ({"local_paths": [1]}, "the arm: 'local_paths' 1 is 1; it must be a line of text"),
        (
            {"config": {"epochs": 0}},
            "the arm: 'config': 'epochs' is 0; it must be a whole number from 1 to 100000",
        ),
        (
            {"config": {"lr": float("nan")}},
            "the arm: 'config': 'lr' is nan; it must be a number from 1e-12 to 1000",
        ),
        (
            {"config": {"optimizer": 3}},
            "the arm: 'config': 'optimizer' is 3; it must be a line of text",
        ),
        (
            {"config": {"optimizer_options": 3}},
            "the arm: 'config': 'optimizer_options' is 3; it must be a table",
        ),
    ],
)
def test_a_wrong_arm_is_refused_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    assert refusal(decode_arm, {**KEY.to_json(), **change}) == sentence


@pytest.mark.parametrize("content", [None, 3, "ws", [], True])
def test_anything_but_a_table_is_not_an_arm(content: object) -> None:
    assert refusal(decode_arm, content) == f"the arm is {content!r}; it must be a table"


def test_an_arm_without_its_task_is_refused() -> None:
    content = KEY.to_json()
    del content["task"]
    assert refusal(decode_arm, content) == "the arm has no 'task'; it must be a line of text"


# -- repeats --------------------------------------------------------------------------------------

REPEAT = RepeatResult(
    seed=3,
    status="ok",
    train_error=0.0,
    test_error=0.1,
    error_count=5,
    train_count=0,
    train_samples=40,
    test_samples=50,
    seconds=1.5,
    parameters=7,
    curves=Curves(train_loss=[0.5], train_error=[0.0], test_error=[0.1]),
    mistakes=[0, 3, 4, 5, 49],
    details={"pairs": [[1, 2]], "confidence": [0.5]},
)


def test_a_repeat_comes_back_from_json_as_it_was() -> None:
    for repeat in (
        REPEAT,
        RepeatResult(seed=0, status="failed", cause="KeyError: 'x'\n  File x"),
        RepeatResult(seed=2**32, status="diverged", train_samples=40, test_samples=50),
    ):
        assert decode_result(json.loads(json.dumps(asdict(repeat)))) == repeat


def test_counts_may_be_missing_as_in_old_results() -> None:
    old = {**asdict(REPEAT), "error_count": None, "train_count": None}
    assert decode_result(old).error_count is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"test_error": 0.2}, "test_error is 0.2, but 5 of 50 are wrong"),
        (
            {"test_error": 0.1000001, "error_count": None},
            "test_error is 0.1000001, no whole number of 50 samples",
        ),
        (
            {"curves": {"train_error": [0.01, 0.0]}},
            "train_error is 0.01, no whole number of 40 samples",
        ),
        ({"curves": {"test_error": [0.1, 0.2]}}, "test_error is 0.1, but its curve ends at 0.2"),
        ({"mistakes": [0, 1, 2, 3]}, "5 samples are wrong, but 'mistakes' lists 4"),
        ({"mistakes": [0, 1, 2, 3, 3]}, "5 samples are wrong, but 'mistakes' lists 4"),
        ({"train_count": 1}, "train_error is 0.0, but 1 of 40 are wrong"),
        ({"test_error": None}, "test_error is None, measured on 50 samples"),
        ({"train_samples": 0}, "train_error is 0.0, measured on 0 samples"),
        ({"mistakes": [50]}, "'mistakes' refers to more than 50 test samples"),
        (
            {"mistakes": [-1]},
            "the repeat: 'mistakes' 1 is -1; it must be a whole number of at least 0",
        ),
        (
            {"test_error": 1.5},
            "the repeat: 'test_error' is 1.5; it must be a number from 0 to 1 or none",
        ),
        ({"seed": -1}, "the repeat: 'seed' is -1; it must be a whole number of at least 0"),
        ({"seconds": -1}, "the repeat: 'seconds' is -1; it must be a number of at least 0"),
        (
            {"status": "fine"},
            "the repeat: 'status' is 'fine'; it must be one of ok, diverged, failed",
        ),
        (
            {"curves": {"train_loss": [float("nan")]}},
            "the repeat: 'curves': 'train_loss' 1 is nan; it must be a number",
        ),
        ({"zzz": 1}, "the repeat has an unknown key 'zzz'."),
    ],
)
def test_a_repeat_that_contradicts_itself_is_refused(change: dict[str, Any], sentence: str) -> None:
    assert refusal(decode_result, {**asdict(REPEAT), **change}) == sentence
