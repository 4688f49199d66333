"""The store of finished repeats."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cmpnet.errors.kinds import (
    CmpnetError,
    MissingFileError,
    UnknownNameError,
    UnreadableError,
    UnwritableError,
    UsageError,
    VersionError,
)
from cmpnet.errors.wording import listed, reason_of


def corrupt_store(path: Path, error: BaseException) -> CmpnetError:
    return UnreadableError(
        f"The store '{path}' cannot be read: {reason_of(error)}. It was not changed; move it away, "
        "or give another folder with --store."
    )


def stopped_store(path: Path, error: BaseException) -> CmpnetError:
    return UnwritableError(
        f"The store '{path}' can no longer be written: {reason_of(error)}. The repeats reported so "
        "far are stored; once it can be written, rerun the same command to resume."
    )


def replaced_store(path: Path) -> CmpnetError:
    return UnreadableError(
        f"The store '{path}' was moved, removed or truncated while it was in use. Put it back, "
        "then rerun the same command to resume."
    )


def foreign_store(path: Path) -> CmpnetError:
    return UnreadableError(
        f"'{path}' is the database of another program, not a store of cmpnet. It was not changed; "
        "give another folder with --store."
    )


def newer_store(path: Path, schema: int, supported: int) -> CmpnetError:
    return VersionError(
        f"The store '{path}' has schema {schema}; this cmpnet reads schemas up to {supported}. "
        "Upgrade cmpnet, or give another folder with --store."
    )


def bad_tag(tag: str) -> CmpnetError:
    return UsageError(
        f"The tag '{tag}' cannot be used; a tag is a word without blanks and commas. Give a note "
        "for a sentence."
    )


def run_in_progress(run: str) -> CmpnetError:
    return UsageError(
        f"Run {run} is in progress and may reuse repeats of other runs. Wait until it has ended, "
        "or stop it, then rerun the same command."
    )


def changed_store(path: Path) -> CmpnetError:
    return UnreadableError(
        f"Another process has changed the store '{path}' meanwhile. Nothing was removed; rerun the "
        "same command."
    )


def no_such_run(name: str, count: int) -> CmpnetError:
    runs = f"{count} run{'s' * (count != 1)}"
    return UnknownNameError(
        f"No run has an id that begins with '{name}'; 'cmpnet runs' lists the {runs} in the store."
    )


def filters_before_command(command: str) -> CmpnetError:
    return UsageError(
        f"--tag, --arm, --since and --json are options of 'cmpnet runs' itself, not of 'runs "
        f"{command}'; leave them out, or leave out '{command}'."
    )


def no_such_tag(run: str, tag: str, tags: Iterable[str]) -> CmpnetError:
    return UnknownNameError(f"Run {run} has no tag '{tag}'; its tags: {listed(tags)}.")


def needs_yes() -> CmpnetError:
    return UsageError(
        "Nothing was removed, since there is no terminal to ask on; give --yes to remove without "
        "being asked."
    )


def empty_store(folder: Path) -> CmpnetError:
    return MissingFileError(
        f"The store '{folder}' has no results; train something first, for example with "
        "'cmpnet bench', or give the folder of another store with --store."
    )
