"""From the TOML of a suite to a :class:`ParsedSuite`; an error names the file and the key."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any

from cmpnet import errors
from cmpnet.analysis.claims import Claim, Drop, JointClaim, Relation, Side
from cmpnet.decoding import decode
from cmpnet.results import Figures
from cmpnet.spec import Bounds, Line, Share, Suite

Sides = Line | float | tuple[Line, ...]
Amount = Annotated[float, Bounds(0)]
Margin = Amount | Line
Count = Annotated[int, Bounds(1)]
_ABSENT: Any = None  # value of an optional key that is missing, since TOML has no null


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSuite:
    """A suite as its file describes it.

    Attributes:
        name: the registered name, or the file's name without its ending.
        title: title of its table.
        where: what error messages call it.
        source: report and section it comes from.
        arms: its arms as a user would type them.
        reported: the report's figures by arm.
        titles: what tables and pictures call an arm, by arm.
        claims: what the report claims of the arms.
        suites: for a suite of suites, their names, and no arms; "*" is every installed suite.
    """

    name: str
    title: str
    where: str
    source: str = ""
    arms: tuple[str, ...] = ()
    reported: Mapping[str, Figures] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Claim | JointClaim, ...] = ()
    suites: tuple[str, ...] = ()


def read(text: str, name: str, where: str) -> ParsedSuite:
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
    return parse(content, name, where)


def of_record(suite: Suite, where: str) -> ParsedSuite:
    """The suite that a record in a Python file describes.

    Raises:
        CmpnetError: a field is wrong.
    """
    given = {field.name: getattr(suite, field.name) for field in fields(_File)}
    content = {key: value for key, value in given.items() if value}
    if suite.arm and isinstance(suite.arm, list | tuple):
        content["arm"] = [{"arm": one} if isinstance(one, str) else one for one in suite.arm]
    return parse(content, suite.name, where)


def parse(content: Mapping[str, Any], name: str, where: str) -> ParsedSuite:
    """The suite of a TOML document.

    Raises:
        CmpnetError: a key is missing, unknown or wrong.
    """
    try:
        file: _File = decode(_File, content, "it")
        arms = tuple(row.arm for row in file.arm)
        claims = [_claim(table, f"'claim' {n}", arms) for n, table in enumerate(file.claim, 1)]
    except ValueError as error:
        key, _, reason = str(error).removeprefix("it: ").partition(" ")
        raise errors.bad_suite(where, key, reason) from None
    rows = content.get("arm", [])
    reported = {row["arm"]: row["reported"] for row in rows if row.get("reported")}
    return ParsedSuite(
        name=name,
        title=file.title,
        where=where,
        source=file.source,
        arms=arms,
        reported=reported,
        titles={row.arm: row.title for row in file.arm if row.title},
        claims=tuple(claims),
        suites=file.suites,
    )


# -- the tables of a file ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What a report says of an arm: errors and their SDs as fractions, or SDs of their counts."""

    train_error: Share = _ABSENT
    train_error_sd: Share = _ABSENT
    train_sd_count: Amount = _ABSENT
    test_error: Share = _ABSENT
    test_error_sd: Share = _ABSENT
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
    title: Line = _ABSENT
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
        names = [row.title or row.arm for row in self.arm]
        for row in self.arm:
            if row.title and names.count(row.title) > 1:
                raise ValueError(f"'arm' has the title '{row.title}' twice; titles must differ")


@dataclass(frozen=True, kw_only=True)
class _Claim:
    says: Line
    measure: Line = _ABSENT
    first_epochs: Count = _ABSENT
    source: Line = _ABSENT


@dataclass(frozen=True, kw_only=True)
class _Lower(_Claim):
    lower: Sides
    than: Sides
    within: Margin = _ABSENT


@dataclass(frozen=True, kw_only=True)
class _Higher(_Claim):
    higher: Sides
    than: Sides
    within: Margin = _ABSENT


@dataclass(frozen=True, kw_only=True)
class _Same(_Claim):
    same: Sides
    as_: Sides
    within: Margin


@dataclass(frozen=True, kw_only=True)
class _Order(_Claim):
    order: tuple[Line, ...]
    within: Margin = _ABSENT


@dataclass(frozen=True, kw_only=True)
class _Drop(_Claim):
    drop: tuple[Line, ...]
    above: float | tuple[Line, ...]
    within: Margin = _ABSENT


_FORMS: Mapping[str, tuple[type[_Claim], str, Relation]] = {
    "lower": (_Lower, "than", "lower"),
    "higher": (_Higher, "than", "higher"),
    "same": (_Same, "as", "same"),
    "order": (_Order, "", "lower"),
    "drop": (_Drop, "above", "higher"),
}
"""The forms of a claim: the table of each, the key of its other side, and the relation."""


def _claim(table: Mapping[str, Any], where: str, arms: tuple[str, ...]) -> Claim | JointClaim:
    """The claim of a table.

    Raises:
        ValueError: a key is missing, unknown or wrong.
    """
    form = next((name for name in _FORMS if name in table), None)
    if form is None:
        keys = ", ".join(f"'{name}'" for name in _FORMS)
        raise ValueError(f"{where} has none of {keys}; it must have one of them")
    kind, second, relation = _FORMS[form]
    decode(kind, table, where)
    margin = table.get("within", 0.0)
    if is_share := isinstance(margin, str):
        margin = _share(margin, where)
    about = {key: table[key] for key in ("measure", "first_epochs") if key in table}
    says, source = table["says"], table.get("source", "")
    parts = [
        Claim("", one, other, relation, margin, is_share, **about)
        for one, other in _pairs(form, table[form], table.get(second), where)
    ]
    for part in parts:
        _check(part, where, (form, second), arms)
    if len(parts) == 1:
        return replace(parts[0], says=says, source=source)
    return JointClaim(says, tuple(parts), source)


def _pairs(form: str, first: Any, second: Any, where: str) -> list[tuple[Side, Side]]:
    """The two sides of each part of a claim.

    Raises:
        ValueError: a list is too short or too long, or repeats an arm.
    """
    if form == "drop":
        return [(_drop(first, "drop", where), _drop(second, "above", where))]
    least = 2 if form == "order" else 1
    for key in (first, second):
        if isinstance(key, list) and (len(key) < least or len(set(key)) < len(key)):
            shown = "two or more" if least == 2 else "one or more"
            raise ValueError(f"{where} has the list {key}; it must name {shown} arms, each once")
    if form == "order":
        return [*itertools.pairwise(first)]
    return [*itertools.product(_listed(first), _listed(second))]


def _listed(sides: Any) -> Sequence[Side]:
    return sides if isinstance(sides, list) else [sides]


def _drop(side: Any, key: str, where: str) -> Side:
    if not isinstance(side, list):
        return float(side)
    if len(side) != 2 or side[0] == side[1]:
        raise ValueError(f"{where}: '{key}' is {side}; it must be two different arms")
    return Drop(*side)


def _check(claim: Claim, where: str, keys: tuple[str, str], arms: tuple[str, ...]) -> None:
    """
    Raises:
        ValueError: a claim, or a part of one, makes no sense for the arms of its suite.
    """
    for name in claim.arms:
        if name not in arms:
            raise ValueError(
                f"{where} is about '{name}', which is not an arm of the suite."
                f"{errors.nearest(name, arms)} Its arms: {', '.join(arms)}"
            )
    if claim.one == claim.other:
        raise ValueError(f"{where} compares '{claim.one}' with itself")
    if claim.relative and claim.other == 0:
        raise ValueError(f"{where} has a margin relative to 0; 'within' must be a number")
    lowest = -1 if isinstance(claim.one, Drop) else 0
    is_error = claim.measure in ("test_error", "train_error")
    if is_error and not lowest <= (claim.limit or 0) <= 1:
        raise ValueError(
            f"{where} compares an error with {claim.limit:g}; it must be from {lowest} to 1"
        )
    if not claim.arms:
        one, other = keys
        raise ValueError(f"{where} compares two numbers; '{one}' or '{other}' must be an arm")


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
