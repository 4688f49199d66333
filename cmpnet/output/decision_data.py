"""What is decided, as a table, notes and sentences: comparisons and claims.

Differences are in percentage points.
"""

from __future__ import annotations

from collections.abc import Sequence

from cmpnet.analysis.claims import Verdict
from cmpnet.analysis.comparisons import ArmComparison
from cmpnet.analysis.decide import FIRST_LOOK, MIN_REPEATS, Interval
from cmpnet.analysis.measures import TIME
from cmpnet.analysis.screen import Decisions
from cmpnet.output.tables import Row, Table

# -- comparisons ----------------------------------------------------------------------------------


def comparison_table(rows: Sequence[ArmComparison], error: str = "Test error") -> Table:
    """Error of each arm minus its reference's, and what the interval decides."""
    references = list(dict.fromkeys(row.reference for row in rows))
    several = len(references) > 1
    lines = []
    for row in rows:
        result = row.comparison
        cells = (
            *((row.arm, row.reference) if several else (row.arm,)),
            str(result.n),
            _points(result.difference),
            _interval(result.interval),
            _p_value(result.p_adjusted),
            "-" if result.effect_size is None else f"{result.effect_size:+.1f}",
            row.decision,
        )
        lines.append(Row(cells))
    reference = "each arm's reference" if several else references[0]
    names = ("Arm", "Against") if several else ("Arm",)
    return Table(
        f"{error} against {reference}, paired by seed",
        (*names, "n", "Difference", "95 % interval", "p", "g", "Verdict"),
        lines,
        text_columns=len(names),
    )


def decision_notes(decisions: Decisions, extended_from: int = 0) -> list[str]:
    """What the columns mean, what decides, and why something is not decided.

    Args:
        decisions: what is decided about a table.
        extended_from: number of repeats with which its arms were compared before, or 0.
    """
    rows = decisions.comparisons
    if not rows and not decisions.verdicts:
        return []
    family = f"the {decisions.count} differences" if decisions.count > 1 else "the difference"
    lines = [
        f"95 % covers {family} decided here together (t intervals, Sidak); p agrees with them."
    ]
    if decisions.until_decided:
        lines.append(
            "The number of repeats depended on the results: 5 % covers every look at them, too."
        )
    if extended_from >= MIN_REPEATS:  # with fewer, nothing was decided
        lines.append(
            f"The same arms were compared before with {extended_from} repeats; looking again "
            "raises the rate of false alarms above 5 %. --until-decided does not."
        )
    if rows:
        lines.append(
            "Differences are in percentage points; g is the mean difference over its SD (Hedges)."
        )
    lines += _margins(rows)
    smallest = FIRST_LOOK if decisions.until_decided else MIN_REPEATS
    short = [row.comparison.n for row in rows if row.comparison.n < smallest]
    if short:
        given = f"{max(short)} repeat{' decides' if max(short) == 1 else 's decide'}"
        lines.append(f"{given} nothing; at least {smallest} are needed (--repeats {smallest}).")
    return lines


def _margins(rows: Sequence[ArmComparison]) -> list[str]:
    """What "equivalent" means, where it is decided or still possible."""
    margins = {
        row.reference: row.margin for row in rows if row.decision in ("equivalent", "undecided")
    }
    if not margins:
        return []
    shown = sorted({f"{100 * margin:.2f}" for margin in margins.values()})
    return [f'"equivalent": the whole interval is within ±{" or ±".join(shown)} points (--margin).']


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.2f}"


def _interval(interval: Interval | None) -> str:
    return "-" if interval is None else f"[{', '.join(map(_points, interval))}]"


def _p_value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value >= 0.001 else "< 0.001"


# -- claims ---------------------------------------------------------------------------------------


def claim_lines(verdicts: Sequence[Verdict], repeats: int) -> list[str]:
    """A heading, then for each claim whether it holds here and the interval that decides it.

    Args:
        verdicts: the verdicts on the claims of a suite.
        repeats: number of repeats of each arm that were asked for.
    """
    if not verdicts:
        return []
    heading = "Claims, each with the interval that decides it"
    return ["", heading, *(f"  {_claim_line(verdict, repeats)}" for verdict in verdicts)]


def _claim_line(verdict: Verdict, repeats: int) -> str:
    claim, result = verdict.claim, verdict.comparison
    line = f"{claim.says}: {verdict.verdict}"
    if verdict.deviation:
        return f"{line} ({verdict.deviation}: not the report's protocol)"
    if claim.measure == TIME and not result.n:
        return f"{line} (times are decided by 'bench --time')"
    if result.interval is None or result.difference is None:
        return f"{line} (too few repeats; give --repeats {MIN_REPEATS} or more)"
    unit, scale = verdict.measure.unit, 100 if verdict.measure.unit == "points" else 1
    sign = "+" if claim.limit is None else ""

    def shown(difference: float) -> str:
        return f"{scale * claim.displayed_value(difference):{sign}.2f}"

    arm_first = isinstance(claim.one, str)
    low, high = result.interval if arm_first else result.interval[::-1]
    line += f", {shown(result.difference)} {unit}".rstrip() + f" [{shown(low)}, {shown(high)}]"
    details = []
    if claim.limit is not None and claim.relation != "same":
        below = (claim.relation == "lower") == arm_first
        details.append(f"{'below' if below else 'above'} {scale * claim.limit:g}")
    if verdict.margin:
        details.append(f"within {scale * verdict.margin:.3g}")
    if verdict.reported is not None:
        details.append(f"reported: {shown(verdict.reported)}")
    if claim.measure != TIME and result.n < repeats:
        details.append(f"{result.n} of {repeats} seeds")
    return line + (f" ({'; '.join(details)})" if details else "")
