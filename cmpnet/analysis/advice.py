"""Warnings about results, one sentence each, with what to do about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cmpnet.analysis.comparisons import obstacle, remarks
from cmpnet.analysis.decide import looks, repeats_needed
from cmpnet.analysis.rates import spread_of
from cmpnet.analysis.screen import Decisions
from cmpnet.analysis.stats import find_outliers
from cmpnet.results import ArmResults, Results
from cmpnet.scales import PERCENT, scale_of, scale_of_arms

MAX_REPEATS = 1000  # the most to suggest: 3 hours of the smallest digit network on two cores


def advise(results: Results, *, undecided: bool = True) -> list[str]:
    """Sentences about incomplete arms, outliers, and comparisons that are limited or impossible.

    Args:
        results: the results.
        undecided: say how many repeats would decide each undecided comparison.
    """
    sentences = []
    for section, decisions in zip(results.sections, results.decisions, strict=True):
        for arm in section.arms:
            sentences += [*_incomplete(arm), *_outliers(arm)]
        for index, reference in section.pairs:
            sentences += _limits(section.arms[index], section.arms[reference])
        sentences += _undecided(decisions) if undecided else []
    return sentences


def _limits(arm: ArmResults, other: ArmResults) -> list[str]:
    """Why two arms are not compared, or what differs between them."""
    if not other.ok():
        return [f"No arm is compared with {other.display}: no repeat succeeded."]
    if reason := obstacle(arm, other):
        return (
            [f"{arm.display} is not compared with {other.display}: {reason}."] if arm.ok() else []
        )
    return remarks(arm, other)


def _incomplete(arm: ArmResults) -> Iterator[str]:
    """A sentence if repeats diverged, failed or were not trained."""
    seeds = {
        status: [r.seed for _, r in sorted(arm.repeats.items()) if r.status == status]
        for status in ("diverged", "failed")
    }
    missing = arm.wanted - len(arm.repeats)
    reasons = [f"seed {_listed(own)} {status}" for status, own in seeds.items() if own]
    reasons += [f"{missing} not trained"] if missing > 0 else []
    if not reasons:
        return
    advice = []
    if seeds["diverged"]:
        biased = "; the mean covers only the seeds that converged" if arm.ok() else ""
        advice.append(f"a smaller --lr may prevent divergence{biased}")
    if seeds["failed"] or missing > 0:
        advice.append("rerun the same command to train what failed or is missing")
    yield (
        f"{arm.display}: {len(arm.ok())} of {arm.wanted} repeats succeeded ({', '.join(reasons)}); "
        f"{'; '.join(advice)}."
    )


def _listed(items: Sequence[object]) -> str:
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return ", ".join(map(str, items[:5])) + more


def _outliers(arm: ArmResults) -> Iterator[str]:
    """A sentence if repeats deviate by more than the others' SD, or sampling, explains."""
    ok, values, scale = arm.ok(), arm.values(), scale_of_arms([arm])
    unit = " %" if scale.metric.unit == PERCENT else ""
    parts = spread_of(arm)
    min_sd = max(parts.sampling, 1 / ok[0].test_samples) if parts else 0.0
    outliers = find_outliers(values, min_sd)
    if outliers:
        shown = [f"{ok[index].seed} ({scale.number(values[index])}{unit})" for index in outliers]
        seeds = _listed(shown)
        yield (
            f"{arm.display}: far from the other repeats: seed {seeds}; an outlier counts like any "
            "repeat but shifts mean and SD: inspect it with 'cmpnet plot box' and run more seeds."
        )


def _undecided(decisions: Decisions) -> Iterator[str]:
    """How many repeats might decide a comparison.

    A note under the table names the comparisons with too few repeats for any decision.
    """
    for row in decisions.comparisons:
        result = row.comparison
        if row.decision != "undecided" or result.interval is None:
            continue
        names = " and ".join(row.names)
        if not result.effect_size:
            name = row.metric.shown
            yield f"{names} have the same mean {name} over {result.n} repeats."
            continue
        needed = max(repeats_needed(result.effect_size, decisions.count), result.n + 1)
        scale = scale_of(row.metric, [difference := abs(result.difference or 0)])
        size = f"{scale.number(difference)} {scale.differences}".rstrip()
        expected = f"more than {MAX_REPEATS}" if needed > MAX_REPEATS else f"about {needed}"
        yield (
            f"{names} are neither told apart nor shown to be equivalent by {result.n} repeats; a "
            f"true difference of {size} would take {expected}. {_more(decisions, result.n)}"
        )


def _more(decisions: Decisions, repeats: int) -> str:
    """How to train more without more false alarms."""
    if not decisions.until_decided:
        return "Train more with --until-decided, which keeps the rate of false alarms."
    following = next(n for n, _ in looks(10 * repeats + 10) if n > repeats)
    return f"The next look is after {following} repeats: --max-repeats {following}, or more."
