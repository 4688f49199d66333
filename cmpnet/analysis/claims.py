"""What a report claims of its arms, and whether it holds here.

A claim compares one measure of two arms, paired by seed, or of an arm and a number. It says that
its subject is lower or higher than the other side, or that both are the same within a margin. A
side may also be the drop from one arm to another. The interval of the difference decides it
(:mod:`cmpnet.analysis.decide`). A joint claim has several such parts, all of which must hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cmpnet.analysis.decide import Comparison, Direction, Interval
from cmpnet.analysis.measures import Quantity
from cmpnet.results import ArmResults
from cmpnet.spec import Measure


@dataclass(frozen=True, slots=True)
class Drop:
    """By how much a measure falls from one arm to another.

    Attributes:
        start: an arm as its suite writes it.
        end: the arm whose value is subtracted.
    """

    start: str
    end: str

    def __str__(self) -> str:
        return f"({self.start} - {self.end})"


Side = str | float | Drop  # an arm as its suite writes it, a number, or a drop between two arms
Relation = Literal["lower", "higher", "same"]
Outcome = Literal["holds", "does not hold", "not decided", "not judged"]


@dataclass(frozen=True, slots=True)
class Claim:
    """``one`` is lower or higher than ``other``, or both are the same within a margin.

    Attributes:
        says: the claim in words, whose subject is ``one``; "" for a part of a joint claim.
        one: an arm as its suite writes it, a number, or a drop between two arms.
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
        return [arm for side in (self.one, self.other) for arm in arms_of(side)]

    @property
    def parts(self) -> tuple[Claim, ...]:
        """The claim itself: a joint claim has several."""
        return (self,)

    @property
    def limit(self) -> float | None:
        """The number that the other side is compared with; None if no side is a number."""
        return next((s for s in (self.one, self.other) if isinstance(s, int | float)), None)

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
        one, other = (
            f"{s:g}" if isinstance(s, int | float) else str(s) for s in (self.one, self.other)
        )
        sign = {"lower": "<", "higher": ">", "same": "="}[self.relation]
        margin = f"{100 * self.within:g} %" if self.relative else f"{self.within:g}"
        return f"{one} {sign} {other}" + (f", within {margin}" if self.within else "")

    def renamed(self, names: Mapping[str, str]) -> Claim:
        """The claim with other names for its arms."""
        one, other = (_renamed(side, names) for side in (self.one, self.other))
        return replace(self, one=one, other=other)

    def displayed_value(self, difference: float) -> float:
        """What to show for one minus other: if a side is a number, the value of the other side."""
        if self.limit is None:
            return difference
        is_first = isinstance(self.one, int | float)
        return self.limit - difference if is_first else difference + self.limit


@dataclass(frozen=True, slots=True)
class JointClaim:
    """Several claims in one sentence, which holds if all of them do.

    Attributes:
        says: the claim in words.
        parts: what has to hold, each about the same measure.
        source: report and section that make the claim.
    """

    says: str
    parts: tuple[Claim, ...]
    source: str = ""

    @property
    def arms(self) -> list[str]:
        """The arms it is about, as its suite writes them."""
        return [*dict.fromkeys(arm for part in self.parts for arm in part.arms)]

    @property
    def formula(self) -> str:
        """The claim in symbols: ``ws-aux < ws and ws < baseline``."""
        return " and ".join(part.formula for part in self.parts)

    def renamed(self, names: Mapping[str, str]) -> JointClaim:
        """The claim with other names for its arms."""
        return replace(self, parts=tuple(part.renamed(names) for part in self.parts))


def arms_of(side: Side) -> list[str]:
    """The arms of a side, as their suite writes them."""
    if isinstance(side, Drop):
        return [side.start, side.end]
    return [side] if isinstance(side, str) else []


def _renamed(side: Side, names: Mapping[str, str]) -> Side:
    if isinstance(side, Drop):
        return Drop(names[side.start], names[side.end])
    return names[side] if isinstance(side, str) else side


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
        formula: the claim in symbols, with what tables call the arms.
    """

    claim: Claim
    measure: Measure
    comparison: Comparison
    margin: float = 0.0
    reported: float | None = None
    deviation: str = ""
    formula: str = ""

    @property
    def parts(self) -> tuple[Verdict, ...]:
        """The verdict itself: that on a joint claim has several."""
        return (self,)

    @property
    def name(self) -> str:
        """The claim in words, or a part of a joint claim in symbols."""
        return self.claim.says or self.formula

    @property
    def verdict(self) -> Outcome:
        """Whether the claim holds: whether the whole interval says so."""
        if self.deviation:
            return "not judged"
        return _outcome(self.comparison.interval, self.claim.relation, self.margin)


@dataclass(frozen=True, slots=True)
class JointVerdict:
    """Whether a joint claim holds for some results.

    Attributes:
        claim: the claim.
        parts: the verdicts on its parts.
        deviation: how the protocol differs from that of the claim's suite; then it is not judged.
    """

    claim: JointClaim
    parts: tuple[Verdict, ...]
    deviation: str = ""

    @property
    def name(self) -> str:
        """The claim in words."""
        return self.claim.says

    @property
    def verdict(self) -> Outcome:
        """It holds if all parts hold, and does not hold if one does not."""
        outcomes = {part.verdict for part in self.parts}
        if len(outcomes) == 1:
            return outcomes.pop()
        return "does not hold" if "does not hold" in outcomes else "not decided"


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
    margin = claim.within
    if claim.relative:
        margin *= abs(_mean(quantity, claim.other, arms))
    reported = [_reported(quantity, side, arms) for side in (claim.one, claim.other)]
    return Verdict(
        claim=claim,
        measure=quantity.of(arms[claim.arms[0]]),
        comparison=comparison,
        margin=margin,
        reported=None if None in reported else reported[0] - reported[1],  # type: ignore[operator]
        deviation=deviation,
        formula=claim.renamed({name: arms[name].display for name in claim.arms}).formula,
    )


def _mean(quantity: Quantity, side: Side, arms: Mapping[str, ArmResults]) -> float:
    """The mean of a side over the repeats that all of its arms have; 0 without any."""
    if isinstance(side, int | float):
        return side
    values = [quantity.values(arms[name]) for name in arms_of(side)]
    seeds = values[0].keys() & values[-1].keys()
    if not seeds:
        return 0.0
    means = [sum(each[seed] for seed in sorted(seeds)) / len(seeds) for each in values]
    return means[0] - means[1] if len(means) == 2 else means[0]


def _reported(quantity: Quantity, side: Side, arms: Mapping[str, ArmResults]) -> float | None:
    """The report's own figure for a side; None unless it gives all of it."""
    if isinstance(side, int | float):
        return side
    figures = [quantity.reported(arms[name]) for name in arms_of(side)]
    if any(figure is None for figure in figures):
        return None
    return figures[0] - figures[1] if len(figures) == 2 else figures[0]  # type: ignore[operator]
