"""What a report claims of its arms, and whether it holds here.

A claim compares one measure of two arms, paired by seed, or of an arm and a number. It says that
its subject is lower or higher than the other side, or that both are the same within a margin. The
interval of the difference decides it (:mod:`cmpnet.analysis.decide`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cmpnet.analysis.decide import Comparison, Direction, Interval
from cmpnet.analysis.measures import Quantity
from cmpnet.results import ArmResults
from cmpnet.spec import Measure

Side = str | float  # an arm as its suite writes it, or a number
Relation = Literal["lower", "higher", "same"]
Outcome = Literal["holds", "does not hold", "not decided", "not judged"]


@dataclass(frozen=True, slots=True)
class Claim:
    """``one`` is lower or higher than ``other``, or both are the same within a margin.

    Attributes:
        says: the claim in words, whose subject is ``one``.
        one: an arm as its suite writes it, or a number.
        other: what it is compared with; at least one side is an arm.
        relation: what is claimed of ``one``.
        within: the margin. Both sides are the same within it; or ``one`` is lower, or higher by no
            more than the margin ("is no higher").
        relative: whether the margin is a share of the other side's mean.
        measure: name of the measure that is compared.
        first_epochs: compare the mean over this many first epochs, instead of the value of the
            finished repeat.
        source: report and section that make the claim.
    """

    says: str
    one: Side
    other: Side
    relation: Relation = "lower"
    within: float = 0.0
    relative: bool = False
    measure: str = "test_error"
    first_epochs: int | None = None
    source: str = ""

    @property
    def arms(self) -> list[str]:
        """The arms it is about, as its suite writes them."""
        return [side for side in (self.one, self.other) if isinstance(side, str)]

    @property
    def limit(self) -> float | None:
        """The number that an arm is compared with; None if both sides are arms."""
        return next((s for s in (self.one, self.other) if not isinstance(s, str)), None)

    @property
    def quantity(self) -> Quantity:
        """What is compared."""
        return Quantity(self.measure, self.first_epochs)

    @property
    def direction(self) -> Direction | None:
        """Where one minus other lies if the claim holds; None if both sides are the same."""
        return None if self.relation == "same" else self.relation

    @property
    def formula(self) -> str:
        """The claim in symbols: ``ws < baseline``, ``ws > 0``, ``a = b, within 10 %``."""
        one, other = (s if isinstance(s, str) else f"{s:g}" for s in (self.one, self.other))
        sign = {"lower": "<", "higher": ">", "same": "="}[self.relation]
        margin = f"{100 * self.within:g} %" if self.relative else f"{self.within:g}"
        return f"{one} {sign} {other}" + (f", within {margin}" if self.within else "")

    def renamed(self, names: Mapping[str, str]) -> Claim:
        """The claim with other names for its arms."""
        one, other = (names[s] if isinstance(s, str) else s for s in (self.one, self.other))
        return replace(self, one=one, other=other)

    def displayed_value(self, difference: float) -> float:
        """What to show for one minus other: if a side is a number, the value of the arm itself."""
        if self.limit is None:
            return difference
        return difference + self.limit if isinstance(self.one, str) else self.limit - difference


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim holds for some results.

    Attributes:
        claim: the claim.
        measure: the measure that its ``measure`` names.
        comparison: the statistics of one minus other.
        margin: the margin in the unit of the measure.
        reported: one minus other in the report's own figures; None unless it gives both.
        deviation: how the protocol differs from that of the claim's suite; then it is not judged.
    """

    claim: Claim
    measure: Measure
    comparison: Comparison
    margin: float = 0.0
    reported: float | None = None
    deviation: str = ""

    @property
    def verdict(self) -> Outcome:
        """Whether the claim holds: whether the whole interval says so."""
        if self.deviation:
            return "not judged"
        return _outcome(self.comparison.interval, self.claim.relation, self.margin)


def _outcome(interval: Interval | None, relation: Relation, margin: float) -> Outcome:
    """What an interval says of a claim.

    >>> [_outcome(i, "lower", 0) for i in ((-3, -1), (-3, 1), (1, 3))]
    ['holds', 'not decided', 'does not hold']
    >>> [_outcome(i, "higher", 2) for i in ((-1, 3), (-3, 1), (-4, -3))]
    ['holds', 'not decided', 'does not hold']
    >>> [_outcome(i, "same", 2) for i in ((-1, 1), (-1, 3), (3, 4))]
    ['holds', 'not decided', 'does not hold']
    """
    if interval is None:
        return "not decided"
    low, high = interval
    below, above = high < margin, low > -margin  # lower or higher, except by the margin
    not_below, not_above = low > margin, high < -margin
    if relation == "same":
        holds, fails = below and above, not_below or not_above
    else:
        holds, fails = (below, not_below) if relation == "lower" else (above, not_above)
    return "holds" if holds else "does not hold" if fails else "not decided"


def judge(
    claim: Claim, arms: Mapping[str, ArmResults], comparison: Comparison, deviation: str = ""
) -> Verdict:
    """The verdict on a claim.

    Args:
        claim: the claim.
        arms: results by the name that the claim uses for each arm.
        comparison: the statistics of one minus other.
        deviation: how the protocol differs from that of the claim's suite.
    """
    quantity = claim.quantity
    reported = [
        quantity.reported(arms[side]) if isinstance(side, str) else side
        for side in (claim.one, claim.other)
    ]
    margin = claim.within
    if claim.relative:
        other = arms[claim.other] if isinstance(claim.other, str) else None
        values = list(quantity.values(other).values()) if other else [abs(float(claim.other))]
        margin *= abs(sum(values) / len(values)) if values else 0.0
    return Verdict(
        claim=claim,
        measure=quantity.of(arms[claim.arms[0]]),
        comparison=comparison,
        margin=margin,
        reported=None if None in reported else reported[0] - reported[1],  # type: ignore[operator]
        deviation=deviation,
    )
