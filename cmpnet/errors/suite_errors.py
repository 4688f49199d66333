"""What can be wrong with a suite: each a sentence that names its file and the key."""

from __future__ import annotations

from collections.abc import Iterable

from cmpnet.errors import CmpnetError, nearest


def bad_suite(where: str, key: str, reason: str) -> CmpnetError:
    """``where`` is the file or the plugin's suite, ``key`` what is wrong in it."""
    return CmpnetError(f"{where} cannot be used: {key} {reason.removesuffix('.')}.")


def missing(where: str, key: str, allowed: str) -> CmpnetError:
    """A key that must be there."""
    return bad_suite(where, key, f"is missing; it must be {allowed}")


def wrong(where: str, key: str, value: object, allowed: str) -> CmpnetError:
    """A value of another type, or out of its bounds."""
    return bad_suite(where, key, f"is {value!r}; it must be {allowed}")


def unknown(where: str, key: str, name: str, known: Iterable[str]) -> CmpnetError:
    """A key that means nothing, or an arm that is not there."""
    known = list(known)
    return bad_suite(where, key, f"is unknown.{nearest(name, known)} Known: {', '.join(known)}")


def no_toml(where: str, error: BaseException) -> CmpnetError:
    """A file that is no TOML at all."""
    return CmpnetError(f"{where} is not TOML: {error}; the README shows a suite file.")


def unreadable(path: str, error: BaseException) -> CmpnetError:
    """A file that is not there, not text, or not to be read."""
    reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
    return CmpnetError(
        f"The suite file '{path}' cannot be read: {reason}; --suite takes a .toml file "
        "or a name that 'cmpnet list suites' shows."
    )
