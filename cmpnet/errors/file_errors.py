"""Every error message about files that cmpnet writes: exports, stores, checkpoints.

As in ``errors``: what was given, what is allowed, what to do next.
"""

from __future__ import annotations

from pathlib import Path

from cmpnet.errors import CmpnetError


class UnwritableError(CmpnetError):
    """A file cannot be written; it may still be read."""


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return str(text) or type(error).__name__


def unwritable(path: Path | str, what: str, error: BaseException) -> UnwritableError:
    return UnwritableError(
        f"Cannot write the {what} '{path}': {_reason(error)}; "
        "give a path in a folder you can write."
    )


def corrupt_store(path: Path, error: BaseException) -> CmpnetError:
    return CmpnetError(
        f"The store '{path}' cannot be read: {_reason(error)}; it is left as it is: "
        "move it away, or give another folder with --store."
    )


def stopped_store(path: Path, error: BaseException) -> CmpnetError:
    return CmpnetError(
        f"Cannot write the store '{path}' any more: {_reason(error)}; what was reported is in it, "
        "and the same command goes on once it can be written."
    )


def replaced_store(path: Path) -> CmpnetError:
    return CmpnetError(
        f"The store '{path}' was moved, removed or cut while it was in use; put it back, and the "
        "same command goes on with what it lacks."
    )


def foreign_store(path: Path) -> CmpnetError:
    return CmpnetError(
        f"'{path}' is the database of another program, not a store of cmpnet; it is left as it is: "
        "give another folder with --store."
    )


def newer_store(path: Path, found: int, known: int) -> CmpnetError:
    return CmpnetError(
        f"The store '{path}' has schema {found}; this cmpnet knows up to {known}: "
        "upgrade cmpnet, or give another folder with --store."
    )


def empty_store(folder: Path) -> CmpnetError:
    return CmpnetError(
        f"The store '{folder}' has no results to draw; train something first, such as "
        "'cmpnet bench', or name the folder of another store with --store."
    )


# -- checkpoints ----------------------------------------------------------------------------------


def unreadable_checkpoint(path: Path, error: BaseException) -> CmpnetError:
    return CmpnetError(
        f"'{path}' cannot be read as a checkpoint: {_reason(error)}; give a file that "
        "'cmpnet train --save' wrote."
    )


def foreign_checkpoint(path: Path) -> CmpnetError:
    return CmpnetError(
        f"'{path}' has weights, but does not say of which net: it was not saved by cmpnet; give a "
        "file that 'cmpnet train --save' wrote."
    )


def other_checkpoint(path: Path, found: object, known: int) -> CmpnetError:
    return CmpnetError(
        f"The checkpoint '{path}' has schema {found}; this cmpnet reads {known}: "
        "use the version of cmpnet that saved it."
    )


def unfit_checkpoint(path: Path, reason: str) -> CmpnetError:
    return CmpnetError(f"The checkpoint '{path}' does not fit what is installed here: {reason}")
