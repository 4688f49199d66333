"""The kinds of error, by what went wrong; each has the exit status of the command line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator


class CmpnetError(Exception):
    """The call was wrong, or something that it needs is missing or broken.

    Attributes:
        exit_code: exit status of the command line; 2 before training has begun, 1 afterwards.
    """

    exit_code = 2


class UsageError(CmpnetError, ValueError):
    """An argument or a combination of arguments is not allowed."""


class UnknownNameError(CmpnetError, LookupError):
    """A name means nothing, or more than one thing."""


class MissingFileError(CmpnetError, FileNotFoundError):
    """A file or folder does not exist, or holds nothing of use."""


class UnreadableError(CmpnetError, OSError):
    """A file cannot be read, or its content is damaged."""


class UnwritableError(CmpnetError, OSError):
    """A file cannot be written; it may still be readable."""


class VersionError(CmpnetError, RuntimeError):
    """A file was written by another version of cmpnet."""


class PluginError(CmpnetError, RuntimeError):
    """A plugin, or a record of the caller's own, is broken or breaks its promises."""


class NoDataError(UsageError):
    """A task has no data until an option of it is given."""


class NoValueError(UsageError):
    """A parameter has no default, and no value was given.

    Attributes:
        parameters: names of such parameters.
    """

    def __init__(self, message: str, parameters: Iterable[str]) -> None:
        super().__init__(message)
        self.parameters = tuple(parameters)


class MissingPackageError(CmpnetError, ImportError):
    """An optional package is not installed."""


@contextlib.contextmanager
def during_run() -> Iterator[None]:
    """Let errors exit with 1 instead of 2: training has begun, and finished repeats are kept."""
    try:
        yield
    except CmpnetError as error:
        error.exit_code = 1
        raise
