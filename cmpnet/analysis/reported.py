"""Measured figures beside those that a report gives of the same training."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cmpnet.analysis.decide import Interval
from cmpnet.analysis.stats import TAIL, summarise
from cmpnet.results import ArmResults
from cmpnet.spec import ERROR


@dataclass(frozen=True, slots=True)
class AgainstReport:
    """The mean test error of an arm minus the one that a report gives.

    Attributes:
        n: number of repeats of the report.
        difference: the difference, a fraction.
        ci95: its 95 % interval, of this difference alone.
    """

    n: int
    difference: float
    ci95: Interval


def against_report(arm: ArmResults) -> AgainstReport | None:
    """Whether the test error of an arm agrees with that of the report.

    The interval is Welch's for two independent means with unequal variances (Welch 1947,
    Biometrika 34, 28-35): t (s1^2 / n1 + s2^2 / n2)^(1/2), where t has

        (s1^2 / n1 + s2^2 / n2)^2 / ((s1^2 / n1)^2 / (n1 - 1) + (s2^2 / n2)^2 / (n2 - 1))

    degrees of freedom. The SD of a number of errors is divided by the arm's number of test samples,
    since the arm is trained and tested as the report says.

    Returns:
        None below two repeats, if the report does not give mean, SD and number of repeats, or if
        another metric than the error decides.
    """
    figures, summary = arm.reported or {}, summarise(arm.test_errors())
    sd, repeats = figures.get("test_error_sd"), figures.get("repeats", 0)
    if sd is None and "test_sd_count" in figures and arm.ok():
        sd = figures["test_sd_count"] / arm.ok()[0].test_samples
    if summary.sd is None or summary.mean is None or sd is None or repeats < 2:
        return None
    if "test_error" not in figures or arm.key.metric != ERROR:
        return None
    difference = summary.mean - figures["test_error"]
    own, theirs = summary.sd**2 / summary.n, sd**2 / repeats
    half = _reach(own, summary.n, theirs, repeats) if own + theirs else 0.0
    return AgainstReport(repeats, difference, (difference - half, difference + half))


def _reach(own: float, n: int, theirs: float, repeats: int) -> float:
    """Half the width of Welch's interval, from the variances of both means."""
    from scipy.special import stdtrit

    df = (own + theirs) ** 2 / (own**2 / (n - 1) + theirs**2 / (repeats - 1))
    return float(stdtrit(df, 1 - TAIL)) * math.sqrt(own + theirs)
