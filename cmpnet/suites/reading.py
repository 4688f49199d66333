"""From the TOML of a suite to a :class:`Suite`; an error names the file and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from cmpnet import errors
from cmpnet.analysis.claims import Claim, Relation
from cmpnet.decoding import decode
from cmpnet.results import Figures
from cmpnet.spec import Bounds, Line, Share

Side = Line | float
Amount = Annotated[float, Bounds(0)]
Margin = Amount | Line
Count = Annotated[int, Bounds(1)]
_ABSENT: Any = None  # value of an optional key that is missing, since TOML has no null


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite as its file describes it.

    Attributes:
        name: the registered name, or the file's name without its ending.
        title: title of its table.
        where: what error messages call it.
        source: report and section it comes from.
        arms: its arms as a user would type them.
        reported: the report's figures by arm.
        claims: what the report claims of the arms.
        suites: for a suite of suites, their names, and no arms; "*" is every installed suite.
    """

    name: str
    title: str
    where: str
    source: str = ""
    arms: tuple[str, ...] = ()
    reported: Mapping[str, Figures] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    suites: tuple[str, ...] = ()


def read(text: str, name: str, where: str) -> Suite:
    """The suite that a TOML text describes. Its arms and measures are not looked up.

    Args:
        text: the content of the file.
        name: name of the suite.
        where: what error messages call it.

    Raises:
        CmpnetError: the text is not TOML, or a key is missing, unknown or wrong.
    """
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.not_toml(where, error) from None
    try:
        file: _File = decode(_File, content, "it")
        arms = tuple(row.arm for row in file.arm)
        claims = [_claim(table, f"'claim' {n}", arms) for n, table in enumerate(file.claim, 1)]
    except ValueError as error:
        key, _, reason = str(error).removeprefix("it: ").partition(" ")
        raise errors.bad_suite(where, key, reason) from None
    rows = content.get("arm", [])
    reported = {row["arm"]: row["reported"] for row in rows if row.get("reported")}
    return Suite(
        name=name,
        title=file.title,
        where=where,
        source=file.source,
        arms=arms,
        reported=reported,
        claims=tuple(claims),
        suites=file.suites,
    )


# -- the tables of a file ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What a report says of an arm: errors as fractions, SDs as numbers of errors."""

    train_error: Share = _ABSENT
    train_sd_count: Amount = _ABSENT
    test_error: Share = _ABSENT
    test_sd_count: Amount = _ABSENT
    test_error_range: list[Share] = _ABSENT
    repeats: Count = _ABSENT

    def __post_init__(self) -> None:
        ends = self.test_error_range
        if ends is not None and (len(ends) != 2 or ends[0] > ends[1]):
            raise ValueError(f"'test_error_range' is {ends}; it must be two numbers in order")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    arm: Line
    reported: _Figures = _Figures()


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    title: Line
    source: Line = ""
    arm: tuple[_Arm, ...] = ()
    claim: tuple[Mapping[str, Any], ...] = ()
    suites: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        if not self.arm and not self.suites:
            raise ValueError("it has no 'arm'; it must have one or more tables [[arm]]")
        if self.arm and self.suites:
            raise ValueError("it has both 'arm' and 'suites'; it must have one of them")


@dataclass(frozen=True, kw_only=True)
class _Claim:
    says: Line
    measure: Line = _ABSENT
    first_epochs: Count = _ABSENT
    source: Line = _ABSENT


@dataclass(frozen=True, kw_only=True)
class _Lower(_Claim):
    lower: Side
    than: Side
    within: Margin = _ABSENT


@dataclass(frozen=True, kw_only=True)
class _Higher(_Claim):
    higher: Side
    than: Side
    within: Margin = _ABSENT


@dataclass(frozen=True, kw_only=True)
class _Same(_Claim):
    same: Side
    as_: Side
    within: Margin


_RELATIONS: Mapping[Relation, tuple[type[_Claim], str]] = {
    "lower": (_Lower, "than"),
    "higher": (_Higher, "than"),
    "same": (_Same, "as"),
}
"""The relations of a claim: the table of each, and the key of its other side."""


def _claim(table: Mapping[str, Any], where: str, arms: tuple[str, ...]) -> Claim:
    """The claim of a table.

    Raises:
        ValueError: a key is missing, unknown or wrong.
    """
    relation = next((name for name in _RELATIONS if name in table), None)
    if relation is None:
        keys = ", ".join(f"'{name}'" for name in _RELATIONS)
        raise ValueError(f"{where} has none of {keys}; it must have one of them")
    kind, second = _RELATIONS[relation]
    decode(kind, table, where)
    others = {key: table[key] for key in table.keys() - {relation, second, "within"}}
    margin = table.get("within", 0.0)
    if is_share := isinstance(margin, str):
        margin = _share(margin, where)
    claim = Claim(
        one=table[relation],
        other=table[second],
        relation=relation,
        within=margin,
        relative=is_share,
        **others,
    )
    for side in claim.arms:
        if side not in arms:
            raise ValueError(
                f"{where} is about '{side}', which is not an arm of the suite."
                f"{errors.nearest(side, arms)} Its arms: {', '.join(arms)}"
            )
    if claim.one == claim.other:
        raise ValueError(f"{where} compares '{claim.one}' with itself")
    if claim.relative and claim.other == 0:
        raise ValueError(f"{where} has a margin relative to 0; 'within' must be a number")
    if claim.measure in ("test_error", "train_error") and not 0 <= (claim.limit or 0) <= 1:
        raise ValueError(f"{where} compares an error with {claim.limit:g}; it must be from 0 to 1")
    if not claim.arms:
        raise ValueError(f"{where} compares two numbers; '{relation}' or '{second}' must be an arm")
    return claim


def _share(text: str, where: str) -> float:
    """A margin relative to the other side: "10 %" is 0.1.

    Raises:
        ValueError: the text is not a percentage above 0.
    """
    number = text.strip().removesuffix("%").strip()
    try:
        share = float(number) / 100
    except ValueError:
        share = -1
    if not text.strip().endswith("%") or not 0 < share <= 10:
        raise ValueError(
            f"{where}: 'within' is {text!r}; it must be a number or, as \"10 %\", a share"
        )
    return share
