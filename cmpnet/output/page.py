"""Results as one self-contained HTML page: verdicts, tables, pictures, claims, numbers, provenance.

The page needs no network, and its content security policy allows none.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cmpnet import errors
from cmpnet.analysis.screen import Decisions
from cmpnet.output.answer import Answer, answers
from cmpnet.output.table_data import Page, pages
from cmpnet.plots import KINDS, Plot
from cmpnet.results import ArmResults, Results, Section, measured, value_of
from cmpnet.scales import scale_of
from cmpnet.spec import PARTS, RepeatResult

PICTURES = ("difference", "compare", "errors", "confusion")  # as far as the arms have them


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the page.

    Attributes:
        source: the SVG as a data URL.
        alt: what it shows, in words.
    """

    source: str
    alt: str


@dataclass(frozen=True, slots=True)
class Part:
    """What the page has of a section.

    Attributes:
        title: its heading.
        lines: what was trained, a line each.
        answer: the verdict and its table.
        full: all tables, notes and claims.
        pictures: its pictures.
        headings: of the numbers of each repeat.
        numbers: a row per repeat: texts, and numbers with their texts.
    """

    title: str
    lines: list[str]
    answer: Answer
    full: Page
    pictures: list[Picture]
    headings: list[str]
    numbers: list[list[Any]]


def to_html(results: Results) -> bytes:
    """The page.

    Raises:
        CmpnetError: matplotlib, which draws the pictures, is not installed.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cmpnet.output"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    contents = zip(
        results.sections, results.decisions, answers(results), pages(results), strict=True
    )
    parts = [_part(*each) for each in contents]
    text = environment.get_template("page.html.j2").render(
        title=parts[0].title if len(parts) == 1 else "Results",
        parts=parts,
        warnings=results.advice(),
        source=results.source,
        commands=_commands(results),
        provenance=list(_facts(results.provenance)),
    )
    return text.encode()


def _part(section: Section, decisions: Decisions, answer: Answer, full: Page) -> Part:
    first, *lines = section.title.splitlines() or [""]
    if not section.suite:  # a suite has a title of its own
        kept = [] if first.startswith("from ") else [first]  # the page names its source itself
        first, lines = ", ".join(arm.display for arm in section.arms), [*kept, *lines]
    headings, numbers = _numbers(section)
    pictures = list(_pictures(section, decisions))
    return Part(first, [*filter(None, lines)], answer, full, pictures, headings, numbers)


def _pictures(section: Section, decisions: Decisions) -> Iterator[Picture]:
    """The pictures that the arms have.

    Raises:
        CmpnetError: matplotlib is not installed.
    """
    for kind in PICTURES:
        try:
            plot = Plot.of(
                section.arms, kind, train=kind == "errors", comparisons=decisions.comparisons
            )
            content = plot.to_bytes("svg")
        except errors.MissingPackageError:
            raise
        except errors.CmpnetError:  # these arms have no such picture
            continue
        url = f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"
        titles = "; ".join(dict.fromkeys(picture.title for picture in plot.pictures))
        yield Picture(url, f"{KINDS[kind]}: {titles}")


def _numbers(section: Section) -> tuple[list[str], list[list[Any]]]:
    """The numbers of each repeat, with those of all metrics that it was measured with."""
    metrics = dict.fromkeys(name for arm in section.arms for name in measured(arm))
    columns = [(name, part) for name in metrics for part in PARTS]
    headings = ["Arm", "Seed", "Status"]
    for name, part in columns:
        metric = next(arm.metrics.get(name, arm.metric) for arm in section.arms)
        heading = scale_of(metric, []).heading if metric.name == name else name
        headings.append(f"{part} {heading}")
    headings += ["Test mistakes", "Seconds"]
    rows = [
        [arm.display, repeat.seed, repeat.status, *_values(arm, repeat, columns)]
        for arm in section.arms
        for _, repeat in sorted(arm.repeats.items())
    ]
    return headings, rows


def _values(arm: ArmResults, repeat: RepeatResult, columns: Any) -> Iterator[Any]:
    for name, part in columns:
        value = value_of(repeat, name, part)
        metric = arm.metrics.get(name) or (arm.metric if arm.metric.name == name else None)
        if metric is None or value is None:
            yield value
        else:
            scale = scale_of(metric, [value])
            yield round(scale.factor * value, scale.digits + 2)
    yield repeat.error_count
    yield round(repeat.seconds, 2)


def _commands(results: Results) -> list[str]:
    """What made the results, and how to make them again."""
    made = [str(command) for command in results.provenance.get("commands", ())]
    again = "cmpnet compare RUN --export-json results.json && cmpnet reproduce results.json"
    return [*made, again]


def _facts(provenance: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Versions, machine and time, by name."""
    for name, value in provenance.items():
        if name in ("commands", "source"):
            continue
        if name == "plugins":
            value = ", ".join(sorted({f"{p['distribution']} {p['version']}" for p in value}))
        if value not in ("", None):
            yield name.replace("_", " "), str(value)
