"""The full protocol, seeds 0-9, against the reports' own figures (some fifteen minutes)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.helpers import cmpnet

# Tables III and IV; for ws-aux what this project set itself: the report has 6.9.
LIMITS = {
    "baseline": 0.201,
    "ws": 0.126,
    "ws-aux": 0.055,
    "ws-plain": 0.145,
    "ws-aux[alpha=0.5]": 0.075,
    "ws-aux[alpha=0.75]": 0.07,
    "ws-aux:aux-scheduled[alpha=0.25,decay=none]": 0.082,
    "ws-aux:aux-scheduled[alpha=0.75,decay=none]": 0.075,
}


def full_protocol(*arms: str) -> tuple[dict[str, Any], str]:
    """The export of ten repeats of each arm, all of them finished, and the table."""
    done = cmpnet("bench", *arms, "--repeats", "10", "--export-json", "-", timeout=3000)
    assert done.returncode == 0, done.stderr
    export: dict[str, Any] = json.loads(done.stdout)
    assert [arm["name"] for arm in export["arms"]] == list(arms)
    assert all(arm["test_error"]["n"] == 10 for arm in export["arms"])
    return export, done.stderr


@pytest.mark.slow
def test_no_network_errs_more_than_the_second_report_says() -> None:
    export, table = full_protocol(*LIMITS)
    found = {arm["name"]: arm["test_error"]["mean"] for arm in export["arms"]}
    assert all(arm["reported"] for arm in export["arms"])
    assert not {name: found[name] for name in LIMITS if found[name] > LIMITS[name]}
    assert table.count("the report") == len(LIMITS)


@pytest.mark.slow
def test_the_first_report_s_networks_rank_as_it_says_and_its_alnetwork_trains() -> None:
    export, _ = full_protocol("simple", "wsnet", "wsnet[dropout=0]", "al")
    assert export["arms"][3]["test_error"]["mean"] <= 0.09  # set by this project; it reports none
    for comparison in export["comparisons"]:
        assert comparison["reference"] == "simple"
        assert comparison["ci95"][1] < 0, comparison
