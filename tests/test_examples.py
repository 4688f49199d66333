"""Every example runs, in a process of its own, and prints what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
EXPORT = {
    "arms": [
        {"name": "a", "repeats": [{"seed": s, "test_error": e} for s, e in ((0, 0.2), (1, 0.3))]},
        {"name": "b", "repeats": [{"seed": s, "test_error": e} for s, e in ((1, 0.1), (0, 0.1))]},
    ]
}
EXPECTED = {
    "checkpoint.py": " of 200 new pairs",
    "own_loss.py": "smoothed: test error",
    "own_suite.py": "512 hidden units are better than one: ",
    "own_network.py": "two-layers: test error",
    "paired_difference.py": "b - a: -15.00 points over 2 seeds",
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_short_and_runs(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 40
    Path("results.json").write_text(json.dumps(EXPORT))
    arguments = ["results.json"] if "sys.argv" in path.read_text() else []
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert EXPECTED[path.name] in done.stdout
