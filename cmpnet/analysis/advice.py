"""What a reader of the tables should be warned of, and what to do: numbers to sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cmpnet.analysis.comparisons import AgainstReference, obstacle, remarks
from cmpnet.analysis.paired import fewest, repeats_needed, tested
from cmpnet.analysis.sections import Outcome
from cmpnet.analysis.stats import far_out, spread
from cmpnet.bench import ArmResults

MANY = 1000  # repeats that nobody waits for: 3 hours of the smallest digit network on two cores


def of_outcome(outcome: Outcome) -> list[str]:
    """Everything there is to say of the arms, of what was compared, and of what could not be."""
    results = outcome.results
    said = [sentence for arm in results for sentence in (*_incomplete(arm), *_outliers(arm))]
    for place, reference in outcome.pairs:
        arm, other = results[place], results[reference]
        reason = obstacle(arm, other)
        if not other.ok():
            said.append(f"Nothing is compared with {other.arm.label}: none of its repeats counts.")
        elif reason and arm.ok():
            said.append(f"{arm.arm.label} is not compared with {other.arm.label}: {reason}.")
        elif not reason:
            said += remarks(arm, other)
    return [*said, *_too_wide(outcome.comparisons)]


def _incomplete(arm: ArmResults) -> Iterator[str]:
    """An arm of which repeats diverged, failed, or were never trained."""
    ok, label = len(arm.ok()), arm.arm.label
    by = {
        status: [r.seed for _, r in sorted(arm.repeats.items()) if r.status == status]
        for status in ("diverged", "failed")
    }
    missing = arm.wanted - len(arm.repeats)
    reasons = [f"seed {_listed(seeds)} {status}" for status, seeds in by.items() if seeds]
    reasons += [f"{missing} not trained"] if missing > 0 else []
    if not reasons:
        return
    todo = []
    if by["diverged"]:
        mean = "; its mean is of the lucky seeds" if ok else ""
        todo.append(f"a smaller --lr may keep it from diverging{mean}")
    if by["failed"] or missing > 0:
        todo.append("the same bench again trains what failed or is missing")
    yield (
        f"{label}: {ok} of {arm.wanted} repeats count ({', '.join(reasons)}); {'; '.join(todo)}."
    )


def _listed(items: Sequence[object]) -> str:
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return ", ".join(map(str, items[:5])) + more


def _outliers(arm: ArmResults) -> Iterator[str]:
    """Repeats farther off than the others' SD, or sampling alone, makes likely."""
    ok = arm.ok()
    errors = arm.test_errors()
    parts = spread(errors, [r.test_samples for r in ok])
    least = max(parts.sampling, 1 / ok[0].test_samples) if parts else 0.0
    places = far_out(errors, least)
    if places:
        named = _listed([f"{ok[place].seed} ({100 * errors[place]:.2f} %)" for place in places])
        yield (
            f"{arm.arm.label}: far from the other repeats: seed {named}; such a repeat counts like "
            f"any, but moves mean and SD: look at it with 'cmpnet plot box', and bench more seeds."
        )


def _too_wide(rows: Sequence[AgainstReference]) -> Iterator[str]:
    """Differences that could be tested and may be chance: how many repeats would tell.

    What has too few pairs for any test is said under the table.
    """
    count = tested(row.comparison for row in rows)
    for row in rows:
        found = row.comparison
        if found.significant or found.n < fewest(count) or found.difference is None:
            continue
        names = f"{row.arm} and {row.reference}"
        if not found.difference or not found.effect_size:
            yield f"{names} have the same mean error over {found.n} repeats."
            continue
        needed = repeats_needed(found.effect_size, len(rows))
        size = f"{100 * abs(found.difference):.2f} points"
        if needed > MANY:
            yield (
                f"{names} cannot be told apart: to find a difference of {size} would take more "
                f"than {MANY} repeats; take them for equal, or compare others."
            )
            continue
        yield (
            f"{names} cannot be told apart by {found.n} repeats; if the difference really is "
            f"{size}, --repeats {max(needed, found.n + 1)} would find it in 80 % of benches."
        )
