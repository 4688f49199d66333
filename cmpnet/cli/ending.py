"""How a command ends: one sentence on stderr and an exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback

import typer

from cmpnet import errors
from cmpnet.errors import CmpnetError
from cmpnet.runtime.process import name_of

FAILED, WRONG_CALL = 1, 2
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # what a stream to a file may meet


def exit_code(error: BaseException, *, verbose: bool = False) -> int:
    """Say what ended a command, and return the exit code; an error of our own is raised again."""
    match error:
        case typer.Exit():
            return error.exit_code
        case CmpnetError():
            if verbose and error.__cause__:
                traceback.print_exception(error.__cause__)
            complain(str(error))
            return error.exit_code
        case typer.TyperException():
            complain(_sentence(error))
            return WRONG_CALL
        case KeyboardInterrupt():
            name, code = name_of(error)
            complain(str(errors.stopped(name)))
            return code
        case OSError() if not error.filename and error.errno in (*FULL, errno.EPIPE):
            return _cut_off(error)
    raise error


def complain(sentence: str) -> None:
    """Print an error on stderr."""
    print(f"Error: {sentence}", file=sys.stderr)


def warn(sentence: str) -> None:
    """Print advice on stderr."""
    print(f"Warning: {sentence}", file=sys.stderr)


def _sentence(error: typer.TyperException) -> str:
    """Typer's message, and where the help is."""
    ctx = getattr(error, "ctx", None)
    where = f" See '{ctx.command_path} --help'." if ctx else ""
    message = error.format_message().replace("\n", " ").replace("Value error, ", "")
    return message + ("" if message.endswith((".", "?")) else ".") + where


def _cut_off(error: OSError) -> int:
    """Say that stdout can no longer be written, unless its reader has gone."""
    with open(os.devnull, "w") as nowhere:  # what is left in the buffer would fail once more
        os.dup2(nowhere.fileno(), 1)
    if error.errno != errno.EPIPE:
        with contextlib.suppress(OSError):
            complain(str(errors.cut_off(error)))
    return FAILED
