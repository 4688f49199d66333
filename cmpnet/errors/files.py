"""Files that cannot be read or written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cmpnet.errors.kinds import CmpnetError, UnwritableError, UsageError, VersionError
from cmpnet.errors.wording import listed, reason_of, unreadable


def same_file(path: str, first: str, second: str) -> CmpnetError:
    return UsageError(
        f"{first} and {second} would both be written to '{path}'; give two different files."
    )


def overwriting(path: str, name: str, what: str) -> CmpnetError:
    return UsageError(f"The {name} would overwrite {what} '{path}'; give another file.")


def save_to_stdout() -> CmpnetError:
    return UsageError("--save takes a file, not '-': a checkpoint is binary.")


def bad_results_file(path: Path | str, allowed: Iterable[str]) -> CmpnetError:
    return UsageError(
        f"Results cannot be saved as '{path}'; its name must end in {listed(allowed)}."
    )


def bad_picture_file(path: Path | str) -> CmpnetError:
    return UsageError(
        f"A picture cannot be saved as '{path}'; its name must end in .svg, .png or .pdf."
    )


def bad_numbers_file(path: str) -> CmpnetError:
    return UsageError(
        f"The numbers of a picture cannot be written as '{path}'; its name must end in .csv."
    )


def needs_save(flag: str) -> CmpnetError:
    return UsageError(f"{flag} is for pictures in files; give --save FILE too.")


def bad_picture_size(flag: str, value: float, allowed: str) -> CmpnetError:
    return UsageError(f"{flag} is {value:g}; it must be {allowed}.")


def bad_label(text: str) -> CmpnetError:
    return UsageError(
        f"'{text}' gives no arm a name; write ARM=NAME, for example --label ws-aux='ours'."
    )


def unwritable(path: Path | str, what: str, error: BaseException) -> CmpnetError:
    return UnwritableError(
        f"Cannot write the {what} '{path}': {reason_of(error)}; give a path in a writable folder."
    )


def unreadable_export(path: Path | str, error: object) -> CmpnetError:
    """``error`` is an exception or a reason in words."""
    return unreadable(error)(
        f"'{path}' cannot be read: {reason_of(error)}; give a file that --export-json wrote."
    )


def newer_export(path: Path | str, schema: object, supported: int) -> CmpnetError:
    return VersionError(
        f"'{path}' has schema {schema}; this cmpnet reads schemas up to {supported}. "
        "Upgrade cmpnet."
    )


def unreadable_suite(path: Path | str, error: BaseException) -> CmpnetError:
    reason = reason_of(error) if isinstance(error, OSError) else "it is not UTF-8 text"
    return unreadable(error)(
        f"The suite file '{path}' cannot be read: {reason}; --suite takes a .toml file or a name "
        "that 'cmpnet list suites' shows."
    )


def not_toml(where: str, error: BaseException) -> CmpnetError:
    return UsageError(f"{where} is not TOML: {error}. The README shows a suite file.")


def bad_suite(where: str, key: str, reason: str) -> CmpnetError:
    """``where`` is the file, or the plugin's suite; ``key`` is the entry that is wrong."""
    return UsageError(f"{where} cannot be used: {key} {reason.removesuffix('.')}.")


def existing_file(path: Path) -> CmpnetError:
    return UsageError(f"'{path}' exists and was not changed; give another name, or remove it.")


def bad_new_name(name: str) -> CmpnetError:
    return UsageError(
        f"'{name}' cannot be the name of a new file; use letters, digits and '-', a letter first, "
        "such as my-net, and no name of a package that it imports."
    )
