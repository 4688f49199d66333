"""The entry point: signals, the command line, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cmpnet.runtime.process import finish, stop_tidily


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        args: arguments after the program's name; by default those of this process.

    Raises:
        SystemExit: always, with the exit code: 0 done; 1 an arm failed or diverged, or the run
            could not go on; 2 the call was wrong; 130 Ctrl-C; 143 SIGTERM.
    """
    words = [*(sys.argv[1:] if args is None else args)]
    code, state = 0, {"verbose": False, "command": ["cmpnet", *words]}
    with stop_tidily():
        try:
            from cmpnet.cli import command, flush, prepare_streams

            prepare_streams()
            with command.make_context("cmpnet", words) as ctx:
                ctx.obj = state
                command.invoke(ctx)
            flush()
        except BaseException as error:
            from cmpnet.cli.ending import exit_code

            code = exit_code(error, verbose=bool(state["verbose"]))
    if args is None:
        finish()
    sys.exit(code)


if __name__ == "__main__":
    main()
