"""Every example runs as a user runs it, and prints what it promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.helpers import ROOT, arm_results, results_of, variables

PLAIN = ROOT / "examples" / "mine.py"  # named on a command line; see test_own_files
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py") if path != PLAIN)
TOUR = ROOT / "examples" / "tour.ipynb"
EXPECTED = {
    "checkpoint.py": " of its 200 test pairs are wrong",
    "own_loss.py": "ws:smoothed[smoothing=0.2]: ",
    "own_suite.py": "512 hidden units are better than one: ",
    "own_network.py": "two-layers: ",
    "paired_difference.py": "b - a: -15.00 points over 2 seeds",
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_short_and_runs(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 40
    results_of([arm_results("a", [200, 300]), arm_results("b", [100, 100])]).save("results.json")
    arguments = ["results.json"] if "sys.argv" in text else []
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path), *arguments],
        env={**variables(), "PYTHONWARNINGS": "error,ignore::ResourceWarning"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert EXPECTED[path.name] in done.stdout
    assert done.stderr == ""


def sources() -> dict[str, str]:
    """The code of every example, and of the notebook."""
    cells = nbformat.read(TOUR, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return {**{path.name: path.read_text() for path in EXAMPLES}, TOUR.name: code}


def test_examples_use_public_names_only() -> None:
    for name, text in sources().items():
        imported = re.findall(r"^(?:from|import) (cmpnet\S*)(?: import (.*))?$", text, re.MULTILINE)
        assert set(imported) <= {("cmpnet", ""), ("cmpnet", "checkpoint")}, name
        assert ("cmpnet", "") in imported, name
        assert not re.search(r"\b_[a-z]\w*\(", text), name


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook, executed in a kernel of its own."""
    notebook = nbformat.read(TOUR, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "it is kept without outputs"
    folder = str(tmp_path_factory.mktemp("notebook"))
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}})
    return client.execute()


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_the_notebook_runs_without_an_error_or_a_warning(tour: Any) -> None:
    assert {output.output_type for output in outputs(tour)} == {"stream", "execute_result"}
    assert {output.name for output in outputs(tour) if output.output_type == "stream"} == {"stdout"}


def test_the_notebook_shows_text_a_table_and_a_picture(tour: Any) -> None:
    text = "".join(output.text for output in outputs(tour) if output.output_type == "stream")
    assert "difference" in text
    assert "against baseline, paired by seed" in text
    assert "6 repeats came from the store" in text
    shown = [output.data for output in outputs(tour) if output.output_type == "execute_result"]
    tables = [data["text/html"] for data in shown if "text/html" in data]
    assert len(tables) == 2, "results, and the data frame"
    assert "<table>" in tables[0]
    assert "<td" in tables[0]
    assert "difference" in tables[0]
    pictures = [data["image/svg+xml"] for data in shown if "image/svg+xml" in data]
    assert len(pictures) == 2
    assert all("</svg>" in picture for picture in pictures)
    assert 0 < float(shown[-1]["text/plain"]) < 0.6
