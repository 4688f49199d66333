"""A suite as people read it: its arms and claims, and whether each claim holds."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cmpnet.analysis.claims import MEASURES, Verdict
from cmpnet.output.tables import headed, percent, reported_error
from cmpnet.suites import Suite


def suite_table(suite: Suite) -> Table:
    """The arms of a suite and what the report says of each; or the suites that it names."""
    if suite.suites:
        table = headed("suites", "Suite")
        for name in suite.suites:
            table.add_row(Text("every installed suite" if name == "*" else name, style="bold"))
        return table
    table = headed("arms", "Arm", "Reported train error %", "Reported test error %")
    for arm in suite.arms:
        figures = suite.reported.get(arm, {})
        train = percent(figures.get("train_error"))
        table.add_row(Text(arm, style="bold"), train, reported_error(figures))
    return table


def claims_table(suite: Suite) -> Table:
    """What a suite claims of its arms, and by which measure it is decided."""
    table = headed("claims", "Claim", "Decided by", "Source")
    for claim in suite.claims:
        measure = claim.measure.replace("_", " ")
        if claim.first_epochs is not None:
            measure += f", mean of the first {claim.first_epochs} epochs"
        if claim.within is None:
            said = f"{measure}: {claim.one} < {claim.other}"
        else:
            said = f"{measure}: {claim.one} = {claim.other}, within {claim.within:g}"
        table.add_row(claim.says, Text(said), claim.source)
    return table


def claim_lines(verdicts: Sequence[Verdict], repeats: int) -> list[str]:
    """One sentence a claim: whether it holds here, with the interval that decides it."""
    if not verdicts:
        return []
    return ["", "Claims, each with the 95 % interval that decides it"] + [
        f"  {_claim_line(verdict, repeats)}" for verdict in verdicts
    ]


def _claim_line(found: Verdict, repeats: int) -> str:
    claim, unit = found.claim, MEASURES[found.claim.measure]
    line = f"{claim.says}: {found.verdict}"
    if found.ci95 is None or found.difference is None:
        return f"{line}, for want of repeats (give --repeats 2 or more)"
    scale = 100 if unit == "points" else 1

    def shown(difference: float) -> str:
        return f"{scale * claim.told(difference):{'+' if claim.limit is None else ''}.2f}"

    low, high = found.ci95 if isinstance(claim.one, str) else found.ci95[::-1]
    line += f", {shown(found.difference)} {unit}".rstrip() + f" [{shown(low)}, {shown(high)}]"
    beside = []
    if claim.within is not None:
        beside.append(f"within {scale * claim.within:g}")
    elif claim.limit is not None:
        side = "below" if isinstance(claim.one, str) else "above"
        beside.append(f"{side} {scale * claim.limit:g}")
    if found.reported is not None:
        beside.append(f"the report: {shown(found.reported)}")
    if found.n < repeats:
        beside.append(f"{found.n} of {repeats} seeds")
    return line + (f" ({'; '.join(beside)})" if beside else "")
