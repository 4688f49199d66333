"""The README: its table is there, and its commands exist."""

from __future__ import annotations

import re

import pytest

from tests.helpers import cmpnet
from tests.readme import README, filled

TEXT = README.read_text()
COMMANDS = sorted(set(re.findall(r"cmpnet (train|bench|list|show|plot|runs)\b", TEXT)))


def test_the_table_is_filled_and_shows_the_reports_rows() -> None:
    block = TEXT[TEXT.index("<!-- table3 -->") : TEXT.index("<!-- /table3 -->")]
    assert block.count("the report") == 3
    assert "ws-aux        10" in block


def test_filling_replaces_what_stood_between_the_marks() -> None:
    once = filled("a <!-- m -->old<!-- /m --> z", "m", "one\ntwo\n")
    assert once == "a <!-- m -->\n\n    one\n    two\n\n<!-- /m --> z"
    assert filled(once, "m", "one\ntwo\n") == once


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_it_names_exists(command: str) -> None:
    assert cmpnet(command, "--help").returncode == 0
