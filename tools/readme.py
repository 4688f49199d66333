"""``make results``: writes every figure of the documents anew, from a store.

python -m tests.readme [--repeats N and whatever else a bench takes]

Each block between two marks is made by the commands below; what the store (``CMPNET_STORE``)
already has is not trained again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cmpnet.analysis.claims import Claim, Verdict
from cmpnet.output.suite_tables import claim_lines
from cmpnet.output.tables import reported_error
from tests.helpers import ROOT

README, PLUGIN = "README.md", "plugins/cmpnet-minidl/README.md"
TABLES, PICTURE = "docs/results.md", "docs/bench.svg"
FRAMEWORK = ("minidl-relu", "minidl-tanh", "minidl-best", "torch-mlp")
WIDTH = 100  # columns of the picture
Document = Mapping[str, Any]


def filled(text: str, mark: str, block: str) -> str:
    r"""The text with ``block`` between the marks.

    >>> filled("a <!-- m -->old<!-- /m --> z", "m", "new")
    'a <!-- m -->\n\nnew\n\n<!-- /m --> z'
    """
    block = f"<!-- {mark} -->\n\n{block}\n\n<!-- /{mark} -->"
    new, count = re.subn(rf"<!-- {mark} -->.*<!-- /{mark} -->", lambda _: block, text, flags=re.S)
    assert count == 1, f"there are {count} places for {mark}"
    return new


def lasting(printed: str) -> list[str]:
    """The lines that a command printed, but for the one on where its numbers came from."""
    return [line for line in printed.splitlines() if "came from the store" not in line]


def as_code(printed: str) -> str:
    """The lines as a block of code."""
    return "\n".join(f"    {line}".rstrip() for line in lasting(printed)).strip("\n")


def mean_sd(error: Mapping[str, float]) -> str:
    """In %."""
    return f"{100 * error['mean']:.2f} ± {100 * error['sd']:.2f}"


def results_table(document: Document) -> Iterator[str]:
    """Every arm that a report has figures of or that has a name of its own, in Markdown."""
    yield "| arm | test error % | the report's |"
    yield "|---|---|---|"
    for arm in document["arms"]:
        reported = arm["reported"] or {}
        if reported or "[" not in arm["name"]:
            said = f"{reported_error(reported)} |" if reported else "|"
            yield f"| `{arm['name']}` | {mean_sd(arm['test_error'])} | {said}"


def claims(document: Document, titles: Mapping[str, str]) -> Iterator[str]:
    """Each suite's title and its claims as the bench prints them."""
    repeats = max(len(arm["repeats"]) for arm in document["arms"])
    for suite, title in titles.items():
        rows = [row for row in document["claims"] if row["suite"] == suite]
        verdicts = [
            Verdict(
                claim=Claim(**{key: row[key] for key in Claim.__slots__}),
                **{key: row[key] for key in Verdict.__slots__ if key != "claim"},
            )
            for row in rows
        ]
        yield from ["", title, *claim_lines(verdicts, repeats)[2:]]


def framework_table(document: Document, text: str) -> Iterator[str]:
    """The table of the plugin's networks with this run's errors; what they are stays as it is."""
    for line in text.splitlines():
        name = next((a for a in document["arms"] if line.startswith(f"| `{a['name']}` |")), None)
        yield (
            line
            if name is None
            else (f"{line.rpartition(' | ')[0]} | {mean_sd(name['test_error'])} % |")
        )


def run(*arguments: str, folder: Path, color: bool = False) -> tuple[str, Document]:
    """What a command prints, and its export; progress goes to our stderr."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "export.json")
        done = subprocess.run(
            [sys.executable, "-m", "cmpnet", *arguments, "--export-json", str(file)],
            cwd=folder,
            env={**os.environ, **({"FORCE_COLOR": "1", "COLUMNS": str(WIDTH)} if color else {})},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout, json.loads(file.read_text())


def main(root: Path, more: Sequence[str]) -> None:
    """Write the figures into the documents under ``root``."""
    from cmpnet import suites
    from cmpnet.registry import Registry

    printed, everything = run("bench", "--suite", "all", "--no-plot", *more, folder=root)
    titles = {suite.name: suite.title for suite in suites.chosen(Registry(), "all")}
    colored, _ = run("bench", "--quiet", "--no-plot", *more, folder=root, color=True)
    _, networks = run("bench", *FRAMEWORK, "--no-plot", *more, folder=root)

    (root / TABLES).write_text(
        "# Every table and figure of the two reports\n\n"
        "`cmpnet bench --suite all --repeats 10` prints this, `make results` writes it here.\n\n"
        f"{as_code(printed)}\n"
    )
    text = (root / README).read_text()
    text = filled(text, "results", "\n".join(results_table(everything)))
    text = filled(text, "claims", as_code("\n".join(claims(everything, titles))))
    (root / README).write_text(text)
    plugin = (root / PLUGIN).read_text()
    (root / PLUGIN).write_text("\n".join(framework_table(networks, plugin)) + "\n")
    picture = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115
    picture.print(Text.from_ansi("\n".join(lasting(colored))))
    picture.save_svg(str(root / PICTURE), title="cmpnet bench --repeats 10")


if __name__ == "__main__":
    main(ROOT, sys.argv[1:] or ["--repeats", "10"])
