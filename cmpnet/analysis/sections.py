"""Sections: what a bench prints under one title each, though all their arms train as one bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cmpnet.analysis.claims import Claim, Verdict, decide
from cmpnet.arms import matches
from cmpnet.spec import Arm

if TYPE_CHECKING:  # they import numpy, which a listing of suites does without
    from cmpnet.analysis.comparisons import AgainstReference
    from cmpnet.bench import ArmResults
    from cmpnet.registry import Registry

Figures = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Section:
    """Arms with the figures reported of each, and claims, which call them by their ``texts``.

    ``reference`` is the place of the arm that the others are compared with.
    """

    title: str
    arms: Sequence[Arm]
    figures: Sequence[Figures]
    suite: str = ""
    texts: Sequence[str] = ()
    claims: Sequence[Claim] = ()
    reference: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A section's results under its own labels, and what follows from them.

    ``places`` are its arms' numbers in the bench, ``pairs`` the places in ``results`` of arms and
    of what each is compared with.
    """

    section: Section
    places: Sequence[int]
    results: Sequence[ArmResults]
    pairs: Sequence[tuple[int, int]]
    comparisons: Sequence[AgainstReference]
    verdicts: Sequence[Verdict]


def _place(arm: Arm, arms: Sequence[Arm]) -> int | None:
    same = (n for n, other in enumerate(arms) if replace(arm, label="") == replace(other, label=""))
    return next(same, None)


def distinct(sections: Sequence[Section]) -> list[Arm]:
    """Every arm of the sections once, under its first label."""
    arms: list[Arm] = []
    for section in sections:
        arms += [arm for arm in section.arms if _place(arm, arms) is None]
    return arms


def referring(sections: Sequence[Section], name: str) -> list[Section]:
    """The sections, compared with the arm that a name means; those without it with their first.

    Raises:
        CmpnetError: no section has it, or one has several that the name could mean.
    """
    from cmpnet.analysis.comparisons import reference_place

    labels = [[arm.label for arm in section.arms] for section in sections]
    having = [any(matches(label, name) for label in own) for own in labels]
    if not any(having):
        reference_place([label for own in labels for label in own], name)
    return [
        replace(section, reference=reference_place(own, name)) if has else section
        for section, own, has in zip(sections, labels, having, strict=True)
    ]


def outcomes(
    registry: Registry, sections: Sequence[Section], results: Sequence[ArmResults]
) -> list[Outcome]:
    """Each section with its part of the results of the arms that :func:`distinct` gave."""
    from cmpnet.analysis.comparisons import against, with_reference

    trained, found = [arm.arm for arm in results], []
    for section in sections:
        places = [n for arm in section.arms if (n := _place(arm, trained)) is not None]
        own = [replace(results[n], arm=arm) for n, arm in zip(places, section.arms, strict=True)]
        named = dict(zip(section.texts, own, strict=False))
        figures = dict(zip(section.texts, section.figures, strict=False))
        verdicts = [decide(claim, named, figures, registry) for claim in section.claims]
        compared = with_reference(len(own), section.reference)
        found.append(Outcome(section, places, own, compared, against(own, compared), verdicts))
    return found
