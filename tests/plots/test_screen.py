"""What a terminal or a pipe can show."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cmpnet.output.terminal import console
from cmpnet.plots import Screen, screen
from cmpnet.plots.layout import shorten


def test_shortening_keeps_both_ends() -> None:
    assert shorten("abcdefghij", 5) == "ab…ij"
    assert [len(shorten("abcdefghij", n)) for n in (1, 2, 3, 10, 99)] == [1, 2, 3, 10, 10]


def test_a_pipe_has_80_columns_no_colour_and_the_encoding_of_its_stream() -> None:
    assert screen(console(io.StringIO())) == Screen(80, 24, colour=False, unicode=True)
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert not screen(console(narrow)).unicode
    assert screen(console(io.StringIO()), 5, 2) == Screen(20, 8)


def test_a_terminal_without_colour_gets_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    def detect(**variables: str) -> Screen:
        environment = {"TERM": "xterm-256color", "COLUMNS": "60", "LINES": "30", **variables}
        return screen(Console(file=io.StringIO(), force_terminal=True, _environ=environment))

    assert detect() == Screen(60, 28, colour=True)
    assert not detect(NO_COLOR="1").colour
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("LINES", "30")
    assert detect(TERM="dumb") == Screen(60, 28, colour=False)
