"""``make results``: regenerate every figure of the READMEs and of docs/results.* from a store.

    python -m tools.readme [--repeats N] [--store DIR] [--epochs N]

The blocks between two marks come from the benches below. Repeats that the store has are not trained
again. ``--epochs 1`` is for trying this tool out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

import cmpnet
from cmpnet import Results
from cmpnet.analysis.stats import summarise
from cmpnet.output.decision_data import claim_lines
from cmpnet.output.json_export import document
from cmpnet.output.progress import BenchProgress
from cmpnet.output.table_data import reported_error
from cmpnet.output.terminal import print_results
from cmpnet.results import ArmResults, Section
from cmpnet.run_options import default_store

ROOT = Path(__file__).parent.parent
README, PLUGIN = "README.md", "plugins/cmpnet-minidl/README.md"
TABLES, RAW, PICTURE = "docs/results.md", "docs/results.json", "docs/bench.svg"
NETWORKS = ("minidl-relu", "minidl-tanh", "minidl-best", "torch-mlp")
WIDTH = 100  # columns of the picture


def filled(text: str, mark: str, block: str) -> str:
    r"""The text with ``block`` between the marks.

    >>> filled("a <!-- m -->old<!-- /m --> z", "m", "new")
    'a <!-- m -->\n\nnew\n\n<!-- /m --> z'
    """
    block = f"<!-- {mark} -->\n\n{block}\n\n<!-- /{mark} -->"
    new, count = re.subn(rf"<!-- {mark} -->.*<!-- /{mark} -->", lambda _: block, text, flags=re.S)
    assert count == 1, f"there are {count} places for {mark}"
    return new


def as_code(printed: str) -> str:
    """Printed lines as a block of code."""
    return "\n".join(f"    {line}".rstrip() for line in printed.splitlines()).strip("\n")


def mean_sd(arm: ArmResults) -> str:
    """Mean and SD of the test error in %."""
    summary = summarise(arm.test_errors())
    assert summary.mean is not None, f"no repeat of {arm.label} has finished"
    return f"{100 * summary.mean:.2f} ± {100 * (summary.sd or 0):.2f}"


def results_table(results: Results) -> Iterator[str]:
    """In Markdown, every arm that a report has figures of or that has no options."""
    yield "| arm | test error % | the report's |"
    yield "|---|---|---|"
    for arm in results.arms:
        if arm.reported or "[" not in arm.label:
            reported = f"{reported_error(arm.reported)} |" if arm.reported else "|"
            yield f"| `{arm.label}` | {mean_sd(arm)} | {reported}"


def claims(results: Results) -> Iterator[str]:
    """The title of each suite and its claims as a bench prints them."""
    for section, decisions in zip(results.sections, results.decisions, strict=True):
        repeats = max(arm.wanted for arm in section.arms)
        yield from ["", section.title.splitlines()[0]]
        yield from claim_lines(decisions.verdicts, repeats)[2:]


def networks_table(results: Results, text: str) -> Iterator[str]:
    """The lines of the plugin's README, with the errors of this run in its table."""
    for line in text.splitlines():
        arm = next((a for a in results.arms if line.startswith(f"| `{a.label}` |")), None)
        yield line if arm is None else f"{line.rpartition(' | ')[0]} | {mean_sd(arm)} % |"


def without_store(results: Results) -> Results:
    """The results as if the store had had none of their repeats."""

    def renewed(section: Section) -> Section:
        return replace(section, arms=tuple(replace(arm, stored=0) for arm in section.arms))

    return replace(results, sections=tuple(map(renewed, results.sections)))


def raw_results(results: Results) -> str:
    """Every raw number as ``cmpnet reproduce`` reads it, without what only pictures need.

    Without details and blanks, 46 repeats of one epoch take 0.28 MB instead of 1.0.
    """
    content = document(results)
    for repeat in (repeat for arm in content["arms"] for repeat in arm["repeats"]):
        repeat["details"] = {}
    return json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n"


def bench(arms: Sequence[str] | None = None, **options: Any) -> Results:
    """The results of a bench, whose progress is shown on stderr."""
    with BenchProgress() as progress:
        return without_store(cmpnet.bench(arms, on_event=progress, **options))


def with_times(results: Results, **options: Any) -> Results:
    """The results, with the arms timed of each suite that claims something about times."""

    def timed(section: Section) -> Section:
        if all(claim.measure != "seconds" for claim in section.claims):
            return section
        return bench(suite=section.suite, time=True, **options).sections[0]

    return replace(results, sections=tuple(map(timed, results.sections)))


def save_picture(results: Results, path: Path, title: str) -> None:
    """Save the tables as a terminal shows them, in SVG."""
    with open(os.devnull, "w") as nowhere:
        terminal = Console(
            record=True, width=WIDTH, file=nowhere, force_terminal=True, color_system="truecolor",
            highlight=False, markup=False, emoji=False,
        )  # fmt: skip
        print_results(results, terminal)
        terminal.save_svg(str(path), title=title)


def main(root: Path, arguments: Sequence[str] | None = None) -> None:
    """Write the figures into the files under ``root``."""
    parser = argparse.ArgumentParser(description="Regenerate the figures in the documents.")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--store", type=Path, default=default_store())
    parser.add_argument("--epochs", type=int)
    options = {n: v for n, v in vars(parser.parse_args(arguments)).items() if v is not None}

    everything = with_times(bench(suite="all", **options), **options)
    default = bench(suite="table3", **options)
    networks = bench(NETWORKS, **options)

    (root / TABLES).write_text(
        "# Every table and figure of the two reports\n\n"
        "`cmpnet bench --suite all --repeats 10` prints this; `make results` regenerates it.\n"
        "Suites with a claim about times are benched with `--time`.\n\n"
        f"{as_code(str(everything))}\n"
    )
    (root / RAW).write_text(raw_results(everything))
    readme = filled((root / README).read_text(), "results", "\n".join(results_table(everything)))
    readme = filled(readme, "claims", as_code("\n".join(claims(everything))))
    (root / README).write_text(readme)
    plugin = (root / PLUGIN).read_text()
    (root / PLUGIN).write_text("\n".join(networks_table(networks, plugin)) + "\n")
    save_picture(default, root / PICTURE, f"cmpnet bench --repeats {options['repeats']}")


if __name__ == "__main__":
    main(ROOT)
