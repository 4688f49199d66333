"""Everything that one screen decides: the comparisons and claims of all its tables at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmpnet.analysis.claims import Claim, Verdict, judge
from cmpnet.analysis.comparisons import ArmComparison, margin_for, obstacle
from cmpnet.analysis.decide import Comparison, Direction, counted, decide
from cmpnet.analysis.measures import Quantity, deciding, difference
from cmpnet.results import ArmResults, Section, same_repeats

Side = ArmResults | float
_Key = tuple[Quantity, int, "int | float"]  # arm minus arm, by their numbers, or minus a float


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is decided about one table.

    Attributes:
        comparisons: each arm against its reference; pairs that cannot be compared are left out.
        verdicts: for each claim whether it holds here.
        count: number of differences that the whole screen decides.
        until_decided: whether the number of repeats depended on the results.
    """

    comparisons: list[ArmComparison]
    verdicts: list[Verdict]
    count: int = 0
    until_decided: bool = False

    @property
    def undecided(self) -> list[ArmComparison | Verdict]:
        """What more repeats may decide."""
        rows = [row for row in self.comparisons if row.decision == "undecided"]
        # A claim without any value is about times, or an arm of which no repeat succeeds.
        open_claims = [v for v in self.verdicts if v.verdict == "not decided" and v.comparison.n]
        return [*rows, *open_claims]


def decide_all(
    sections: Sequence[Section], *, margin: float | None, until_decided: bool
) -> list[Decisions]:
    """What is decided about each table. All of it shares one error probability of 5 %.

    A difference that several tables or claims are about is counted once.

    Args:
        sections: the tables.
        margin: a difference of errors within it counts as none; None for the default.
        until_decided: whether the number of repeats depended on the results.
    """
    screen = _Screen()
    for section in sections:
        for arm, reference in _pairs(section):
            screen.ask(deciding(arm), arm, reference, None)
        for claim in () if section.deviation else section.claims:
            screen.ask(claim.quantity, *_sides(claim, _named(section)), claim.direction)
    screen.decide(until_decided)
    return [
        Decisions(
            comparisons=[
                ArmComparison(
                    arm.label,
                    reference.label,
                    screen.answer(deciding(arm), arm, reference),
                    margin_for(reference, margin),
                    arm.metric,
                )
                for arm, reference in _pairs(section)
            ],
            verdicts=[_verdict(screen, claim, section) for claim in section.claims],
            count=screen.count,
            until_decided=until_decided,
        )
        for section in sections
    ]


def _pairs(section: Section) -> list[tuple[ArmResults, ArmResults]]:
    """The arms that can be compared, each with its reference."""
    pairs = [(section.arms[arm], section.arms[other]) for arm, other in section.pairs]
    return [pair for pair in pairs if obstacle(*pair) is None]


def _named(section: Section) -> dict[str, ArmResults]:
    """The arms by the names that claims have for them."""
    return {arm.label: arm for arm in section.arms}


def _sides(claim: Claim, named: Mapping[str, ArmResults]) -> tuple[Side, Side]:
    one, other = (
        named[side] if isinstance(side, str) else float(side) for side in (claim.one, claim.other)
    )
    return one, other


def _verdict(screen: _Screen, claim: Claim, section: Section) -> Verdict:
    named = _named(section)
    if section.deviation:
        return judge(claim, named, Comparison(0), section.deviation)
    return judge(claim, named, screen.answer(claim.quantity, *_sides(claim, named)))


class _Screen:
    """The differences that a screen decides, each once."""

    def __init__(self) -> None:
        self._arms: list[ArmResults] = []
        self._claimed: dict[_Key, set[Direction]] = {}
        self._answers: dict[_Key, Comparison] = {}
        self._until_decided = False

    def ask(self, quantity: Quantity, one: Side, other: Side, claimed: Direction | None) -> None:
        """Note that the screen decides one minus other, and the direction that is claimed."""
        key, is_reversed = self._key(quantity, one, other)
        if claimed and is_reversed:
            claimed = "higher" if claimed == "lower" else "lower"
        self._claimed.setdefault(key, set()).update({claimed} if claimed else ())

    def decide(self, until_decided: bool) -> None:
        """Decide all differences at once."""
        self._until_decided, differences = until_decided, []
        for (quantity, arm, other), directions in self._claimed.items():
            claimed = next(iter(directions)) if len(directions) == 1 else None
            second = other if isinstance(other, float) else self._arms[other]
            differences.append(difference(quantity, self._arms[arm], second, claimed))
        answers = decide(differences, until_decided=until_decided)
        self._answers = dict(zip(self._claimed, answers, strict=True))

    @property
    def count(self) -> int:
        """Number of differences that share the error probability."""
        repeats = [answer.n for answer in self._answers.values()]
        return counted(repeats, until_decided=self._until_decided)

    def answer(self, quantity: Quantity, one: Side, other: Side) -> Comparison:
        """The statistics of one minus other."""
        key, is_reversed = self._key(quantity, one, other)
        return self._answers[key].reversed() if is_reversed else self._answers[key]

    def _key(self, quantity: Quantity, one: Side, other: Side) -> tuple[_Key, bool]:
        """The difference, whichever way round it is asked for."""
        if not isinstance(other, ArmResults):
            assert isinstance(one, ArmResults), "a claim about two numbers is refused"
            return (quantity, self._number(one), other), False
        if not isinstance(one, ArmResults):
            return (quantity, self._number(other), one), True
        first, second = self._number(one), self._number(other)
        return (quantity, min(first, second), max(first, second)), first > second

    def _number(self, arm: ArmResults) -> int:
        for number, other in enumerate(self._arms):
            if same_repeats(arm, other):
                return number
        self._arms.append(arm)
        return len(self._arms) - 1
