"""The answer before the details: which arm is best, in one sentence and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cmpnet import tuning
from cmpnet.analysis.claims import JointVerdict, Verdict
from cmpnet.analysis.comparisons import ArmComparison
from cmpnet.analysis.decide import Interval
from cmpnet.analysis.rates import summarise_part
from cmpnet.analysis.screen import Decisions
from cmpnet.analysis.stats import summarise
from cmpnet.output.decision_data import cautions
from cmpnet.output.signature import mixed_note, signature
from cmpnet.output.table_data import name_of, news, reported_error
from cmpnet.output.tables import Row, Table
from cmpnet.results import ArmResults, Results, Section
from cmpnet.scales import PERCENT, Scale, scale_of_arms
from cmpnet.spec import ERROR

THOUSAND, MILLION = 1_000, 1_000_000
SHOWN = 4  # characters of a run, which tell it from most others


@dataclass(frozen=True, slots=True)
class Answer:
    """What is printed of a section unless the details are asked for.

    Attributes:
        verdict: which arm is best, by how much, and what is not decided.
        table: one row per arm.
        notes: what the claims of a suite come to, and what is not as it should be.
        signature: where the numbers come from, in one line.
    """

    verdict: str
    table: Table
    notes: list[str]
    signature: str = ""


def answer(section: Section, decisions: Decisions) -> Answer:
    """The answer that a section gives."""
    arms = section.arms
    notes = [
        *_claims(decisions.verdicts),
        mixed_note(arms),
        *news(arms),
        *cautions(decisions, section.extended_from),
        tuning.caution(arms) if section.swept else "",
    ]
    return Answer(
        verdict(section, decisions),
        summary_table(section, decisions),
        [*filter(None, notes)],
        signature(arms),
    )


def answers(results: Results) -> list[Answer]:
    """The answer of each section."""
    return [answer(*both) for both in zip(results.sections, results.decisions, strict=True)]


def following(results: Results) -> list[str]:
    """Where the results are kept, and which commands are most useful next."""
    if not results.run:
        return []
    run = results.run[:SHOWN]
    commands = {"cmpnet plot errors --train": "how it learnt"}
    if any(section.pairs for section in results.sections):
        commands = {f"cmpnet compare {run}": "all statistics", **commands}
    if any(one.undecided for one in results.decisions) and not results.until_decided:
        commands = {"the same with --until-decided": "decides what is open", **commands}
    lines = [f"  {command:32}{what}" for command, what in [*commands.items()][:2]]
    return [f"Run {results.run} is in the store. Next:", *lines]


# -- the sentence ---------------------------------------------------------------------------------


def verdict(section: Section, decisions: Decisions) -> str:
    """Which arm is best and by how much, as far as that is decided.

    An arm is called best only if its interval against the reference, or those of all others
    against it, say so; otherwise it has the lowest (or highest) mean, and no more.
    """
    ranked = _ranked(section.arms)
    if not ranked:
        return "No repeat succeeded."
    first, scale = ranked[0], scale_of_arms(section.arms)
    value = _value(first, scale)
    if len(ranked) == 1:
        name = name_of(section.arms).lower()
        return f"{first.display}: {name} {value}{_covering(first, scale)}."
    against = {row.arm: row for row in decisions.comparisons}
    better = first.metric.better
    own = against.get(first.label)
    others = [row for row in decisions.comparisons if row.reference == first.label]
    beaten = "higher" if better == "lower" else "lower"
    wins = bool(others) and all(row.decision == beaten for row in others)
    two = own is not None and own.decision == better and len(ranked) == 2
    extreme = "lowest" if better == "lower" else "highest"
    lead = "is best" if wins or two else f"has the {extreme} {name_of(section.arms).lower()}"
    parts = [f"{first.display} {lead}: {value}"]
    if own is not None:
        parts.append(_difference(own, scale))
    elif others:
        parts.append(_against_first(others, ranked, scale))
    second = ranked[1]
    if len(ranked) > 2 and (own is None or own.reference != second.label):
        parts.append(f"{second.display} is second with {_value(second, scale)}")
    return "; ".join(filter(None, parts)) + "."


def _ranked(arms: Sequence[ArmResults]) -> list[ArmResults]:
    """The arms that are judged by the metric of the table, the best mean first."""
    metric = arms[0].metric
    same = [arm for arm in arms if arm.metric.name == metric.name and arm.values()]
    sign = 1 if metric.better == "lower" else -1
    return sorted(same, key=lambda arm: sign * (summarise(arm.values()).mean or 0.0))


def _value(arm: ArmResults, scale: Scale) -> str:
    """Mean ± SD with the unit: "2.58 % ± 0.50"."""
    summary = summarise(arm.values())
    unit = f" {scale.metric.unit}" if scale.metric.unit else ""
    sd = "" if summary.sd is None else f" ± {scale.number(summary.sd)}"
    return f"{scale.number(summary.mean)}{unit}{sd}"


def _covering(arm: ArmResults, scale: Scale) -> str:
    """The interval of the only arm."""
    summary = summarise_part(arm)
    if summary.ci95 is None:
        return ""
    ends = "-".join(map(scale.number, summary.ci95))
    return f" over {summary.n} repeats, 95 % interval {ends}"


def _difference(row: ArmComparison, scale: Scale) -> str:
    """The difference of the first arm from the reference: "15.5 points below baseline [..]"."""
    name, interval = row.names[1], row.comparison.interval
    if interval is None or row.comparison.difference is None:
        return f"too few repeats to decide against {name}"
    shown = f"[{', '.join(map(scale.difference, interval))}]"
    if row.decision in ("lower", "higher"):
        size = scale.number(abs(row.comparison.difference))
        unit = f" {scale.differences}" if scale.differences else ""
        where = "below" if row.decision == "lower" else "above"
        return f"{size}{unit} {where} {name} {shown}"
    if row.decision == "equivalent":
        return f"equivalent to {name} {shown}"
    return f"not told apart from {name} {shown}"


def _against_first(
    rows: Sequence[ArmComparison], ranked: Sequence[ArmResults], scale: Scale
) -> str:
    """How the runner-up differs from the first arm, which is the reference."""
    second = next((row for row in rows if row.arm == ranked[1].label), None)
    if second is None:
        return ""
    name, interval = second.names[0], second.comparison.interval
    if interval is None:
        return f"too few repeats to decide against {name}"
    shown = f"[{', '.join(map(scale.difference, interval))}]"
    decided = second.decision in ("lower", "higher")
    words = {"equivalent": "is equivalent", "undecided": "is not told apart from it"}
    if decided:
        unit = f" {scale.differences}" if scale.differences else ""
        return f"{name} is {scale.difference(second.comparison.difference)}{unit} away {shown}"
    return f"{name} {words[second.decision]} {shown}"


# -- the table ------------------------------------------------------------------------------------


def summary_table(section: Section, decisions: Decisions) -> Table:
    """One row per arm: what decides, its interval, the difference, seconds and parameters.

    The best mean is strong. Figures of a report stand in the same row.
    """
    arms, scale = section.arms, scale_of_arms(section.arms)
    ranked = _ranked(arms)
    best = ranked[0].label if len(ranked) > 1 else ""
    rows_of = {row.arm: row for row in decisions.comparisons}
    references = {row.names[1] for row in decisions.comparisons}
    reported = scale.metric.name == ERROR and any(arm.reported for arm in arms)
    heading = tuning.measured_name((arm.key for arm in arms), scale.heading)
    has_interval = any(len(arm.values()) > 1 for arm in arms)
    headings = ["Arm", heading, *(["95 % interval"] if has_interval else [])]
    if references:
        headings.append(f"Against {references.pop()}" if len(references) == 1 else "Difference")
    headings += ["s", "Params", *(["Reported"] if reported else [])]
    timed = any(arm.times for arm in arms)
    rows = []
    for arm in arms:
        own = scale if arm.metric.name == scale.metric.name else scale_of_arms([arm])
        summary, ok = summarise_part(arm), arm.ok()
        sd = "" if summary.sd is None else f" ± {own.number(summary.sd)}"
        name = "" if own is scale else f" ({arm.metric.shown})"
        lost = f" ({len(ok)} of {arm.wanted})" if len(ok) < arm.wanted else ""
        seconds = summarise(arm.times if timed else [repeat.seconds for repeat in ok]).median
        cells = [arm.display, f"{own.number(summary.mean)}{sd}{name}{lost}"]
        if has_interval:
            ends = summary.ci95
            cells.append("-" if ends is None else "-".join(map(own.number, ends)))
        if decisions.comparisons:
            row = rows_of.get(arm.label)
            cells.append("" if row is None else _cell(row, own))
        cells += [_seconds(seconds), _count(ok[0].parameters) if ok else "-"]
        if reported:
            cells.append(reported_error(arm.reported) if arm.reported else "")
        rows.append(Row(tuple(cells), strong=arm.label == best))
    return Table(section.title, tuple(headings), rows)


def _cell(row: ArmComparison, scale: Scale) -> str:
    """A difference with the interval that decides."""
    difference, interval = row.comparison.difference, row.comparison.interval
    return f"{scale.difference(difference)} {_short(interval, scale)}".rstrip()


def _short(interval: Interval | None, scale: Scale) -> str:
    if interval is None:
        return ""
    digits = max(scale.digits - 1, 0) if scale.metric.unit == PERCENT else scale.digits
    shown = Scale(scale.metric, digits)
    return f"[{', '.join(map(shown.difference, interval))}]"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if value >= 0.1 else f"{value:.0g}"


def _count(number: int) -> str:
    """A number of parameters in three digits: 180 k.

    >>> [_count(n) for n in (578, 12_345, 180_338, 2_500_000)]
    ['578', '12.3k', '180k', '2.5M']
    """
    for size, letter in ((MILLION, "M"), (THOUSAND, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return str(number)


# -- claims ---------------------------------------------------------------------------------------


def _claims(verdicts: Sequence[Verdict | JointVerdict]) -> list[str]:
    """How many claims hold, and those that do not."""
    if not verdicts:
        return []
    if deviation := verdicts[0].deviation:
        return [f"Claims: not judged ({deviation}: not the report's protocol)."]
    holding = sum(one.verdict == "holds" for one in verdicts)
    others = [one for one in verdicts if one.verdict != "holds"]
    count = f"Claims: {holding} of {len(verdicts)} hold."
    return [count, *(f"{one.verdict.capitalize()}: {one.claim.says}." for one in others)]
