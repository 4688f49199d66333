"""From the TOML of a suite to a :class:`Suite`: every fault is a sentence with its file and key."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cmpnet.analysis.claims import MEASURES, Claim, Side
from cmpnet.errors import suite_errors


@dataclass(frozen=True, slots=True)
class Suite:
    """The arms of a bench as a user would type them, what is reported of each, and what is claimed.

    A suite of suites has names in ``suites`` instead of arms; "*" is every installed suite.
    ``where`` is how an error calls it; empty for arms typed by hand.
    """

    name: str = ""
    title: str = ""
    source: str = ""
    arms: tuple[str, ...] = ()
    reported: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    suites: tuple[str, ...] = ()
    where: str = ""


class Kind(NamedTuple):
    """What a value must be, in words and as a check."""

    words: str
    fits: Callable[[Any], bool]


def _number(value: Any, low: float = 0, high: float = sys.float_info.max) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


TEXT = Kind(
    "text of one line",
    lambda value: isinstance(value, str) and bool(value.strip()) and value.isprintable(),
)
TEXTS = Kind(
    "a list of names", lambda value: isinstance(value, list) and all(map(TEXT.fits, value))
)
TABLE = Kind("a table", lambda value: isinstance(value, dict))
TABLES = Kind(
    "one or more tables in [[double brackets]]",
    lambda value: isinstance(value, list) and bool(value) and all(map(TABLE.fits, value)),
)
SHARE = Kind("a number from 0 to 1", lambda value: _number(value, high=1))
NUMBER = Kind("a number of at least 0", _number)
COUNT = Kind("a whole number of at least 1", lambda value: type(value) is int and value >= 1)
RANGE = Kind(
    "two numbers from 0 to 1, the smaller first",
    lambda value: (
        isinstance(value, list)
        and len(value) == 2
        and all(map(SHARE.fits, value))
        and value[0] <= value[1]
    ),
)
SIDE = Kind(
    "one of its arms or a number",
    lambda value: TEXT.fits(value) or _number(value, -sys.float_info.max),
)
MEASURE = Kind("one of " + ", ".join(MEASURES), lambda value: value in list(MEASURES))

FIGURES = {
    "train_error": SHARE,
    "train_sd_count": NUMBER,
    "test_error": SHARE,
    "test_sd_count": NUMBER,
    "test_error_range": RANGE,
    "repeats": COUNT,
}


class _Table:
    """One table of a file, whose keys are taken one by one; what is left over is unknown."""

    def __init__(self, where: str, name: str, content: Mapping[str, Any]) -> None:
        self.where, self.name, self.content = where, name, content
        self.known: list[str] = []

    def at(self, key: str) -> str:
        """How an error calls a key of this table."""
        return f"{self.name} {key}".strip()

    def take(self, key: str, kind: Kind) -> Any:
        """The value of a key, None where it is not there."""
        self.known.append(key)
        value = self.content.get(key)
        if key in self.content and not kind.fits(value):
            raise suite_errors.wrong(self.where, self.at(key), value, kind.words)
        return value

    def need(self, key: str, kind: Kind) -> Any:
        """The value of a key that must be there."""
        if key not in self.content:
            raise suite_errors.missing(self.where, self.at(key), kind.words)
        return self.take(key, kind)

    def tables(self, key: str) -> list[_Table]:
        """The tables [[key]], numbered from 1."""
        rows = enumerate(self.take(key, TABLES) or [], 1)
        return [_Table(self.where, f"{key} {number}:", content) for number, content in rows]

    def end(self) -> None:
        """Refuse what was not taken."""
        for key in self.content:
            if key not in self.known:
                raise suite_errors.unknown(self.where, self.at(key), key, self.known)


def read(text: str, name: str, where: str) -> Suite:
    """The suite that a TOML text describes; whether its arms exist is not looked up here.

    Raises:
        CmpnetError: it is not TOML, or a key is missing, unknown or wrong.
    """
    try:
        top = _Table(where, "", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise suite_errors.no_toml(where, error) from None
    title, source = top.need("title", TEXT), top.take("source", TEXT) or ""
    suites = tuple(top.take("suites", TEXTS) or ())
    if not suites:
        top.need("arm", TABLES)
    elif "arm" in top.content:
        raise suite_errors.bad_suite(where, "arm", "stands beside suites; only one of them can")
    rows = top.tables("arm")
    arms = tuple(row.need("arm", TEXT) for row in rows)
    reported = {arm: _figures(row) for arm, row in zip(arms, rows, strict=True)}
    claims = tuple(_claim(row, arms) for row in top.tables("claim"))
    top.end()
    known = {arm: figures for arm, figures in reported.items() if figures}
    return Suite(name, title, source, arms, known, claims, suites, where)


def _figures(row: _Table) -> Mapping[str, Any]:
    """What an arm's table says is reported of it."""
    found = _Table(row.where, f"{row.name} reported", row.take("reported", TABLE) or {})
    figures = {key: found.take(key, kind) for key, kind in FIGURES.items()}
    found.end()
    row.end()
    return {key: value for key, value in figures.items() if value is not None}


def _claim(row: _Table, arms: tuple[str, ...]) -> Claim:
    """``lower`` and ``than``, or ``same`` and ``as`` with ``within``."""
    says = row.need("says", TEXT)
    same = "same" in row.content
    keys = ("same", "as") if same else ("lower", "than")
    sides: list[Side] = [row.need(key, SIDE) for key in keys]
    for key, side in zip(keys, sides, strict=True):
        if isinstance(side, str) and side not in arms:
            raise suite_errors.unknown(row.where, f"{row.at(key)} '{side}'", side, arms)
    if not any(isinstance(side, str) for side in sides):
        raise suite_errors.wrong(row.where, row.at(keys[0]), sides[0], "an arm, or the other is")
    claim = Claim(
        says=says,
        one=sides[0],
        other=sides[1],
        within=row.need("within", NUMBER) if same else None,
        measure=row.take("measure", MEASURE) or "test_error",
        first_epochs=row.take("first_epochs", COUNT),
        source=row.take("source", TEXT) or "",
    )
    if claim.first_epochs is not None and claim.measure in ("seconds", "border"):
        at = row.at("first_epochs")
        raise suite_errors.bad_suite(row.where, at, f"does not go with measure {claim.measure}")
    row.end()
    return claim
