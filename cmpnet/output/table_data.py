"""Tables of results as rows of text, shared by the terminal, HTML, Markdown and LaTeX.

Fractions are in %, their differences in percentage points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cmpnet import tuning
from cmpnet.analysis.pool import shared_error_variance
from cmpnet.analysis.rates import spread_of, summarise_part
from cmpnet.analysis.reported import against_report
from cmpnet.analysis.screen import Decisions
from cmpnet.analysis.stats import Spread, five_numbers, summarise
from cmpnet.output.decision_data import claim_lines, comparison_table, decision_notes
from cmpnet.output.signature import mixed_note, signature
from cmpnet.output.tables import Row, Table, percent
from cmpnet.results import ArmResults, Figures, Results, Section
from cmpnet.scales import Scale, scale_of_arms
from cmpnet.spec import ERROR, Part, RepeatResult


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is printed about a section.

    Attributes:
        tables: the errors, their spread and the comparisons.
        notes: sentences below the tables.
        claims: a heading and one line per claim, indented; empty without claims.
        signature: where the numbers come from, in one line.
    """

    tables: list[Table]
    notes: list[str]
    claims: list[str]
    signature: str = ""

    @property
    def sentences(self) -> list[str]:
        """Notes and claims without blank lines and indentation."""
        return [line.strip() for line in (*self.notes, *self.claims) if line.strip()]


def pages(results: Results) -> list[Page]:
    """The tables, notes and claims of each section."""
    return [_page(*both) for both in zip(results.sections, results.decisions, strict=True)]


def _page(section: Section, decisions: Decisions) -> Page:
    arms = section.arms
    tables = [errors_table(arms, section.title)]
    if any(len(arm.ok()) > 1 for arm in arms):
        tables.append(spread_table(arms))
    if decisions.comparisons:
        tables.append(comparison_table(decisions.comparisons, scale_of_arms(arms), name_of(arms)))
    claims = claim_lines(decisions.verdicts, max(arm.wanted for arm in arms))
    caution = tuning.caution(arms) if section.swept else ""
    sentences = [
        mixed_note(arms),
        *notes(arms),
        *decision_notes(decisions, section.extended_from),
        caution,
    ]
    return Page(tables, [*filter(None, sentences)], claims, signature(arms))


# -- the errors of each arm -----------------------------------------------------------------------


def errors_table(arms: Sequence[ArmResults], title: str) -> Table:
    """One row per arm, followed by the figures that a report gives for it.

    SDs of error counts are there only where the error decides.
    """
    rows, timed, scale = [], any(arm.times for arm in arms), scale_of_arms(arms)
    counted = scale.metric.name == ERROR
    for arm in arms:
        ok = arm.ok()
        seconds = summarise(arm.times if timed else [repeat.seconds for repeat in ok]).median
        cells = (
            arm.display,
            str(len(ok)) if len(ok) == arm.wanted else f"{len(ok)} of {arm.wanted}",
            _mean_sd(arm, "train", scale),
            *([_count_sd([repeat.train_count for repeat in ok])] if counted else []),
            _mean_sd(arm, "test", scale),
            *([_count_sd([repeat.error_count for repeat in ok])] if counted else []),
            f"{ok[0].parameters:,}" if ok else "-",
            "-" if seconds is None else f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.1g}",
        )
        rows.append(Row(cells))
        if arm.reported and counted:
            rows.append(Row(_reported_cells(arm.reported), aside=True))
    unit, sd = "CPU s/repeat" if timed else "s/repeat", ("SD*",) if counted else ()
    columns = (f"Train {scale.heading}", *sd, _heading(arms, scale), *sd)
    return Table(title, ("Arm", "n", *columns, "Params", unit), rows)


def name_of(arms: Sequence[ArmResults]) -> str:
    """What decides between some arms: "Test error"."""
    return tuning.measured_name((arm.key for arm in arms), arms[0].metric.shown)


def _heading(arms: Sequence[ArmResults], scale: Scale) -> str:
    """What decides between some arms, with its unit: "Test error %"."""
    return tuning.measured_name((arm.key for arm in arms), scale.heading)


def _reported_cells(figures: Figures) -> tuple[str, ...]:
    return (
        "  reported",
        f"{figures.get('repeats', '-')}",
        _with_sd(percent(figures.get("train_error")), figures.get("train_error_sd")),
        f"{figures.get('train_sd_count', '-')}",
        reported_error(figures),
        f"{figures.get('test_sd_count', '-')}",
        "",
        "",
    )


def reported_error(figures: Figures) -> str:
    """The test error that a report gives, in %, with its SD; it may be a range: "1-5"."""
    if "test_error_range" in figures:
        return "-".join(f"{100 * end:g}" for end in figures["test_error_range"])
    return _with_sd(percent(figures.get("test_error")), figures.get("test_error_sd"))


def _mean_sd(arm: ArmResults, part: Part, scale: Scale) -> str:
    """Mean ± SD; with the name of the metric where the arm has another than its table."""
    summary, name = summarise(arm.values(part)), ""
    if arm.metric.name != scale.metric.name:
        scale, name = scale_of_arms([arm]), f" ({arm.metric.shown})"
    sd = "" if summary.sd is None else f" ± {scale.number(summary.sd)}"
    return scale.number(summary.mean) + sd + name


def _with_sd(mean: str, sd: float | None) -> str:
    return mean if sd is None else f"{mean} ± {percent(sd)}"


def _count_sd(counts: Sequence[int | None]) -> str:
    sd = summarise([float(count) for count in counts if count is not None]).sd
    return "-" if sd is None else f"{sd:.1f}"


def notes(arms: Sequence[ArmResults]) -> list[str]:
    """What the columns mean, what came from the store, and what went wrong."""
    sizes = {repeat.test_samples for arm in arms for repeat in arm.ok()}
    size = str(sizes.pop()) if len(sizes) == 1 else ""
    lines = []
    metric = arms[0].metric
    if metric.name != ERROR:
        lines.append(f"{metric.shown}: {metric.summary}; {metric.better} is better.")
    if any(len(arm.ok()) > 1 for arm in arms) and metric.name != ERROR:
        lines += [
            "± is the SD over the repeats.",
            "The 95 % interval of the mean is a t interval; it covers new seeds.",
        ]
    elif any(len(arm.ok()) > 1 for arm in arms):
        counted = f" (on {size} samples)" if size else ""
        lines = [
            f"± is the SD over the repeats; SD* is the SD of the error count{counted}.",
            "The 95 % interval of the mean error is a t interval on the logit scale; it covers "
            f"{_covered(arms)}.",
            'SD^2 = (by seed)^2 + (sampling)^2: "by seed" is due to data and weights and has its '
            '95 % interval; "sampling" is due to counting errors on '
            f"{f'only {size}' if size else 'few'} test samples.",
        ]
    if any(parts and parts.seeds_ci95[0] == 0 for parts in map(spread_of, arms)):
        lines.append(
            'An interval of "by seed" that starts at 0.0: the part by seed cannot be told from 0, '
            "because sampling alone may explain the SD."
        )
    lines += _report_notes(arms)
    return [*lines, *_time_notes([arm.times for arm in arms if arm.times]), *news(arms)]


def news(arms: Sequence[ArmResults]) -> list[str]:
    """What came from the store, and what went wrong."""
    stored, total = sum(arm.stored for arm in arms), sum(len(arm.repeats) for arm in arms)
    lines = []
    if stored:
        lines.append(
            f"{stored} of {total} repeats came from the store (--fresh trains them again)."
        )
    failures = [(arm, r) for arm in arms for r in arm.repeats.values() if r.status != "ok"]
    return lines + [failure_line(arm.display, repeat) for arm, repeat in failures]


def _report_notes(arms: Sequence[ArmResults]) -> list[str]:
    """Which measured errors agree with the reported ones."""
    found = [(arm.display, against) for arm in arms if (against := against_report(arm))]
    if not found:
        return []
    rows = [
        f"{label} {100 * one.difference:+.2f} [{', '.join(f'{100 * e:+.2f}' for e in one.ci95)}]"
        for label, one in found
    ]
    where = "where the interval contains" if len(rows) == 1 else "where an interval contains"
    return [
        "Measured minus reported test error, in points, each with Welch's 95 % interval: "
        f"{'; '.join(rows)}. The figures agree {where} 0."
    ]


def _time_notes(timed: Sequence[Sequence[float]]) -> list[str]:
    numbers = [numbers for times in timed if (numbers := five_numbers(times))]
    if not numbers:
        return []
    widest = max((high - low) / median for _, low, median, high, _ in numbers if median)
    return [
        f"CPU s/repeat is the median of {len(timed[0])} rounds, in which each arm was trained "
        f"alone; the interquartile range is at most {100 * widest:.1f} % of it."
    ]


def _covered(arms: Sequence[ArmResults]) -> str:
    """What the intervals of the arms' mean errors cover."""
    several = [arm for arm in arms if len(arm.ok()) > 1]
    pooled = [arm for arm in several if shared_error_variance(arm) is not None]
    if not pooled:
        return "new seeds"
    items = " and ".join(dict.fromkeys(f"new {arm.task.item}s" for arm in pooled if arm.task))
    others = [arm.display for arm in several if arm not in pooled]
    return f"new seeds and {items}" + (f" (new seeds only: {', '.join(others)})" if others else "")


def failure_line(label: str, result: RepeatResult) -> str:
    """One line about a repeat that failed or diverged."""
    cause = result.cause.splitlines()[0] if result.cause else "no cause given"
    return f"{label}, seed {result.seed}, {result.status}: {cause}"


# -- the spread over the repeats ------------------------------------------------------------------


def spread_table(arms: Sequence[ArmResults]) -> Table:
    """Interval of the mean, median and range of what decides, and the parts of the SD of errors."""
    rows, scale = [], scale_of_arms(arms)
    counted = scale.metric.name == ERROR
    for arm in arms:
        summary, own = summarise_part(arm), scale
        if arm.metric.name != scale.metric.name:
            own = scale_of_arms([arm])
        cells = (
            arm.display,
            "-" if summary.ci95 is None else f"[{', '.join(map(own.number, summary.ci95))}]",
            own.number(summary.median),
            "-" if summary.range is None else "-".join(map(own.number, summary.range)),
            *(_sd_parts(spread_of(arm)) if counted else ()),
        )
        rows.append(Row(cells))
    parts = ("SD by seed", "sampling") if counted else ()
    headings = ("Arm", "95 % interval", "Median", "Range", *parts)
    return Table(f"{_heading(arms, scale)}: spread over the repeats", headings, rows)


def _sd_parts(parts: Spread | None) -> tuple[str, str]:
    if parts is None:
        return "-", "-"
    low, high = (percent(end, digits=1) for end in parts.seeds_ci95)
    return f"{percent(parts.seeds)} [{low}, {high}]", percent(parts.sampling)
