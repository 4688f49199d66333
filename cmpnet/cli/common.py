"""What the commands share: option types, and turning errors into one sentence and an exit code."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cmpnet import errors
from cmpnet.errors import CmpnetError
from cmpnet.glyphs import ascii_letter, spelt

DONE, ARM_FAILED, WRONG_CALL = 0, 1, 2  # and 128 + the signal's number: 130 after Ctrl-C
VERBOSE = "cmpnet.verbose"  # where a command notes for the group that --verbose was given


def complain(sentence: str) -> None:
    """Print an error on stderr."""
    print(f"Error: {sentence}", file=sys.stderr)


def stopped(stop: KeyboardInterrupt) -> int:
    """Say how to go on after Ctrl-C or SIGTERM; the exit code, as shells give it."""
    number = signal.Signals(*stop.args or (signal.SIGINT,))
    complain(str(errors.stopped("Ctrl-C" if number == signal.SIGINT else number.name)))
    return 128 + number


def cut_off(error: OSError) -> int:
    """Say that stdout cannot be written; the exit code."""
    with open(os.devnull, "w") as nowhere:  # what is left in the buffer would fail once more
        os.dup2(nowhere.fileno(), 1)
    with contextlib.suppress(OSError):
        complain(str(errors.cut_off(error)))
    return ARM_FAILED


@contextlib.contextmanager
def under_way() -> Iterator[None]:
    """From here on an error is none of the call: what is finished is kept, and exit 1."""
    try:
        yield
    except CmpnetError as error:
        complain(str(error))
        raise typer.Exit(ARM_FAILED) from None


def warn(sentence: str) -> None:
    """Print advice on stderr."""
    print(f"Warning: {sentence}", file=sys.stderr)


def _nearest_ascii(error: UnicodeError) -> tuple[str, int]:
    """Letters that a stream cannot encode, in ASCII."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    return "".join(map(ascii_letter, spelt(letters))), error.end


def print_what_can_be_printed() -> None:
    """Where stdout or stderr has no Unicode, give it ASCII instead of a traceback."""
    codecs.register_error("cmpnet", _nearest_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="cmpnet")


class Group(TyperGroup):
    """The command group: a wrong call is one sentence and exit 2, Ctrl-C is exit 130."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CmpnetError as error:
            if ctx.meta.get(VERBOSE) and error.__cause__:
                traceback.print_exception(error.__cause__)
            complain(str(error))
            raise typer.Exit(WRONG_CALL) from None
        except KeyboardInterrupt as stop:
            raise typer.Exit(stopped(stop)) from None


def disabled_plugins(names: list[str] | None) -> list[str]:
    """The plugins switched off by --no-plugin and by CMPNET_DISABLE_PLUGINS."""
    variable = os.environ.get("CMPNET_DISABLE_PLUGINS", "").split(",")
    return [name.strip() for name in (*(names or []), *variable) if name.strip()]


def given_options(texts: list[str] | None, **shorthands: str | None) -> dict[str, str]:
    """``-o`` assignments and the shorthands that were given, by option name."""
    from cmpnet.arms import assignments

    given = [f"{name}={value}" for name, value in shorthands.items() if value is not None]
    return assignments([*given, *(texts or [])])


def whole_number(name: str, text: str, low: int, high: int) -> int:
    """A whole number from the command line, refused in the same words as any other option.

    Raises:
        CmpnetError: it is none, or out of its bounds.
    """
    from cmpnet.options import Option
    from cmpnet.spec import Bounds

    return int(Option(name, int, None, Bounds(low, high)).parse(text))


def seed_number(text: str) -> int:
    """The value of --seed.

    Raises:
        CmpnetError: it is not a whole number that a generator can be seeded with.
    """
    return whole_number("seed", text, 0, 2**32)


_RESULTS = "Results"

Options = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--option",
        metavar="NAME=VALUE",
        help="Any option that 'cmpnet show' lists; may be repeated.",
    ),
]
Seed = Annotated[str, typer.Option(metavar="N", help="Where data, weights and order come from.")]
StoreFolder = Annotated[
    Path,
    typer.Option(
        "--store",
        envvar="CMPNET_STORE",
        metavar="DIR",
        show_default=True,
        help="Folder where every finished repeat is kept.",
        rich_help_panel=_RESULTS,
    ),
]
STORE = Path(".cmpnet")
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh", help="Train again what the store already has.", rich_help_panel=_RESULTS
    ),
]
NoPlot = Annotated[
    bool, typer.Option("--no-plot", help="No picture at the end.", rich_help_panel=_RESULTS)
]


def _verbose(ctx: typer.Context, wanted: bool) -> bool:
    ctx.meta[VERBOSE] = wanted
    return wanted


Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", callback=_verbose, help="Show the traceback of what goes wrong."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
NoPlugin = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Switch a plugin distribution off; may be repeated."),
]
