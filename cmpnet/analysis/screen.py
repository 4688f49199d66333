"""Everything that one screen decides: the comparisons and claims of all its tables at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmpnet.analysis.claims import Claim, Drop, JointClaim, JointVerdict, Side, Verdict, judge
from cmpnet.analysis.comparisons import ArmComparison, margin_for, obstacle
from cmpnet.analysis.decide import Comparison, Direction, counted, decide
from cmpnet.analysis.measures import Contrast, Quantity, deciding, difference, sums_by_seed
from cmpnet.results import ArmResults, Section, same_repeats

_Key = tuple[Quantity, tuple[tuple[int, int], ...], float]  # numbers of arms with their weights


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
    verdicts: list[Verdict | JointVerdict]
    count: int = 0
    until_decided: bool = False

    @property
    def undecided(self) -> list[ArmComparison | Verdict]:
        """What more repeats may decide."""
        rows = [row for row in self.comparisons if row.decision == "undecided"]
        # A claim without any value is about times, or an arm of which no repeat succeeds.
        # A part of a joint claim matters only while another part does not refute the claim.
        claims = [verdict for verdict in self.verdicts if verdict.verdict == "not decided"]
        parts = [part for verdict in claims for part in verdict.parts]
        return [*rows, *(p for p in parts if p.verdict == "not decided" and p.comparison.n)]


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
            screen.ask(_versus(arm, reference), None)
        for claim in () if section.deviation else section.claims:
            for part in claim.parts:
                screen.ask(_contrast(part, _named(section)), part.direction)
    screen.decide(until_decided)
    return [
        Decisions(
            comparisons=[
                ArmComparison(
                    arm.label,
                    reference.label,
                    screen.answer(_versus(arm, reference)),
                    margin_for(reference, margin),
                    (arm.display, reference.display),
                    arm.metric,
                    sums_by_seed(_versus(arm, reference)),
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


def _versus(arm: ArmResults, reference: ArmResults) -> Contrast:
    """What decides about an arm minus that of another."""
    return Contrast(deciding(arm), ((1, arm), (-1, reference)))


def _contrast(claim: Claim, named: Mapping[str, ArmResults]) -> Contrast:
    """One minus other."""
    terms, constant = _terms(claim.one, named)
    others, other_constant = _terms(claim.other, named)
    minus = [(-weight, arm) for weight, arm in others]
    return Contrast(claim.quantity, (*terms, *minus), other_constant - constant)


def _terms(
    side: Side, named: Mapping[str, ArmResults]
) -> tuple[list[tuple[int, ArmResults]], float]:
    """The arms of a side with their weights, and its number."""
    if isinstance(side, Drop):
        return [(1, named[side.start]), (-1, named[side.end])], 0.0
    return ([(1, named[side])], 0.0) if isinstance(side, str) else ([], float(side))


def _verdict(
    screen: _Screen, claim: Claim | JointClaim, section: Section
) -> Verdict | JointVerdict:
    if isinstance(claim, JointClaim):
        parts = tuple(_part_verdict(screen, part, section) for part in claim.parts)
        return JointVerdict(claim, parts, section.deviation)
    return _part_verdict(screen, claim, section)


def _part_verdict(screen: _Screen, claim: Claim, section: Section) -> Verdict:
    named = _named(section)
    if section.deviation:
        return judge(claim, named, Comparison(0), section.deviation)
    return judge(claim, named, screen.answer(_contrast(claim, named)))


class _Screen:
    """The differences that a screen decides, each once."""

    def __init__(self) -> None:
        self._arms: list[ArmResults] = []
        self._claimed: dict[_Key, set[Direction]] = {}
        self._answers: dict[_Key, Comparison] = {}
        self._until_decided = False

    def ask(self, contrast: Contrast, claimed: Direction | None) -> None:
        """Note that the screen decides a contrast, and the direction that is claimed."""
        key, is_reversed = self._key(contrast)
        if claimed and is_reversed:
            claimed = "higher" if claimed == "lower" else "lower"
        self._claimed.setdefault(key, set()).update({claimed} if claimed else ())

    def decide(self, until_decided: bool) -> None:
        """Decide all contrasts at once."""
        self._until_decided, differences = until_decided, []
        for (quantity, weights, constant), directions in self._claimed.items():
            claimed = next(iter(directions)) if len(directions) == 1 else None
            terms = tuple((weight, self._arms[number]) for number, weight in weights)
            differences.append(difference(Contrast(quantity, terms, constant), claimed))
        answers = decide(differences, until_decided=until_decided)
        self._answers = dict(zip(self._claimed, answers, strict=True))

    @property
    def count(self) -> int:
        """Number of differences that share the error probability."""
        repeats = [answer.n for answer in self._answers.values()]
        return counted(repeats, until_decided=self._until_decided)

    def answer(self, contrast: Contrast) -> Comparison:
        """The statistics of a contrast."""
        key, is_reversed = self._key(contrast)
        return self._answers[key].reversed() if is_reversed else self._answers[key]

    def _key(self, contrast: Contrast) -> tuple[_Key, bool]:
        """The contrast with the first arm's weight above 0, whichever way round it is asked for."""
        weights: dict[int, int] = {}
        for weight, arm in contrast.terms:
            number = self._number(arm)
            weights[number] = weights.get(number, 0) + weight
        ordered = [(n, weight) for n, weight in sorted(weights.items()) if weight]
        ordered, constant = ordered or sorted(weights.items()), contrast.constant
        is_reversed = next((w for _, w in ordered if w), 1) < 0
        if is_reversed:
            ordered, constant = [(n, -weight) for n, weight in ordered], -constant
        return (contrast.quantity, tuple(ordered), constant + 0.0), is_reversed  # -0.0 is 0.0

    def _number(self, arm: ArmResults) -> int:
        for number, other in enumerate(self._arms):
            if same_repeats(arm, other):
                return number
        self._arms.append(arm)
        return len(self._arms) - 1
