"""Options: read from a signature, parsed and checked."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from cmpnet import Bounds, CmpnetError
from cmpnet.options import options_of


def example(
    output: object,
    *,
    alpha: Annotated[float, Bounds(0, 1), "a weight"] = 0.5,
    width: int = 3,
    kind: Literal["a", "b"] = "a",
    deep: bool = False,
    folder: str | None = None,
    progress: float,
) -> None:
    """Has one option of each kind."""


def test_only_keyword_only_parameters_are_options_and_progress_is_none() -> None:
    assert list(options_of(example)) == ["alpha", "width", "kind", "deep", "folder"]


def test_type_default_bounds_choices_and_words_come_from_the_annotation() -> None:
    options = options_of(example)
    assert (options["alpha"].type, options["alpha"].default) == (float, 0.5)
    assert options["alpha"].bounds == Bounds(0, 1)
    assert options["alpha"].doc == "a weight"
    assert options["kind"].choices == ("a", "b")
    assert options["folder"].none


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("alpha", "0.75", 0.75),
        ("alpha", "1", 1.0),
        ("alpha", "0", 0.0),
        ("width", "7", 7),
        ("kind", "b", "b"),
        ("deep", "Yes", True),
        ("deep", "false", False),
        ("folder", "none", None),
        ("folder", "here", "here"),
    ],
)
def test_good_values_are_parsed_to_their_type(name: str, text: str, value: object) -> None:
    parsed = options_of(example)[name].parse(text)
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
        ("width", "2.5"),
        ("width", "1e400"),
        ("kind", "c"),
        ("deep", "maybe"),
    ],
)
def test_bad_values_are_refused_with_what_is_allowed(name: str, text: str) -> None:
    option = options_of(example)[name]
    with pytest.raises(CmpnetError) as caught:
        option.parse(text)
    assert repr(text) in str(caught.value)
    assert option.allowed in str(caught.value)


def test_annotations_of_what_is_no_option_are_left_alone() -> None:
    def fn(output: Nowhere, *, width: int = 2) -> Nowhere:  # type: ignore[name-defined] # noqa: F821
        return output

    assert options_of(fn)["width"].parse("3") == 3
