"""Options: read from a signature, parsed and checked."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

import pytest

from cmpnet import Bounds, CmpnetError, LocalPath, TrainConfig
from cmpnet.cli import command
from cmpnet.options import FLAGS, Option, fault_of_option, options_of, parse_options


def example(
    output: object,
    *,
    alpha: Annotated[float, Bounds(0, 1), "a weight"] = 0.5,
    width: int = 3,
    kind: Literal["a", "b"] = "a",
    deep: bool = False,
    folder: Annotated[str | None, LocalPath(), "a folder"] = None,
    level: Literal[1, 2] = 1,
    title: str = "",
    progress: float,
) -> None:
    """Has one option of each kind."""


OPTIONS = options_of(example)


def test_only_keyword_only_parameters_except_progress_are_options() -> None:
    assert list(OPTIONS) == ["alpha", "width", "kind", "deep", "folder", "level", "title"]


def test_default_description_and_allowed_values_come_from_the_annotation() -> None:
    assert OPTIONS["alpha"].default == 0.5
    assert OPTIONS["alpha"].doc == "a weight"
    assert {name: option.allowed for name, option in OPTIONS.items()} == {
        "alpha": "a number from 0 to 1",
        "width": "a whole number",
        "kind": "one of a, b",
        "deep": "true or false",
        "folder": "a line of text or none",
        "level": "one of 1, 2",
        "title": "a line of text",
    }
    assert OPTIONS["width"].doc == ""


def test_an_option_says_itself_that_it_is_a_path_on_this_machine() -> None:
    assert [name for name, option in OPTIONS.items() if option.is_local_path] == ["folder"]
    assert OPTIONS["folder"].text("/home/me/digits") == "digits"


def test_a_dataclass_has_its_fields_as_options() -> None:
    options = options_of(TrainConfig)
    assert options["batch_size"].flag == "batch-size"
    assert (options["lr"].default, options["lr"].text(1.0)) == (0.1, "1")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("alpha", "0.75", 0.75),
        ("alpha", "1", 1.0),
        ("alpha", "0", 0.0),
        ("alpha", 1, 1.0),
        ("alpha", 0.25, 0.25),
        ("width", "7", 7),
        ("width", " 7 ", 7),
        ("width", 7, 7),
        ("kind", "b", "b"),
        ("level", "2", 2),
        ("deep", "Yes", True),
        ("deep", "false", False),
        ("deep", True, True),
        ("folder", "none", None),
        ("folder", None, None),
        ("folder", "here", "here"),
        ("title", "none", "none"),
    ],
)
def test_allowed_values_are_parsed_to_their_type(name: str, text: object, value: object) -> None:
    parsed = OPTIONS[name].parse(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("alpha", "1.01"),
        ("alpha", "-0.1"),
        ("alpha", "nan"),
        ("alpha", "inf"),
        ("alpha", "much"),
        ("alpha", ""),
        ("alpha", 2),
        ("alpha", True),
        ("alpha", None),
        ("alpha", [1]),
        ("width", "2.5"),
        ("width", "1e400"),
        ("width", 2.5),
        ("width", "9" * 30),
        ("kind", "c"),
        ("level", "3"),
        ("deep", "maybe"),
        ("deep", "1"),
        ("folder", ""),
        ("folder", "a\tb"),
        ("title", "a\nb"),
    ],
)
def test_other_values_are_refused_as_typed_with_what_is_allowed(name: str, text: object) -> None:
    option = OPTIONS[name]
    with pytest.raises(CmpnetError) as caught:
        option.parse(text)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == f"{name} is {text!r}; it must be {option.allowed}."


def test_a_sentence_names_an_option_as_it_is_typed() -> None:
    with pytest.raises(CmpnetError, match=r"^batch-size is '0'; it must be a whole number from 1"):
        options_of(TrainConfig)["batch_size"].parse("0")


def test_every_option_has_a_value_after_parsing() -> None:
    values = parse_options(OPTIONS, {"alpha": "1", "kind": "b"})
    defaults = {name: option.default for name, option in OPTIONS.items()}
    assert values == {**defaults, "alpha": 1.0, "kind": "b"}


def test_annotations_of_other_parameters_are_not_evaluated() -> None:
    def fn(output: Nowhere, *, width: int = 2) -> Nowhere:  # type: ignore[name-defined] # noqa: F821
        return output

    assert options_of(fn)["width"].parse("3") == 3


def test_a_parameter_without_annotation_has_the_type_of_its_default() -> None:
    options = options_of(lambda *, word="x", width=3, rate=0.5, deep=False, path=None: word)
    assert [option.hint for option in options.values()] == [str, int, float, bool, str]


class Kind(StrEnum):
    A = "a"
    B = "b b"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


def rich(
    *,
    kind: Kind = Kind.A,
    level: Level = Level.LOW,
    widths: Annotated[list[int], Bounds(1, 99)] = [32, 64],  # noqa: B006
    rates: list[float] | None = None,
    step: Literal[1, "auto", 0.5] = "auto",
    limit: Annotated[int | None, Bounds(1)] = 5,
) -> None:
    """Has options of further types."""


RICH = options_of(rich)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("kind", "b b", Kind.B),
        ("kind", Kind.B, Kind.B),
        ("level", "2", Level.HIGH),
        ("level", 2, Level.HIGH),
        ("widths", "8", [8]),
        ("widths", "8:16", [8, 16]),
        ("widths", [8, 16], [8, 16]),
        ("widths", "", []),
        ("rates", "none", None),
        ("rates", "0.5:1", [0.5, 1.0]),
        ("step", "0.5", 0.5),
        ("limit", "none", None),
    ],
)
def test_enumerations_and_lists_are_parsed_and_can_be_stored(
    name: str, text: object, value: object
) -> None:
    option = RICH[name]
    parsed = option.parse(text)
    assert (parsed, type(parsed)) == (value, type(value))
    assert option.parse(json.loads(json.dumps(parsed))) == parsed
    assert option.parse(option.text(parsed)) == parsed


def test_enumerations_and_lists_say_what_they_allow() -> None:
    assert RICH["kind"].allowed == "one of a, b b"
    assert RICH["widths"].allowed == "a list, each item a whole number from 1 to 99"
    with pytest.raises(CmpnetError, match=r"^widths 2 is '100'; it must be a whole number from 1"):
        RICH["widths"].parse("8:100")
    with pytest.raises(CmpnetError, match=r"^kind is 'c'; it must be one of a, b b"):
        RICH["kind"].parse("c")


@pytest.mark.parametrize("option", [*RICH.values(), *OPTIONS.values()], ids=lambda one: one.name)
def test_an_option_of_a_supported_type_has_no_fault(option: Option) -> None:
    assert fault_of_option(option) == ""


def test_no_option_may_be_called_like_a_flag() -> None:
    flags = {param.name for name in ("train", "bench") for param in command.commands[name].params}
    assert flags - {"pairs_swept"} <= FLAGS | {"help", "plugin"}
    assert {"epochs", "store", "help"} <= FLAGS
