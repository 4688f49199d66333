"""Results as rows of words: what a terminal, a Markdown and a LaTeX table all show.

Errors are in %, differences in points of %.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cmpnet.analysis.paired import fewest, tested
from cmpnet.analysis.stats import Spread, Summary, spread, summarise
from cmpnet.output.suite_tables import claim_lines
from cmpnet.output.tables import percent, reported_error

if TYPE_CHECKING:  # bench imports numpy, which a listing does without
    from cmpnet.analysis.comparisons import AgainstReference
    from cmpnet.analysis.sections import Figures, Outcome
    from cmpnet.bench import ArmResults
    from cmpnet.spec import RepeatResult


@dataclass(frozen=True, slots=True)
class Row:
    """One line; an ``aside`` belongs to the line above it and is shown fainter."""

    cells: tuple[str, ...]
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: names in the first column (and others that are ``texts``), numbers in the rest."""

    title: str
    headings: tuple[str, ...]
    rows: list[Row]
    texts: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """Tables, the notes under them, and a line for each claim that they decide."""

    sheets: list[Sheet]
    notes: list[str]
    claims: list[str]


def page(outcome: Outcome) -> Page:
    """Everything that is said: the errors, how they spread, the comparisons, and the claims."""
    results, rows = outcome.results, outcome.comparisons
    sheets = [errors_sheet(results, outcome.section.figures, title=outcome.section.title)]
    if any(len(arm.ok()) > 1 for arm in results):
        sheets.append(spread_sheet(results))
    if rows:
        sheets.append(comparison_sheet(rows))
    claims = claim_lines(outcome.verdicts, max(arm.wanted for arm in results))
    return Page(sheets, [*notes(results), *comparison_notes(rows)], claims)


def mean_sd(summary: Summary) -> str:
    """Mean ± SD in %."""
    spread = "" if summary.sd is None else f" ± {percent(summary.sd)}"
    return percent(summary.mean) + spread


# -- the errors of each arm -----------------------------------------------------------------------


def errors_sheet(
    results: Sequence[ArmResults], reported: Sequence[Figures], *, title: str
) -> Sheet:
    """One row an arm, and under it the report's own figures where there are any."""
    rows = []
    for arm, figures in zip(results, reported, strict=True):
        ok = arm.ok()
        cells = (
            arm.arm.label,
            str(len(ok)) if len(ok) == arm.wanted else f"{len(ok)} of {arm.wanted}",
            mean_sd(summarise(arm.train_errors())),
            _count_sd([r.train_count for r in ok]),
            mean_sd(summarise(arm.test_errors())),
            _count_sd([r.error_count for r in ok]),
            f"{ok[0].parameters:,}" if ok else "-",
            f"{statistics.median(r.seconds for r in ok):.2f}" if ok else "-",
        )
        rows.append(Row(cells))
        if figures:
            said = (
                "  the report",
                f"{figures.get('repeats', 10):g}",
                percent(figures.get("train_error")),
                f"{figures.get('train_sd_count', '-')}",
                reported_error(figures),
                f"{figures.get('test_sd_count', '-')}",
                "",
                "",
            )
            rows.append(Row(said, aside=True))
    headings = ("Arm", "n", "Train error %", "SD*", "Test error %", "SD*", "Params", "s each")
    return Sheet(title, headings, rows)


def _count_sd(counts: Sequence[int | None]) -> str:
    sd = summarise([float(count) for count in counts if count is not None]).sd
    return "-" if sd is None else f"{sd:.1f}"


def notes(results: Sequence[ArmResults]) -> list[str]:
    """The lines under a table: units, what came from the store, what went wrong."""
    stored, total = sum(r.stored for r in results), sum(len(r.repeats) for r in results)
    sizes = {repeat.test_samples for r in results for repeat in r.ok()}
    size = str(sizes.pop()) if len(sizes) == 1 else ""
    of = f", of {size}" if size else ""
    several = any(len(r.ok()) > 1 for r in results)
    said = (
        f"± is the SD over the repeats; SD* is that of the number of errors{of}.",
        "SD^2 = by seed^2 (data, weights)"
        f" + sampling^2 (errors counted on {size or 'few'} samples).",
    )
    found = list(said) if several else []
    if any(parts and parts.seeds is None for parts in map(_parts, results)):
        found.append("none seen: the repeats vary no more than sampling alone makes them.")
    if stored:
        found.append(
            f"{stored} of {total} repeats came from the store (--fresh trains them again)."
        )
    for arm in results:
        found += [failure(arm.arm.label, r) for r in arm.repeats.values() if r.status != "ok"]
    return found


def failure(label: str, result: RepeatResult) -> str:
    """One line for a repeat that failed or diverged."""
    cause = result.cause.splitlines()[0] if result.cause else "no cause given"
    return f"{label}, seed {result.seed}, {result.status}: {cause}"


# -- how they spread ------------------------------------------------------------------------------


def spread_sheet(results: Sequence[ArmResults]) -> Sheet:
    """Where the mean, the median and the repeats of each arm lie, and what makes them differ.

    "by seed" and "by sampling" are the two parts of the SD: :func:`cmpnet.analysis.stats.spread`.
    """
    rows = []
    for arm in results:
        summary, parts = summarise(arm.test_errors()), _parts(arm)
        cells = (
            arm.arm.label,
            _span(summary.ci95, "[", ", ", "]"),
            percent(summary.median),
            _span(summary.range, "", "-", ""),
            percent(summary.sd),
            "-" if parts is None else "none seen" if parts.seeds is None else percent(parts.seeds),
            "-" if parts is None else percent(parts.sampling),
        )
        rows.append(Row(cells))
    headings = ("Arm", "95 % of mean", "Median", "Range", "SD", "by seed", "sampling")
    return Sheet("Test error %: how its repeats spread", headings, rows)


def _parts(arm: ArmResults) -> Spread | None:
    return spread(arm.test_errors(), [r.test_samples for r in arm.ok()])


def _span(ends: tuple[float, float] | None, start: str, between: str, end: str) -> str:
    return "-" if ends is None else start + between.join(percent(value) for value in ends) + end


# -- one arm against another ----------------------------------------------------------------------


def comparison_sheet(rows: Sequence[AgainstReference]) -> Sheet:
    """Test error of each arm minus its reference's, in points; ~ marks what may be chance."""
    references = list(dict.fromkeys(row.reference for row in rows))
    several = len(references) > 1
    made = []
    for row in rows:
        found = row.comparison
        cells = (
            row.arm,
            *((row.reference,) if several else ()),
            str(found.n),
            ("" if found.significant else "~ ") + _points(found.difference),
            "-" if found.ci95 is None else f"[{', '.join(map(_points, found.ci95))}]",
            _p(found.p),
            _p(found.p_adjusted),
            "-" if found.effect_size is None else f"{found.effect_size:+.1f}",
        )
        made.append(Row(cells))
    against = "its reference" if several else references[0]
    headings = ("Arm", "Against") if several else ("Arm",)
    return Sheet(
        f"Test error against {against}, paired by seed",
        (*headings, "n", "Difference", "95 % interval", "p", "p (Holm)", "d"),
        made,
        texts=len(headings),
    )


def comparison_notes(rows: Sequence[AgainstReference]) -> list[str]:
    """What the columns are, and why there may be no p or no small one."""
    if not rows:
        return []
    said = ["Difference in points of %; p: sign-flip test by seed; d: its mean over its SD."]
    count = tested(row.comparison for row in rows)
    short = [row for row in rows if row.comparison.n < fewest(count)]
    for few in sorted({row.comparison.n for row in short}):
        which = [row.arm for row in short if row.comparison.n == few]
        start = "With" if len(which) == len(rows) else f"{', '.join(which)}: with"
        arms = f" and {count} comparisons" if few >= fewest() else ""
        said.append(
            f"{start} {few} pair{'s' * (few != 1)}{arms} no such test can reach 0.05; "
            f"it takes {fewest(len(rows))} finished repeats of both."
        )
    if any(not row.comparison.significant for row in rows):
        said.append("~ may be chance: not significant at 5 %.")
    return said


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.2f}"


def _p(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value >= 0.001 else "< 0.001"
