"""From results to the records that the backends draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cmpnet import errors, tuning
from cmpnet.analysis.comparisons import ArmComparison, obstacle
from cmpnet.errors import CmpnetError
from cmpnet.plots import OPTION_KINDS
from cmpnet.plots.cells import Grid
from cmpnet.plots.data import grids, lines, marks, rows, samples
from cmpnet.plots.data.marks import COSTS, Cost
from cmpnet.plots.pictures import Picture
from cmpnet.results import ArmResults
from cmpnet.spec import VALIDATION

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """The pictures of a kind.

    Attributes:
        pictures: what is drawn, from top to bottom.
        left_out: for each arm that has no such picture, the reason in a sentence.
        note: a sentence below the pictures, or "".
    """

    pictures: list[Picture]
    left_out: list[str] = field(default_factory=list)
    note: str = ""


def make(
    kind: str,
    arms: Sequence[ArmResults],
    *,
    train: bool,
    on: str | None,
    against: Cost,
    comparisons: Sequence[ArmComparison],
    margins: bool,
) -> Made:
    """The pictures of one kind; the arguments are those of :meth:`cmpnet.plots.Plot.of`.

    Raises:
        CmpnetError: no arm has such a picture.
    """
    if kind in OPTION_KINDS:
        return _against_option(arms, kind, on or VALIDATION)
    if on is not None:
        arms, _ = _split(arms, on, f"--on {on}")
    match kind:
        case "errors":
            return Made([lines.error_curves(arms, train=train)])
        case "compare" | "box":
            return Made([rows.rows(arms, train=train, boxes=kind == "box")])
        case "difference":
            return _differences(arms, comparisons, margins=margins)
        case "pareto":
            return _pareto(arms, against)
        case "history":
            return _of_each(marks.families(arms), lambda versions: [marks.history(versions)])
        case "confusion":
            made = _of_each(arms, _refusing(kind, grids.confusion))
            matrices = [picture for picture in made.pictures if isinstance(picture, Grid)]
            return Made([*grids.with_one_scale(matrices)], made.left_out)
        case "map":
            return _of_each(arms, _refusing(kind, lambda arm: [samples.plane(arm)]))
    return _of_each(arms, _refusing(kind, lambda arm: [samples.pairs(arm)]))


def _of_each(subjects: Sequence[T], pictures_of: Callable[[T], Sequence[Picture]]) -> Made:
    """The pictures of each subject that has them.

    Raises:
        CmpnetError: none has, for the first one's reason.
    """
    pictures: list[Picture] = []
    refusals: list[CmpnetError] = []
    for subject in subjects:
        try:
            pictures += pictures_of(subject)
        except CmpnetError as error:
            refusals.append(error)
    if refusals and not pictures:
        raise refusals[0]
    return Made(pictures, [str(refusal) for refusal in refusals])


def _refusing(
    kind: str, pictures_of: Callable[[ArmResults], Sequence[Picture]]
) -> Callable[[ArmResults], Sequence[Picture]]:
    """The same, which refuses an arm whose stored details are not what the picture needs."""

    def pictures(arm: ArmResults) -> Sequence[Picture]:
        try:
            return pictures_of(arm)
        except CmpnetError:  # which may be a ValueError
            raise
        except (ValueError, TypeError, LookupError):  # the details are a task's, or a file's
            reason = "the details stored with its repeats are not what the picture needs"
            raise errors.no_picture(kind, arm.label, reason) from None

    return pictures


def _against_option(arms: Sequence[ArmResults], option: str, on: str) -> Made:
    having = lines.arms_with_option(arms, option)
    arms, left_out = _split(having, on, f"--sweep {option}=0,0.25,0.5,0.75,1")
    return Made([lines.option_lines(arms, option)], left_out, tuning.caution(arms))


def _differences(
    arms: Sequence[ArmResults], comparisons: Sequence[ArmComparison], *, margins: bool
) -> Made:
    """
    Raises:
        CmpnetError: there is no comparison of these arms.
    """
    by_label = {arm.label: arm for arm in arms}
    shown = [row for row in comparisons if {row.arm, row.reference} <= by_label.keys()]
    if not shown:
        first, *others = arms
        reason = "there is no other arm to compare it with"
        if others:
            reason = obstacle(others[0], first) or reason
            raise errors.not_comparable(others[0].label, first.label, reason)
        raise errors.no_picture("difference", first.label, reason)
    compared = {label for row in shown for label in (row.arm, row.reference)}
    reference = by_label[shown[0].reference]
    reasons = {arm.display: obstacle(arm, reference) for arm in arms if arm.label not in compared}
    left_out = [f"{name}: {reason}." for name, reason in reasons.items() if reason]
    shown_arms = [by_label[label] for label in by_label if label in compared]
    return Made([rows.differences(shown, shown_arms, margins=margins)], left_out)


def _pareto(arms: Sequence[ArmResults], against: Cost) -> Made:
    """
    Raises:
        CmpnetError: no arm has a place.
    """
    if against not in COSTS:
        raise errors.bad_value(f"against is {against!r}; it must be 'parameters' or 'seconds'")
    reasons = [marks.unplaced(arm, against) for arm in arms]
    placed = [arm for arm, reason in zip(arms, reasons, strict=True) if not reason]
    if not placed:
        raise errors.no_picture("pareto", arms[0].label, reasons[0])
    picture, note = marks.pareto(placed, against)
    left_out = [f"{a.display}: {why}." for a, why in zip(arms, reasons, strict=True) if why]
    return Made([picture], left_out, note)


def _split(arms: Sequence[ArmResults], on: str, flags: str) -> tuple[list[ArmResults], list[str]]:
    """The arms measured on some samples, and a sentence about the others if there are any.

    Raises:
        CmpnetError: there are only others; ``flags`` of a bench would make some.
    """
    other = "test" if on == VALIDATION else VALIDATION
    shown, hidden = (tuning.measured_on(arms, one) for one in (on, other))
    labels = [arm.label for arm in hidden]
    if not shown:
        raise errors.none_measured_on(on, other, labels, flags)
    sentence = f"{', '.join(labels)}: measured on {other} samples; --on {other} shows them."
    return shown, [sentence] if hidden else []
