"""Every error message about sweeps, comparisons and the exports they may read.

As in ``errors``: what was given, what is allowed, what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable

from cmpnet.errors import CmpnetError, nearest


def bad_sweep(text: str) -> CmpnetError:
    return CmpnetError(
        f"'-L {text.replace('=', ' ', 1)}' is no sweep; write -L NAME VALUE,VALUE,..., "
        "such as -L alpha 0,0.5,1."
    )


def no_reference(name: str, found: Iterable[str], known: Iterable[str]) -> CmpnetError:
    found, known = list(found), list(known)
    if found:
        return CmpnetError(f"'{name}' means several arms: {', '.join(found)}; name one of them.")
    return CmpnetError(
        f"There is no arm '{name}' to compare with.{nearest(name, known)} Arms: {', '.join(known)}."
    )


def nothing_to_compare(names: Iterable[str]) -> CmpnetError:
    return CmpnetError(
        f"{' '.join(names)}: this is one and the same arm with the same repeats; name at least two "
        "arms, or runs that differ. 'cmpnet runs' lists the runs."
    )


def not_comparable(arm: str, reference: str, reason: str) -> CmpnetError:
    return CmpnetError(
        f"'{arm}' cannot be compared with '{reference}': {reason}; a comparison by seed needs the "
        "same task, data and seeds."
    )


def already_there(name: str) -> CmpnetError:
    return CmpnetError(
        f"'{name}' adds nothing: its arms, with the same repeats, are there already; to have it as "
        "the reference put it first, and name the arms to compare."
    )


def unreadable_export(path: str, reason: str) -> CmpnetError:
    return CmpnetError(
        f"'{path}' cannot be read: {reason}; give a file that cmpnet wrote with --export-json."
    )


def newer_export(path: str, found: object, known: int) -> CmpnetError:
    return CmpnetError(
        f"'{path}' has schema {found}; this cmpnet knows up to {known}: upgrade cmpnet."
    )
