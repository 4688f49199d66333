"""What a terminal or a pipe can show."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cmpnet.output import report
from cmpnet.plots import Screen, screen
from cmpnet.plots.canvas import shorten


def test_shortening_keeps_both_ends() -> None:
    assert shorten("abcdefghij", 5) == "ab…ij"
    assert [len(shorten("abcdefghij", n)) for n in (1, 2, 3, 10, 99)] == [1, 2, 3, 10, 10]


def test_a_pipe_is_80_columns_without_colour_and_as_the_stream_can_encode() -> None:
    assert screen(report.console(io.StringIO())) == Screen(80, 24, colour=False, unicode=True)
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert not screen(report.console(narrow)).unicode
    assert screen(report.console(io.StringIO()), 5, 2) == Screen(20, 8)


def test_a_terminal_that_shows_no_colour_is_given_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(**variables: str) -> Screen:
        environment = {"TERM": "xterm-256color", "COLUMNS": "60", "LINES": "30", **variables}
        return screen(Console(file=io.StringIO(), force_terminal=True, _environ=environment))

    assert seen() == Screen(60, 28, colour=True)
    assert not seen(NO_COLOR="1").colour
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("LINES", "30")
    assert seen(TERM="dumb") == Screen(60, 28, colour=False)
