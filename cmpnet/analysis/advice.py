"""Warnings about results, one sentence each, with what to do about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cmpnet.analysis.comparisons import ArmComparison, obstacle, remarks
from cmpnet.analysis.paired import min_pairs, repeats_needed, tested
from cmpnet.analysis.stats import find_outliers, spread
from cmpnet.results import ArmResults, Section

MAX_REPEATS = 1000  # the most to suggest: 3 hours of the smallest digit network on two cores


def advise(section: Section) -> list[str]:
    """Sentences about incomplete arms, outliers, and comparisons that are limited or impossible."""
    sentences = [s for arm in section.arms for s in (*_incomplete(arm), *_outliers(arm))]
    for index, reference in section.pairs:
        arm, other = section.arms[index], section.arms[reference]
        reason = obstacle(arm, other)
        if not other.ok():
            sentences.append(f"No arm is compared with {other.label}: no repeat succeeded.")
        elif reason and arm.ok():
            sentences.append(f"{arm.label} is not compared with {other.label}: {reason}.")
        elif not reason:
            sentences += remarks(arm, other)
    return [*sentences, *_undecided(section.comparisons)]


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
        f"{arm.label}: {len(arm.ok())} of {arm.wanted} repeats succeeded ({', '.join(reasons)}); "
        f"{'; '.join(advice)}."
    )


def _listed(items: Sequence[object]) -> str:
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return ", ".join(map(str, items[:5])) + more


def _outliers(arm: ArmResults) -> Iterator[str]:
    """A sentence if repeats deviate by more than the others' SD, or sampling, explains."""
    ok, errors = arm.ok(), arm.test_errors()
    parts = spread(errors, [r.test_samples for r in ok])
    min_sd = max(parts.sampling, 1 / ok[0].test_samples) if parts else 0.0
    outliers = find_outliers(errors, min_sd)
    if outliers:
        seeds = _listed([f"{ok[index].seed} ({100 * errors[index]:.2f} %)" for index in outliers])
        yield (
            f"{arm.label}: far from the other repeats: seed {seeds}; an outlier counts like any "
            "repeat but shifts mean and SD: inspect it with 'cmpnet plot box' and run more seeds."
        )


def _undecided(rows: Sequence[ArmComparison]) -> Iterator[str]:
    """How many repeats would decide a comparison that was tested but is not significant.

    A note under the table names the comparisons with too few pairs for any test.
    """
    count = tested(row.comparison for row in rows)
    for row in rows:
        result = row.comparison
        if result.significant or result.n < min_pairs(count) or result.difference is None:
            continue
        names = f"{row.arm} and {row.reference}"
        if not result.difference or not result.effect_size:
            yield f"{names} have the same mean error over {result.n} repeats."
            continue
        needed = repeats_needed(result.effect_size, len(rows))
        size = f"{100 * abs(result.difference):.2f} points"
        if needed > MAX_REPEATS:
            yield (
                f"{names} cannot be told apart: to detect a difference of {size} would take more "
                f"than {MAX_REPEATS} repeats; treat them as equal, or compare other arms."
            )
            continue
        yield (
            f"{names} cannot be told apart with {result.n} repeats; if the true difference is "
            f"{size}, --repeats {max(needed, result.n + 1)} would detect it in 80 % of benches."
        )
