"""Tables of results as rows of text, shared by the terminal, HTML, Markdown and LaTeX.

Errors are in %, differences in percentage points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cmpnet.analysis.claims import Verdict
from cmpnet.analysis.comparisons import ArmComparison
from cmpnet.analysis.paired import min_pairs, tested
from cmpnet.analysis.stats import Spread, Summary, spread, summarise
from cmpnet.results import ArmResults, Figures, Section
from cmpnet.spec import RepeatResult


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        cells: one text per column.
        aside: whether it belongs to the row above it and is shown fainter.
    """

    cells: tuple[str, ...]
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first columns are text and whose other columns are numbers.

    Attributes:
        title: one line or more.
        headings: one per column.
        rows: the lines below the headings.
        text_columns: number of columns of text, which are aligned left.
    """

    title: str
    headings: tuple[str, ...]
    rows: list[Row]
    text_columns: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is printed about a section.

    Attributes:
        tables: the errors, their spread and the comparisons.
        notes: sentences below the tables.
        claims: a heading and one line per claim, indented; empty without claims.
    """

    tables: list[Table]
    notes: list[str]
    claims: list[str]

    @property
    def sentences(self) -> list[str]:
        """Notes and claims without blank lines and indentation."""
        return [line.strip() for line in (*self.notes, *self.claims) if line.strip()]


def page(section: Section) -> Page:
    """The tables, notes and claims of a section."""
    arms, rows = section.arms, section.comparisons
    tables = [errors_table(arms, section.title)]
    if any(len(arm.ok()) > 1 for arm in arms):
        tables.append(spread_table(arms))
    if rows:
        tables.append(comparison_table(rows))
    claims = claim_lines(section.verdicts, max(arm.wanted for arm in arms))
    return Page(tables, [*notes(arms), *comparison_notes(rows)], claims)


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction in %; "-" for None."""
    return "-" if value is None else f"{100 * value:.{digits}f}"


# -- the errors of each arm -----------------------------------------------------------------------


def errors_table(arms: Sequence[ArmResults], title: str) -> Table:
    """One row per arm, followed by the figures that a report gives for it."""
    rows = []
    for arm in arms:
        ok = arm.ok()
        seconds = summarise([repeat.seconds for repeat in ok]).median
        cells = (
            arm.label,
            str(len(ok)) if len(ok) == arm.wanted else f"{len(ok)} of {arm.wanted}",
            _mean_sd(summarise(arm.train_errors())),
            _count_sd([repeat.train_count for repeat in ok]),
            _mean_sd(summarise(arm.test_errors())),
            _count_sd([repeat.error_count for repeat in ok]),
            f"{ok[0].parameters:,}" if ok else "-",
            "-" if seconds is None else f"{seconds:.2f}",
        )
        rows.append(Row(cells))
        if arm.reported:
            rows.append(Row(_reported_cells(arm.reported), aside=True))
    headings = ("Arm", "n", "Train error %", "SD*", "Test error %", "SD*", "Params", "s/repeat")
    return Table(title, headings, rows)


def _reported_cells(figures: Figures) -> tuple[str, ...]:
    return (
        "  reported",
        f"{figures.get('repeats', 10):g}",  # both reports repeat each training ten times
        percent(figures.get("train_error")),
        f"{figures.get('train_sd_count', '-')}",
        reported_error(figures),
        f"{figures.get('test_sd_count', '-')}",
        "",
        "",
    )


def reported_error(figures: Figures) -> str:
    """The test error that a report gives, in %; it may be a range: "1-5"."""
    if "test_error_range" in figures:
        return "-".join(f"{100 * end:g}" for end in figures["test_error_range"])
    return percent(figures.get("test_error"))


def _mean_sd(summary: Summary) -> str:
    sd = "" if summary.sd is None else f" ± {percent(summary.sd)}"
    return percent(summary.mean) + sd


def _count_sd(counts: Sequence[int | None]) -> str:
    sd = summarise([float(count) for count in counts if count is not None]).sd
    return "-" if sd is None else f"{sd:.1f}"


def notes(arms: Sequence[ArmResults]) -> list[str]:
    """What the columns mean, what came from the store, and what went wrong."""
    stored, total = sum(arm.stored for arm in arms), sum(len(arm.repeats) for arm in arms)
    sizes = {repeat.test_samples for arm in arms for repeat in arm.ok()}
    size = str(sizes.pop()) if len(sizes) == 1 else ""
    lines = []
    if any(len(arm.ok()) > 1 for arm in arms):
        counted = f" (on {size} samples)" if size else ""
        lines = [
            f"± is the SD over the repeats; SD* is the SD of the error count{counted}. "
            "The 95 % intervals are t intervals of the mean.",
            'SD^2 = (by seed)^2 + (sampling)^2: "by seed" is due to data and weights, "sampling" '
            f"to counting errors on {f'only {size}' if size else 'few'} test samples.",
        ]
    if any(parts and parts.seeds is None for parts in map(spread_of, arms)):
        lines.append('"none seen": the repeats vary no more than sampling alone explains.')
    if stored:
        lines.append(
            f"{stored} of {total} repeats came from the store (--fresh trains them again)."
        )
    failures = [(arm, r) for arm in arms for r in arm.repeats.values() if r.status != "ok"]
    return lines + [failure_line(arm.label, repeat) for arm, repeat in failures]


def failure_line(label: str, result: RepeatResult) -> str:
    """One line about a repeat that failed or diverged."""
    cause = result.cause.splitlines()[0] if result.cause else "no cause given"
    return f"{label}, seed {result.seed}, {result.status}: {cause}"


# -- the spread over the repeats ------------------------------------------------------------------


def spread_table(arms: Sequence[ArmResults]) -> Table:
    """Interval of the mean, median and range of each arm's test errors, and the parts of the SD."""
    rows = []
    for arm in arms:
        summary = summarise(arm.test_errors())
        cells = (
            arm.label,
            "-" if summary.ci95 is None else f"[{', '.join(map(percent, summary.ci95))}]",
            percent(summary.median),
            "-" if summary.range is None else "-".join(map(percent, summary.range)),
            percent(summary.sd),
            *_sd_parts(spread_of(arm)),
        )
        rows.append(Row(cells))
    headings = ("Arm", "95 % interval", "Median", "Range", "SD", "by seed", "sampling")
    return Table("Test error %: spread over the repeats", headings, rows)


def _sd_parts(parts: Spread | None) -> tuple[str, str]:
    if parts is None:
        return "-", "-"
    return "none seen" if parts.seeds is None else percent(parts.seeds), percent(parts.sampling)


def spread_of(arm: ArmResults) -> Spread | None:
    """The parts of the SD of an arm's test errors; None below two repeats."""
    return spread(arm.test_errors(), [repeat.test_samples for repeat in arm.ok()])


# -- comparisons ----------------------------------------------------------------------------------


def comparison_table(rows: Sequence[ArmComparison]) -> Table:
    """Test error of each arm minus its reference's; ~ marks what may be due to chance."""
    references = list(dict.fromkeys(row.reference for row in rows))
    several = len(references) > 1
    lines = []
    for row in rows:
        result = row.comparison
        cells = (
            *((row.arm, row.reference) if several else (row.arm,)),
            str(result.n),
            ("" if result.significant else "~ ") + _points(result.difference),
            "-" if result.ci95 is None else f"[{', '.join(map(_points, result.ci95))}]",
            _p_value(result.p),
            _p_value(result.p_adjusted),
            "-" if result.effect_size is None else f"{result.effect_size:+.1f}",
        )
        lines.append(Row(cells))
    reference = "each arm's reference" if several else references[0]
    names = ("Arm", "Against") if several else ("Arm",)
    return Table(
        f"Test error against {reference}, paired by seed",
        (*names, "n", "Difference", "95 % interval", "p", "p (Holm)", "d"),
        lines,
        text_columns=len(names),
    )


def comparison_notes(rows: Sequence[ArmComparison]) -> list[str]:
    """What the columns mean, and why a p is missing or cannot be small."""
    if not rows:
        return []
    lines = [
        "Differences are in percentage points; p is from a sign-flip test by seed; d is the mean "
        "difference over its SD."
    ]
    count = tested(row.comparison for row in rows)
    short = [row for row in rows if row.comparison.n < min_pairs(count)]
    for pairs in sorted({row.comparison.n for row in short}):
        labels = [row.arm for row in short if row.comparison.n == pairs]
        subject = "" if len(labels) == len(rows) else f"{', '.join(labels)}: "
        given = f"{pairs} pair{' is' if pairs == 1 else 's are'}"
        after = f" after Holm's correction for {count} comparisons" if pairs >= min_pairs() else ""
        lines.append(
            f"{subject}{given} too few for p < 0.05{after}; "
            f"both arms need {min_pairs(len(rows))} finished repeats."
        )
    if any(not row.comparison.significant for row in rows):
        lines.append("~ marks differences that may be due to chance: not significant at 5 %.")
    return lines


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.2f}"


def _p_value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value >= 0.001 else "< 0.001"


# -- claims ---------------------------------------------------------------------------------------


def claim_lines(verdicts: Sequence[Verdict], repeats: int) -> list[str]:
    """A heading, then for each claim whether it holds here and the interval that decides it.

    Args:
        verdicts: the decided claims of a suite.
        repeats: number of repeats of each arm that were asked for.
    """
    if not verdicts:
        return []
    heading = "Claims, each with the 95 % interval that decides it"
    return ["", heading, *(f"  {_claim_line(verdict, repeats)}" for verdict in verdicts)]


def _claim_line(verdict: Verdict, repeats: int) -> str:
    claim, unit = verdict.claim, verdict.measure.unit
    line = f"{claim.says}: {verdict.verdict}"
    if verdict.ci95 is None or verdict.difference is None:
        return f"{line}, too few repeats (give --repeats 2 or more)"
    scale = 100 if unit == "points" else 1
    sign = "+" if claim.limit is None else ""

    def shown(difference: float) -> str:
        return f"{scale * claim.displayed_value(difference):{sign}.2f}"

    arm_first = isinstance(claim.one, str)
    low, high = verdict.ci95 if arm_first else verdict.ci95[::-1]
    line += f", {shown(verdict.difference)} {unit}".rstrip() + f" [{shown(low)}, {shown(high)}]"
    details = []
    if claim.within is not None:
        details.append(f"within {scale * claim.within:g}")
    elif claim.limit is not None:
        details.append(f"{'below' if arm_first else 'above'} {scale * claim.limit:g}")
    if verdict.reported is not None:
        details.append(f"reported: {shown(verdict.reported)}")
    if verdict.n < repeats:
        details.append(f"{verdict.n} of {repeats} seeds")
    return line + (f" ({'; '.join(details)})" if details else "")
