"""What is decided, as a table, notes and sentences: comparisons and claims.

Differences of fractions are in percentage points.
"""

from __future__ import annotations

from collections.abc import Sequence

from cmpnet.analysis.claims import JointVerdict, Verdict
from cmpnet.analysis.comparisons import ArmComparison
from cmpnet.analysis.decide import FIRST_LOOK, MIN_REPEATS, Interval
from cmpnet.analysis.measures import TIME
from cmpnet.analysis.screen import Decisions
from cmpnet.output.tables import Row, Table
from cmpnet.scales import ERRORS, Scale, scale_of, signed

# -- comparisons ----------------------------------------------------------------------------------


def comparison_table(
    rows: Sequence[ArmComparison], scale: Scale = ERRORS, name: str = "Test error"
) -> Table:
    """What decides about each arm minus its reference's, and what the interval says.

    Args:
        rows: the comparisons.
        scale: how its values are written.
        name: what it is called.
    """
    references = list(dict.fromkeys(row.names[1] for row in rows))
    several = len(references) > 1
    lines = []
    for row in rows:
        result = row.comparison
        cells = (
            *(row.names if several else row.names[:1]),
            str(result.n),
            scale.difference(result.difference),
            _interval(result.interval, scale),
            _p_value(result.p_adjusted),
            "-" if result.effect_size is None else f"{result.effect_size:+.1f}",
            row.decision,
        )
        lines.append(Row(cells))
    reference = "each arm's reference" if several else references[0]
    names = ("Arm", "Against") if several else ("Arm",)
    return Table(
        f"{name} against {reference}, paired by seed",
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
    together = " together" if decisions.count > 1 else ""
    lines = []
    if decisions.count:
        lines.append(
            f"95 % covers {family} decided here{together} (t intervals, Sidak); p agrees with them."
        )
    parts = [part for verdict in decisions.verdicts for part in verdict.parts]
    if any(part.claim.direction and not part.deviation for part in parts):
        lines.append(
            "Where a claim states a direction, nine tenths of the error are spent on that side of "
            "the interval."
        )
    if decisions.until_decided:
        lines.append(
            "The number of repeats depended on the results: 5 % covers every look at them, too."
        )
    if rows:
        unit = Scale(rows[0].metric).differences
        unit = "percentage points" if unit == "points" else unit
        about = f"Differences are in {unit}; g" if unit else "g"
        lines.append(f"{about} is the mean difference over its SD (Hedges).")
    return [*lines, *_margins(rows), *cautions(decisions, extended_from)]


def cautions(decisions: Decisions, extended_from: int = 0) -> list[str]:
    """Why what is decided may be wrong more often than in 5 % of benches, or nothing is.

    Args:
        decisions: what is decided about a table.
        extended_from: number of repeats with which its arms were compared before, or 0.
    """
    lines = _too_few(decisions)
    if extended_from >= MIN_REPEATS:  # with fewer, nothing was decided
        lines.append(
            f"The same arms were compared before with {extended_from} repeats; looking again "
            "raises the rate of false alarms above 5 %, except with --until-decided."
        )
    return lines


def _too_few(decisions: Decisions) -> list[str]:
    """Which differences have too few repeats for any decision."""
    rows, smallest = decisions.comparisons, MIN_REPEATS
    if decisions.until_decided:
        smallest = FIRST_LOOK
    short = [row for row in rows if row.comparison.n < smallest]
    if not short:
        return []
    most = max(row.comparison.n for row in short)
    given = f"{most} repeat{' decides' if most == 1 else 's decide'} nothing"
    if len(short) < len(rows):
        given = f"{', '.join(row.names[0] for row in short)}: {given}"
    return [f"{given}; at least {smallest} are needed."]


def _margins(rows: Sequence[ArmComparison]) -> list[str]:
    """What "equivalent" means, where it is decided or still possible."""
    margins = {
        row.reference: row.margin for row in rows if row.decision in ("equivalent", "undecided")
    }
    if not margins:
        return []
    scale = scale_of(rows[0].metric, margins.values())
    shown = sorted({scale.number(margin) for margin in margins.values()})
    within = f"±{' or ±'.join(shown)} {scale.differences}".rstrip()
    return [f'"equivalent": the whole interval is within {within} (--margin).']


def _interval(interval: Interval | None, scale: Scale) -> str:
    return "-" if interval is None else f"[{', '.join(map(scale.difference, interval))}]"


def _p_value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value >= 0.001 else "< 0.001"


# -- claims ---------------------------------------------------------------------------------------


def claim_lines(verdicts: Sequence[Verdict | JointVerdict], repeats: int) -> list[str]:
    """A heading, then for each claim whether it holds here and the interval that decides it.

    A joint claim has a further line per part.

    Args:
        verdicts: the verdicts on the claims of a suite.
        repeats: number of repeats of each arm that were asked for.
    """
    if not verdicts:
        return []
    heading = "Claims, each with the interval that decides it"
    lines = []
    for verdict in verdicts:
        if isinstance(verdict, Verdict) or verdict.deviation:
            lines.append(f"  {_claim_line(verdict, repeats)}")
        else:
            lines.append(f"  {verdict.name}: {verdict.verdict}")
            lines += [f"    {_claim_line(part, repeats)}" for part in verdict.parts]
    return ["", heading, *lines]


def _claim_line(verdict: Verdict | JointVerdict, repeats: int) -> str:
    line = f"{verdict.name}: {verdict.verdict}"
    if verdict.deviation:
        return f"{line} ({verdict.deviation}: not the report's protocol)"
    (part,) = verdict.parts
    return _with_numbers(line, part, repeats)


def _with_numbers(line: str, verdict: Verdict, repeats: int) -> str:
    """The line with the interval, and what the claim and the report say of it."""
    claim, result = verdict.claim, verdict.comparison
    if claim.measure == TIME and not result.n:
        return f"{line} (times are decided by 'bench --time')"
    if result.interval is None or result.difference is None:
        return f"{line} (too few repeats; give --repeats {MIN_REPEATS} or more)"
    unit, scale = verdict.measure.unit, _scale(verdict)
    value = f", {_shown(verdict, result.difference)} {unit}".rstrip()
    line += f"{value} {_shown_interval(verdict)}"
    arm_first, details = not isinstance(claim.one, int | float), []
    if claim.limit is not None and claim.relation != "same":
        below = (claim.relation == "lower") == arm_first
        details.append(f"{'below' if below else 'above'} {scale * claim.limit:g}")
    if verdict.margin:
        of = "" if claim.limit is None else f" of {scale * claim.limit:g}"
        details.append(f"within {scale * verdict.margin:.3g}{of}")
    if verdict.reported is not None:
        details.append(f"reported: {_shown(verdict, verdict.reported)}")
    if claim.measure != TIME and result.n < repeats:
        details.append(f"{result.n} of {repeats} seeds")
    return line + (f" ({'; '.join(details)})" if details else "")


def _scale(verdict: Verdict) -> int:
    return 100 if verdict.measure.unit == "points" else 1


def _shown(verdict: Verdict, difference: float) -> str:
    """A difference, or the value of the arm itself where the claim compares it with a number."""
    value = _scale(verdict) * verdict.claim.displayed_value(difference)
    text = signed(value, 2)
    return text if verdict.claim.limit is None else text.removeprefix("+")


def _shown_interval(verdict: Verdict) -> str:
    ends = verdict.comparison.interval or ()
    ordered = ends[::-1] if isinstance(verdict.claim.one, int | float) else ends
    return f"[{', '.join(_shown(verdict, end) for end in ordered)}]"


# -- what is not decided yet ----------------------------------------------------------------------


def undecided_lines(decisions: Sequence[Decisions]) -> list[str]:
    """What is not decided yet, each with its interval so far."""
    return [_open_line(row) for table in decisions for row in table.undecided]


def _open_line(row: ArmComparison | Verdict) -> str:
    name = row.name if isinstance(row, Verdict) else " against ".join(row.names)
    if row.comparison.interval is None:
        return name
    if isinstance(row, Verdict):
        return f"{name} {_shown_interval(row)}"
    scale = scale_of(row.metric, row.comparison.interval)
    return f"{name} {_interval(row.comparison.interval, scale)}"
