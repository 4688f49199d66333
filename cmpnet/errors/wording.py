"""Phrases that messages share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cmpnet.errors.kinds import CmpnetError, MissingFileError, UnreadableError


def nearest(name: str, names: Iterable[str]) -> str:
    """The question " Did you mean 'x'?" with the most similar name; "" if none is similar."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""


def listed(names: Iterable[str], limit: int = 12) -> str:
    """The names in order, with commas; beyond the limit their number."""
    ordered = sorted(names)
    rest = f" and {len(ordered) - limit} more" if len(ordered) > limit else ""
    return (", ".join(ordered[:limit]) + rest) or "none"


def reason_of(error: object) -> str:
    """In one line: SQLite quotes the statement that it cannot read."""
    text = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return " ".join(text.split())


def text_of(error: BaseException) -> str:
    """The type and the message of an exception, which need not be able to tell it."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = "its message cannot be read"
    return f"{type(error).__name__}: {message}".removesuffix(": ")


def a_kind(value: object) -> str:
    """The type of a value with its article: "an int"."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def unreadable(error: object) -> type[CmpnetError]:
    """The kind of error for a file that cannot be read: it may not exist."""
    return MissingFileError if isinstance(error, FileNotFoundError) else UnreadableError
